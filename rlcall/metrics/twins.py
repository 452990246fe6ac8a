"""Rows against their twins, which have one thing less: procedure, or a template that was learned?

twin_metrics(rows, completions, "smollm2", clusters)["all"].drop     # Estimate(value=0.31, ...)

`rlcall.tasks.twins.twins` makes twins, and `rlcall.metrics.template_rate` says what a template is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rlcall.data.rows import Row
from rlcall.metrics.intervals import Estimate, Numbers, difference_estimate, mean_estimate
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.rates import column
from rlcall.metrics.template_rate import is_template
from rlcall.tasks.twins.twins import kind_of, original_id

ALL = "all"


@dataclass(frozen=True)
class TwinMetrics:
    """Strict accuracy on rows and on their twins, the drop between them, and the template rate."""

    n: Estimate
    n_minus_1: Estimate
    template: Estimate
    drop: Estimate


class _TwinOutcome(NamedTuple):
    kind: str
    row_cluster: int
    row_right: float
    twin_right: float
    template: float | None


def twin_metrics(
    rows: Sequence[Row],
    completions: Sequence[JudgedCompletion],
    wire: str,
    clusters: Numbers,
    seed: int = 0,
) -> dict[str, TwinMetrics]:
    """Return the metrics over all twins, as ALL, and by kind; {} where there are no twins.

    A row counts once for each of its twins and samples. A pair is in its row's cluster.
    ValueError as of `check_twins`.
    """
    check_twins(rows)
    by_kind: dict[str, list[_TwinOutcome]] = {ALL: []}
    for outcome in _outcomes(rows, completions, wire, clusters):
        by_kind[ALL].append(outcome)
        by_kind.setdefault(outcome.kind, []).append(outcome)
    if not by_kind[ALL]:
        return {}
    return {kind: _metrics_of(outcomes, seed) for kind, outcomes in by_kind.items()}


def check_twins(rows: Sequence[Row]) -> None:
    """Raise ValueError where a twin is among the rows without the row that it is compared with."""
    ids = {row.id for row in rows}
    for row in rows:
        if row.id is not None and kind_of(row.id) and original_id(row.id) not in ids:
            raise ValueError(
                f"twin {row.id!r} is here without its row: put {original_id(row.id)!r} in as well"
            )


def _outcomes(
    rows: Sequence[Row], completions: Sequence[JudgedCompletion], wire: str, clusters: Numbers
) -> Iterator[_TwinOutcome]:
    indices = {
        (completion.id, completion.sample): index for index, completion in enumerate(completions)
    }
    for completion in completions:
        kind = completion.id and kind_of(completion.id)
        if not completion.id or not kind:
            continue
        index = indices[original_id(completion.id), completion.sample]
        original = completions[index]
        row, twin = rows[original.row], rows[completion.row]
        template = None
        if row.answer != twin.answer:
            template = float(is_template(completion.completion, row, twin, wire))
        row_right, twin_right = float(bool(original.correct)), float(bool(completion.correct))
        yield _TwinOutcome(kind, int(clusters[index]), row_right, twin_right, template)


def _metrics_of(outcomes: Sequence[_TwinOutcome], seed: int) -> TwinMetrics:
    clusters = np.array([outcome.row_cluster for outcome in outcomes], dtype=np.intp)
    row_right = column([outcome.row_right for outcome in outcomes])
    twin_right = column([outcome.twin_right for outcome in outcomes])
    template = column([outcome.template for outcome in outcomes])
    return TwinMetrics(
        n=mean_estimate(row_right, clusters, seed),
        n_minus_1=mean_estimate(twin_right, clusters, seed),
        template=mean_estimate(template, clusters, seed),
        drop=difference_estimate(row_right - twin_right, clusters, seed),
    )
