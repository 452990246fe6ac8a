"""Curves out of the runs' logs: a figure over steps or seconds of training, the mean over seeds.

curve(method, "rules/correct")             # while training, on what it sampled
curve(method, "validation/accuracy")       # on validation rows
# Curve(steps=[10, 20], seconds=[61.2, 120.9], value=[0.31, 0.44], low=[...], high=[...])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rlcall.compare.cost import phase_start
from rlcall.compare.estimates import over_seeds
from rlcall.compare.methods import MethodRuns
from rlcall.compare.runs import ComparedRun
from rlcall.metrics.intervals import Array, Estimate, wilson_interval

LINES_IN_MEAN = 20
"""Curves of sampled figures are drawn as running means over a twentieth of their lines."""


@dataclass(frozen=True)
class Curve:
    """A number for each step that all seeds have logged; `low` and `high` are NaN where unknown."""

    steps: Array
    seconds: Array
    value: Array
    low: Array
    high: Array


def curve(method: MethodRuns, key: str) -> Curve | None:
    """Return the curve of a key; None where no line, or not one step of all seeds, has it.

    The interval of an accuracy is Wilson's, of the mean over seeds that of
    `rlcall.compare.estimates`, and of anything else with several seeds Student's over the seeds.
    """
    lines_of_runs = [_lines_by_step(run, key) for run in method.runs]
    starts = [phase_start(run.log, run.method) for run in method.runs]
    steps = sorted(set.intersection(*map(set, lines_of_runs)))
    if not steps:
        return None
    seconds, estimates = [], []
    for step in steps:
        lines = [lines[step] for lines in lines_of_runs]
        estimates.append(over_seeds([_estimate(line, key) for line in lines]))
        # The mean over the seeds of the seconds since each run's method began.
        ends = [line["seconds"] for line in lines]
        seconds.append(float(np.mean(ends) - np.mean(starts)))
    value, low, high = np.array([estimate[:3] for estimate in estimates], dtype=float).T
    return Curve(np.array(steps, dtype=float), np.array(seconds), value, low, high)


def _lines_by_step(run: ComparedRun, key: str) -> dict[int, dict[str, Any]]:
    """Return the lines of the method's own phase that have the key, by step."""
    lines = {}
    for line in run.log:
        if line["phase"] == run.method and line.get(key) is not None:
            lines[line["step"]] = line
    return lines


def _estimate(line: dict[str, Any], key: str) -> Estimate:
    value = float(line[key])
    if key == "validation/accuracy" and "validation/correct" in line:
        n = int(line["validation/rows"])
        return Estimate(value, *wilson_interval(int(line["validation/correct"]), n), n)
    return Estimate(value, value, value, 1)


def running_mean(values: Array) -> Array:
    """Return the mean of each value and those around it, a twentieth of all; fewer at the ends."""
    half = len(values) // LINES_IN_MEAN // 2
    means = []
    for index in range(len(values)):
        start = max(index - half, 0)
        means.append(values[start : index + half + 1].mean())
    return np.array(means)


def names_below(methods: Sequence[MethodRuns], prefix: str) -> list[str]:
    """Return the names below a prefix in any log, such as the rules of `validation/rules/`."""
    names: dict[str, None] = {}
    for method in methods:
        for run in method.runs:
            for line in run.log:
                for key in line:
                    name = key.removeprefix(prefix)
                    if name != key and "/" not in name:
                        names[name] = None
    return list(names)
