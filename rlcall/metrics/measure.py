"""All metrics of an evaluation, and the same of the policies that need no model beside them.

found = measure(rows, records, "smollm2")
found["all"]["malformed"], found["tasks"]["nested"]["accuracy"], found["pass"]["pass@8"]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from rlcall.data.rows import Row
from rlcall.metrics.baselines import POLICIES, baseline_records
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.diversity import diversity
from rlcall.metrics.formats import formats
from rlcall.metrics.passes import passes
from rlcall.metrics.rates import rates, rules
from rlcall.metrics.record import Record
from rlcall.metrics.twins import twin_rates
from rlcall.reward import Reward

Found = dict[str, Any]  # of Estimates, and of such dicts


def measure(rows: Sequence[Row], records: Sequence[Record], wire: str, seed: int = 0) -> Found:
    """Every metric. `records` are in the rows' order, a row's samples side by side, as many for each row.

    ValueError where they are not, where there are none, and where a twin is there without its row.
    """
    samples = _samples(rows, records)
    clusters = clusters_of(rows)
    of_records = clusters.numbers[[record.row for record in records]]
    return {
        "rows": len(rows),
        "samples": samples,
        "clusters": {"kind": clusters.kind, "count": clusters.count},
        "all": rates(records, of_records, seed),
        "rules": rules(records, of_records, seed),
        "tasks": _by_task(rows, records, seed),
        "pass": passes(records, of_records, samples, seed),
        "formats": formats(records, of_records, seed),
        "diversity": diversity(records, of_records, samples, seed),
        "twins": twin_rates(rows, records, wire, of_records, seed),
    }


def measure_baselines(
    rows: Sequence[Row], wire: str, reward: Reward, seed: int = 0, samples: int = 1
) -> Found:
    """Policy -> every metric, of so many completions for each row."""
    records = partial(
        baseline_records, rows=rows, wire=wire, reward=reward, seed=seed, samples=samples
    )
    return {name: measure(rows, records(name), wire, seed) for name in POLICIES}


def _samples(rows: Sequence[Row], records: Sequence[Record]) -> int:
    if not rows:
        raise ValueError("there are no rows to measure on")
    samples = len(records) // len(rows)
    wanted = [(row, sample) for row in range(len(rows)) for sample in range(samples)]
    if not samples or [(record.row, record.sample) for record in records] != wanted:
        raise ValueError(
            f"{len(records)} completions are not as many for each of {len(rows)} rows, in their order"
        )
    return samples


def _by_task(rows: Sequence[Row], records: Sequence[Record], seed: int) -> Found:
    """Rates and rules over the rows of each task, in the order in which tasks first occur; {} where rows name none."""
    found = {}
    for task in dict.fromkeys(row.task for row in rows if row.task is not None):
        places = [index for index, row in enumerate(rows) if row.task == task]
        numbers = dict(
            zip(places, clusters_of([rows[place] for place in places]).numbers, strict=True)
        )
        mine = [record for record in records if record.row in numbers]
        of_mine = np.array([numbers[record.row] for record in mine])
        found[task] = {"rates": rates(mine, of_mine, seed), "rules": rules(mine, of_mine, seed)}
    return found


def as_json(found: Any) -> Any:
    """Metrics as JSON: an estimate is {"value", "low", "high", "n"}."""
    if hasattr(found, "to_json"):
        return found.to_json()
    return (
        {name: as_json(part) for name, part in found.items()} if isinstance(found, dict) else found
    )
