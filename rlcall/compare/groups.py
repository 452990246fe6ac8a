"""Which runs are one method: each run by itself, or under --seeds all runs of one name that differ in their seed.

groups = group_runs(runs, by_seed=True)     # [Group("base", ...), Group("sft", runs=(seed 0, seed 1, seed 2)), ...]
reference(groups, against=None).name        # "sft"
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from rlcall.compare.runs import CompareError, Run
from rlcall.train.settings import INCIDENTAL

# Keys that two runs of one method may differ in: the seeds make a run another draw of the same.
FREE = INCIDENTAL | {"seed", "data_seed"}
_SEED = re.compile(r"[-_. ]?(seed|s)?[-_. ]?\d+$")


@dataclass(frozen=True)
class Group:
    """Runs of one method under one name, by their seeds."""

    name: str
    runs: tuple[Run, ...]

    @property
    def method(self) -> str:
        return self.runs[0].method

    @property
    def seeds(self) -> tuple[int | None, ...]:
        return tuple(run.seed for run in self.runs)


def group_runs(runs: Sequence[Run], by_seed: bool) -> list[Group]:
    """In the order given. CompareError where a run is given twice, and where runs of one name are not one method."""
    if twice := [
        path for path, count in Counter(run.path.resolve() for run in runs).items() if count > 1
    ]:
        raise CompareError(f"{twice[0]}: is given twice")
    if not by_seed:
        return [
            Group(name, (run,))
            for name, run in zip(_labels([run.path for run in runs]), runs, strict=True)
        ]
    named: dict[str, list[Run]] = {}
    for run in runs:
        named.setdefault(name_of(run.path), []).append(run)
    for same in named.values():
        _check_seeds(same)
    return [
        Group(name, tuple(sorted(same, key=lambda run: run.seed or 0)))
        for name, same in named.items()
    ]


def name_of(path: Path) -> str:
    """A run's name without its seed: `grpo` of runs/grpo-seed1, runs/seed-1/grpo and runs/grpo/seed1."""
    path = path.resolve()
    return _SEED.sub("", path.name) or path.parent.name


def _labels(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of paths that tell them all apart."""
    parts = [path.resolve().parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        labels = ["/".join(one[-length:]) for one in parts]
        if len(set(labels)) == len(labels):
            break
    return labels


def _check_seeds(runs: Sequence[Run]) -> None:
    for one, two in combinations(runs, 2):
        pair = f"{one.path} and {two.path} have one name"
        if one.method != two.method:
            raise CompareError(
                f"{pair}, but their methods are {one.method} and {two.method}; rename a folder"
            )
        if key := next(_differing(one, two), None):
            said = f"{key} is {one.config.get(key)!r} in the one and {two.config.get(key)!r} in the other"
            raise CompareError(
                f"{pair} and differ in more than the seed: {said}. Rename a folder, or leave out --seeds"
            )
        if one.seed == two.seed:
            seed = "no seed, being untrained" if one.seed is None else f"the same seed, {one.seed}"
            raise CompareError(f"{pair} and {seed}; give one of them, or leave out --seeds")


def _differing(one: Run, two: Run) -> Iterator[str]:
    """The keys in which two configs differ, paths taken as seen from the run: each seed may have its own warm start."""
    for key in {**one.config, **two.config}:
        first, second = (_place(run.config.get(key), run) for run in (one, two))
        if (
            key not in FREE
            and first != second
            and _without(first, one.seed) != _without(second, two.seed)
        ):
            yield key


def _place(value: Any, run: Run) -> Any:
    return run.seen(value) if isinstance(value, str) and os.sep in value else value


def _without(value: Any, seed: int | None) -> Any:
    """A path without the seed in it: `../warm-seed1` and `pairs-1.jsonl`."""
    if not isinstance(value, str):
        return value
    return re.sub(rf"(?<![a-zA-Z])(seed|s)[-_.]?{seed}(?!\d)|[-_.]{seed}(?=[/.]|$)", "", value)


def reference(groups: Sequence[Group], against: Path | None) -> Group:
    """The group that the others are set against: the one named, or SFT on gold answers. CompareError where unclear."""
    if against is not None:
        return _named(groups, against)
    found = [group for group in groups if group.method == "sft" and _is_gold(group)]
    named = [group for group in found if group.name == "sft"]
    if len(found) != 1 and len(named) != 1:
        said = (
            "none of the runs is"
            if not found
            else f"{', '.join(group.name for group in found)} are all"
        )
        raise CompareError(
            f"{said} SFT on gold answers; name the one to set the others against with --against RUN"
        )
    return (named or found)[0]


def _is_gold(group: Group) -> bool:
    return group.runs[0].config.get("completions", "gold") == "gold"


def _named(groups: Sequence[Group], against: Path) -> Group:
    for group in groups:
        if str(against) == group.name or against.resolve() in [
            run.path.resolve() for run in group.runs
        ]:
            return group
    raise CompareError(
        f"--against {against}: is none of the runs; they are {', '.join(g.name for g in groups)}"
    )
