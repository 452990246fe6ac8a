"""All metrics of an evaluation, and those of the policies that need no model.

metrics = measure(rows, completions, "smollm2")
metrics.rates["malformed"], metrics.tasks["nested"].rates["accuracy"], metrics.passes["pass@8"]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from rlcall.data.rows import Row
from rlcall.metrics.baselines import POLICIES, baseline_completions
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.diversity import diversity
from rlcall.metrics.formats import FormatMetrics, measure_formats
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.passes import passes
from rlcall.metrics.rates import Estimates, rates, rules
from rlcall.metrics.twins import TwinMetrics, twin_metrics
from rlcall.reward import Reward


@dataclass(frozen=True)
class ClusterCount:
    """The clusters that intervals are over: by "tools" or "rows", and how many."""

    kind: str
    count: int


@dataclass(frozen=True)
class TaskMetrics:
    """The rates and rules over the rows of one task."""

    rates: Estimates
    rules: Estimates


@dataclass(frozen=True)
class Metrics:
    """Every metric of an evaluation with its interval; docs/metrics.md defines them.

    `tasks` is empty where rows name none, `twins` where there are none, and `diversity` where
    each row has one completion.
    """

    rows: int
    samples: int
    clusters: ClusterCount
    rates: Estimates
    rules: Estimates
    tasks: dict[str, TaskMetrics]
    passes: Estimates
    formats: FormatMetrics
    diversity: Estimates
    twins: dict[str, TwinMetrics]

    def to_json(self) -> dict[str, Any]:
        """Return what `metrics.json` holds; an estimate is {"value", "low", "high", "n"}."""
        return as_json(
            {
                "rows": self.rows,
                "samples": self.samples,
                "clusters": self.clusters,
                "all": self.rates,
                "rules": self.rules,
                "tasks": self.tasks,
                "pass": self.passes,
                "formats": self.formats,
                "diversity": self.diversity,
                "twins": self.twins,
            }
        )


def measure(
    rows: Sequence[Row], completions: Sequence[JudgedCompletion], wire: str, seed: int = 0
) -> Metrics:
    """Return every metric.

    `completions` are in the rows' order, a row's samples next to each other, as many for each row.
    ValueError where they are not, where there are none, and where a twin is there without its row.
    """
    samples = _samples(rows, completions)
    clusters = clusters_of(rows)
    numbers = clusters.numbers[[completion.row for completion in completions]]
    return Metrics(
        rows=len(rows),
        samples=samples,
        clusters=ClusterCount(clusters.kind, clusters.count),
        rates=rates(completions, numbers, seed),
        rules=rules(completions, numbers, seed),
        tasks=_by_task(rows, completions, seed),
        passes=passes(completions, numbers, samples, seed),
        formats=measure_formats(completions, numbers, seed),
        diversity=diversity(completions, numbers, samples, seed),
        twins=twin_metrics(rows, completions, wire, numbers, seed),
    )


def measure_baselines(
    rows: Sequence[Row], wire: str, reward: Reward, seed: int = 0, samples: int = 1
) -> dict[str, Metrics]:
    """Return every metric by policy, of that many completions for each row."""
    metrics = {}
    for policy in POLICIES:
        completions = baseline_completions(policy, rows, wire, reward, seed, samples)
        metrics[policy] = measure(rows, completions, wire, seed)
    return metrics


def _samples(rows: Sequence[Row], completions: Sequence[JudgedCompletion]) -> int:
    if not rows:
        raise ValueError("there are no rows to measure on")
    samples = len(completions) // len(rows)
    expected = [(row, sample) for row in range(len(rows)) for sample in range(samples)]
    order = [(completion.row, completion.sample) for completion in completions]
    if not samples or order != expected:
        raise ValueError(
            f"{len(completions)} completions are not as many for each of {len(rows)} rows, "
            "in their order"
        )
    return samples


def _by_task(
    rows: Sequence[Row], completions: Sequence[JudgedCompletion], seed: int
) -> dict[str, TaskMetrics]:
    """Return metrics over the rows of each task, in the order in which tasks first occur."""
    rows_of_task: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        if row.task is not None:
            rows_of_task.setdefault(row.task, []).append(index)
    metrics = {}
    for task, indices in rows_of_task.items():
        # A task's clusters are its own: ten may be enough among all rows, and not in a task.
        clusters = clusters_of([rows[index] for index in indices]).numbers
        cluster_of_row = dict(zip(indices, clusters, strict=True))
        of_task = [completion for completion in completions if completion.row in cluster_of_row]
        numbers = np.array([cluster_of_row[completion.row] for completion in of_task])
        metrics[task] = TaskMetrics(rates(of_task, numbers, seed), rules(of_task, numbers, seed))
    return metrics


def as_json(value: Any) -> Any:
    """Return metrics, estimates, and dicts of them as JSON."""
    if isinstance(value, Metrics | Estimate):
        return value.to_json()
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: as_json(member) for name, member in value.items()}
    return value
