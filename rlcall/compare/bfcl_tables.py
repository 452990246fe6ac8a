"""BFCL by its own checker: each method's scores, and its differences from the reference.

for table in bfcl_tables(comparison, comparison.evaluations["bfcl"]):
    print(table.markdown())
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rlcall.compare.comparison import ComparedEvaluation, Comparison
from rlcall.compare.estimates import over_seeds, reach_of_difference, widen
from rlcall.compare.evaluation_tables import BOLD, kind_of
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.rates import Estimates
from rlcall.show.figures import change, percent
from rlcall.show.table import Cell, Line, Table
from rlcall.suites.bfcl_scores import gains, scores

Verdicts = Sequence[bool | None]


def bfcl_tables(comparison: Comparison, compared: ComparedEvaluation) -> list[Table]:
    """Return the two tables; none where the evaluation is not of the suite."""
    verdicts_of = _verdicts(compared)
    if not verdicts_of:
        return []
    scores_of = {}
    for name, verdicts in verdicts_of.items():
        scores_of[name] = [scores(compared.rows, of_seed) for of_seed in verdicts]
    reference = comparison.reference.name
    categories = {}
    for category, estimate in scores_of[reference][0].items():
        if estimate.n:
            categories[category] = f"{category} ({estimate.n:,})"

    levels, differences = [], []
    for name, seeds in scores_of.items():
        kind = kind_of(comparison, name)
        cells = []
        for category in categories:
            of_seeds = [seed[category] for seed in seeds]
            cells.append(percent(over_seeds(of_seeds)))
        levels.append(Line(name, cells, kind))
        if name != reference:
            cells = _difference_cells(
                comparison, compared, name, verdicts_of, scores_of, categories
            )
            differences.append(Line(name, cells, kind))
    columns = ["", *categories.values()]
    levels_note = "In %; how many entries a category has is in brackets."
    differences_note = (
        f"In percentage points, each entry against itself: the method minus {reference}. {BOLD}"
    )
    return [
        Table("BFCL, by its own checker", levels_note, columns, levels),
        Table(f"BFCL, against {reference}", differences_note, columns, differences),
    ]


def _verdicts(compared: ComparedEvaluation) -> dict[str, list[Verdicts]]:
    """Return the checker's verdicts for each seed, and for the policies; {} of other rows."""
    verdicts_of: dict[str, list[Verdicts]] = {}
    for name, evaluations in compared.evaluations.items():
        verdicts_of[name] = [evaluation.bfcl.get("bfcl", []) for evaluation in evaluations]
        if not all(verdicts_of[name]):
            return {}
    for policy in POLICIES:
        verdicts_of[policy] = [compared.first.bfcl[policy]]
    return verdicts_of


def _difference_cells(
    comparison: Comparison,
    compared: ComparedEvaluation,
    name: str,
    verdicts_of: Mapping[str, Sequence[Verdicts]],
    scores_of: Mapping[str, Sequence[Estimates]],
    categories: Mapping[str, str],
) -> list[Cell]:
    """Return a method's differences from the reference by category, over entries and seeds."""
    reference = comparison.reference
    before = _mean_verdicts(verdicts_of[reference.name])
    after = _mean_verdicts(verdicts_of[name])
    over_entries = gains(compared.rows, before, after)
    same_seeds = False
    for method in comparison.methods:
        same_seeds |= method.name == name and method.seeds == reference.seeds
    cells = []
    for category in categories:
        reach = reach_of_difference(
            _values(scores_of[name], category),
            _values(scores_of[reference.name], category),
            same_seeds,
        )
        difference = widen(over_entries[category], reach, -1.0, 1.0)
        cells.append(change(difference))
    return cells


def _mean_verdicts(seeds: Sequence[Verdicts]) -> list[float]:
    """Return by entry the part of the seeds that are right; NaN where a verdict is unknown."""
    return np.array(seeds, dtype=float).mean(axis=0).tolist()


def _values(seeds: Sequence[Mapping[str, Estimate]], category: str) -> list[float]:
    return [seed[category].value or 0.0 for seed in seeds]
