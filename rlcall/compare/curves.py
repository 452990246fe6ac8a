"""Curves out of the runs' logs: a figure over the steps or the seconds of training, the mean over a method's seeds.

curve(group, "rules/correct")             # while training, on what it sampled
curve(group, "validation/accuracy")       # on validation rows
# Curve(steps=[10, 20], seconds=[61.2, 120.9], value=[0.31, 0.44], low=[0.22, 0.35], high=[0.41, 0.54])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rlcall.compare.cost import begin
from rlcall.compare.estimates import over_seeds
from rlcall.compare.groups import Group
from rlcall.compare.runs import Run
from rlcall.metrics.intervals import Array, Estimate, wilson_interval

Log = Sequence[dict[str, Any]]
LINES_IN_MEAN = 20
"""Curves of sampled figures are drawn as running means over a twentieth of their lines."""


@dataclass(frozen=True)
class Curve:
    """One number for each step that all seeds have logged; `low` and `high` are NaN where no interval is known."""

    steps: Array
    seconds: Array
    value: Array
    low: Array
    high: Array


def curve(group: Group, key: str) -> Curve | None:
    """None where no line, or not one step of all seeds, has the key.

    The interval of an accuracy is Wilson's, of the mean over seeds that of `rlcall.compare.estimates`, and of anything
    else with several seeds Student's over the seeds.
    """
    logs = [_points(run, key) for run in group.runs]
    steps = sorted(set.intersection(*(set(points) for points in logs)))
    if not steps:
        return None
    found = [over_seeds([_estimate(points[step][1], key) for points in logs]) for step in steps]
    seconds = [float(np.mean([points[step][0] for points in logs])) for step in steps]
    columns = np.array([one[:3] for one in found], dtype=float).T
    return Curve(np.array(steps, dtype=float), np.array(seconds), *columns)


def _points(run: Run, key: str) -> dict[int, tuple[float, dict[str, Any]]]:
    """Step -> the seconds of training since the method began, and the line."""
    start = begin(run.log, run.method)
    lines = (line for line in run.log if line["phase"] == run.method and line.get(key) is not None)
    return {line["step"]: (line["seconds"] - start, line) for line in lines}


def _estimate(line: dict[str, Any], key: str) -> Estimate:
    value = float(line[key])
    if key == "validation/accuracy" and "validation/correct" in line:
        n = int(line["validation/rows"])
        return Estimate(value, *wilson_interval(int(line["validation/correct"]), n), n)
    return Estimate(value, value, value, 1)


def running(values: Array) -> Array:
    """The mean of each value and those around it, a twentieth of all; fewer at the ends."""
    half = len(values) // LINES_IN_MEAN // 2
    return np.array(
        [values[max(place - half, 0) : place + half + 1].mean() for place in range(len(values))]
    )


def keys_of(groups: Sequence[Group], prefix: str) -> list[str]:
    """The names below a prefix in any log, in order of their first line: rules of `validation/rules/`."""
    keys = [key for group in groups for run in group.runs for line in run.log for key in line]
    found = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
    return [name for name in dict.fromkeys(found) if "/" not in name]
