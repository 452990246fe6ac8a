"""Rows against their twins, which have one thing less: does a model follow what it is shown, or what it has learned?

twin_rates(rows, records, "smollm2", clusters)["all"]["drop"]     # Estimate(value=0.31, ...)

`rlcall.tasks.twins.twins` makes twins, and `rlcall.metrics.template_rate` says what a template is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rlcall.data.rows import Row
from rlcall.metrics.intervals import Estimate, Numbers, differences, means
from rlcall.metrics.rates import column
from rlcall.metrics.record import Record
from rlcall.metrics.template_rate import is_template
from rlcall.tasks.twins.twins import kind_of, original_id

ALL = "all"


class _Pair(NamedTuple):
    kind: str
    place: int  # of the row's record
    row_right: float
    twin_right: float
    template: float | None


def twin_rates(
    rows: Sequence[Row], records: Sequence[Record], wire: str, clusters: Numbers, seed: int = 0
) -> dict[str, dict[str, Estimate]]:
    """Accuracy on rows (`n`) and on their twins (`n_minus_1`), `drop`, and `template` rate: over all and per kind.

    A row counts once for each of its twins and samples. A pair is in its row's cluster. {} where there are no twins;
    ValueError as of `check_twins`.
    """
    check_twins(rows)
    found = list(_pairs(rows, records, wire))
    if not found:
        return {}
    kinds = {
        kind: [pair for pair in found if pair.kind == kind]
        for kind in dict.fromkeys(pair.kind for pair in found)
    }
    return {kind: _rates(pairs, clusters, seed) for kind, pairs in {ALL: found, **kinds}.items()}


def check_twins(rows: Sequence[Row]) -> None:
    """ValueError where a twin is among the rows without its row: there is nothing to hold it against."""
    ids = {row.id for row in rows}
    for row in rows:
        if row.id is not None and kind_of(row.id) and original_id(row.id) not in ids:
            raise ValueError(
                f"twin {row.id!r} is here without its row: put {original_id(row.id)!r} in as well"
            )


def _pairs(rows: Sequence[Row], records: Sequence[Record], wire: str) -> Iterator[_Pair]:
    places = {(record.id, record.sample): place for place, record in enumerate(records)}
    for record in records:
        if record.id is None or not (kind := kind_of(record.id)):
            continue
        place = places[original_id(record.id), record.sample]
        row, twin = rows[records[place].row], rows[record.row]
        changed = row.answer != twin.answer
        template = float(is_template(record.completion, row, twin, wire)) if changed else None
        yield _Pair(
            kind, place, float(bool(records[place].correct)), float(bool(record.correct)), template
        )


def _rates(pairs: Sequence[_Pair], clusters: Numbers, seed: int) -> dict[str, Estimate]:
    values = {
        "n": column([pair.row_right for pair in pairs]),
        "n_minus_1": column([pair.twin_right for pair in pairs]),
        "template": column([pair.template for pair in pairs]),
    }
    mine = clusters[[pair.place for pair in pairs]]
    found = dict(
        zip(values, means(np.stack(list(values.values()), axis=1), mine, seed), strict=True)
    )
    (drop,) = differences((values["n"] - values["n_minus_1"])[:, None], mine, seed)
    return {**found, "drop": drop}
