"""BFCL by its own checker: each method's scores, and what it has over the reference, entry by entry.

for table in bfcl_tables(comparison, comparison.evaluations["bfcl"]): print(table.markdown())
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rlcall.compare.comparison import Compared, Comparison
from rlcall.compare.estimates import over_seeds, reach_of_difference, widen
from rlcall.compare.tables import BOLD, kind_of
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.intervals import Estimate
from rlcall.show.figures import change, percent
from rlcall.show.table import Cell, Line, Table
from rlcall.suites.bfcl_scores import gains, scores

Scores = dict[str, Estimate]


def bfcl_tables(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    """None where the evaluation is not of the suite."""
    judged = {
        name: [one.bfcl.get("bfcl", []) for one in found]
        for name, found in compared.evaluated.items()
    }
    if not all(verdicts for seeds in judged.values() for verdicts in seeds):
        return
    judged |= {name: [compared.first.bfcl[name]] for name in POLICIES}
    each = {
        name: [scores(compared.rows, verdicts) for verdicts in seeds]
        for name, seeds in judged.items()
    }
    chosen = comparison.reference.name
    shown = {key: f"{key} ({one.n:,})" for key, one in each[chosen][0].items() if one.n}

    def table(title: str, note: str, cells: dict[str, list[Cell]]) -> Table:
        lines = [Line(name, of, kind_of(comparison, name)) for name, of in cells.items()]
        return Table(title, note, ["", *shown.values()], lines)

    levels = {
        name: [percent(over_seeds([one[key] for one in seeds])) for key in shown]
        for name, seeds in each.items()
    }
    yield table(
        "BFCL, by its own checker", "In %; how many entries a category has is in brackets.", levels
    )
    note = f"In percentage points, each entry against itself: the method minus {chosen}. {BOLD}"
    means = {
        name: np.mean(np.array(seeds, dtype=float), axis=0).tolist()
        for name, seeds in judged.items()
    }
    gained = {
        name: gains(compared.rows, means[chosen], mine)
        for name, mine in means.items()
        if name != chosen
    }
    cells = {}
    for name, one in gained.items():
        found = _with_seeds(one, each[name], each[chosen], _paired(comparison, name))
        cells[name] = [change(found[key]) for key in shown]
    yield table(f"BFCL, against {chosen}", note, cells)


def _paired(comparison: Comparison, name: str) -> bool:
    """Whether a method has the reference's seeds."""
    return any(
        group.name == name and group.seeds == comparison.reference.seeds
        for group in comparison.groups
    )


def _with_seeds(
    gained: Scores, mine: Sequence[Scores], theirs: Sequence[Scores], paired: bool
) -> Scores:
    """What is gained over rows, with how far seeds reach."""
    return {
        key: widen(one, _reach(key, mine, theirs, paired), -1.0, 1.0) for key, one in gained.items()
    }


def _reach(key: str, mine: Sequence[Scores], theirs: Sequence[Scores], paired: bool) -> float:
    ours, others = ([one[key].value or 0.0 for one in side] for side in (mine, theirs))
    return reach_of_difference(ours, others, paired)
