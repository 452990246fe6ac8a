"""Runs as methods: each by itself, or under --seeds all of one name that differ in their seed.

methods = group_runs(runs, by_seed=True)
# [MethodRuns("base", ...), MethodRuns("sft", runs=(seed 0, seed 1, seed 2)), ...]
find_reference(methods, against=None).name        # "sft"
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from rlcall.compare.runs import ComparedRun, CompareError
from rlcall.train.settings import INCIDENTAL

# Keys that runs of one method may differ in: the seeds make a run another draw of the same.
FREE = INCIDENTAL | {"seed", "data_seed"}
_SEED_AT_END = re.compile(r"[-_. ]?(seed|s)?[-_. ]?\d+$")


@dataclass(frozen=True)
class MethodRuns:
    """Runs of one method under one name, by their seeds."""

    name: str
    runs: tuple[ComparedRun, ...]

    @property
    def method(self) -> str:
        """`sft`, `dpo`, `grpo` or `untrained`."""
        return self.runs[0].method

    @property
    def seeds(self) -> tuple[int | None, ...]:
        """The seed of each run."""
        return tuple(run.seed for run in self.runs)

    def named_runs(self) -> Iterator[tuple[str, ComparedRun]]:
        """Yield each run under the method's name, and its seed where there are several."""
        for run in self.runs:
            name = self.name if len(self.runs) == 1 else f"{self.name}, seed {run.seed}"
            yield name, run


def group_runs(runs: Sequence[ComparedRun], by_seed: bool) -> list[MethodRuns]:
    """Return the methods in the order of their first runs.

    CompareError where a run is given twice, and where runs of one name are not one method.
    """
    paths = set()
    for run in runs:
        if run.path.resolve() in paths:
            raise CompareError(f"{run.path.resolve()}: is given twice")
        paths.add(run.path.resolve())
    if not by_seed:
        labels = _labels([run.path for run in runs])
        return [MethodRuns(label, (run,)) for label, run in zip(labels, runs, strict=True)]
    runs_of_name: dict[str, list[ComparedRun]] = {}
    for run in runs:
        runs_of_name.setdefault(name_of(run.path), []).append(run)
    methods = []
    for name, same in runs_of_name.items():
        _check_seeds(same)
        by_seeds = sorted(same, key=lambda run: run.seed or 0)
        methods.append(MethodRuns(name, tuple(by_seeds)))
    return methods


def name_of(path: Path) -> str:
    """Return a run's name without its seed: `grpo` of grpo-seed1, seed-1/grpo and grpo/seed1."""
    path = path.resolve()
    return _SEED_AT_END.sub("", path.name) or path.parent.name


def _labels(paths: Sequence[Path]) -> list[str]:
    """Return the shortest ends of paths that tell them all apart."""
    parts = [path.resolve().parts for path in paths]
    longest = max(map(len, parts))
    for length in range(1, longest + 1):
        labels = ["/".join(names[-length:]) for names in parts]
        if len(set(labels)) == len(labels):
            break
    return labels


def _check_seeds(runs: Sequence[ComparedRun]) -> None:
    for first, second in combinations(runs, 2):
        pair = f"{first.path} and {second.path} have one name"
        if first.method != second.method:
            raise CompareError(
                f"{pair}, but their methods are {first.method} and {second.method}; rename a folder"
            )
        key = _differing_key(first, second)
        if key:
            values = (
                f"{key} is {first.config.get(key)!r} in the one "
                f"and {second.config.get(key)!r} in the other"
            )
            raise CompareError(
                f"{pair} and differ in more than the seed: {values}. "
                "Rename a folder, or leave out --seeds"
            )
        if first.seed == second.seed:
            seed = "no seed, being untrained"
            if first.seed is not None:
                seed = f"the same seed, {first.seed}"
            raise CompareError(f"{pair} and {seed}; give one of them, or leave out --seeds")


def _differing_key(first: ComparedRun, second: ComparedRun) -> str | None:
    """Return a key in which two configs differ, None where there is none.

    Paths are compared as seen from the run, since each seed may have its own warm start.
    """
    for key in {**first.config, **second.config}:
        before, after = _from_beside(first, key), _from_beside(second, key)
        if key in FREE or before == after:
            continue
        if _without_seed(before, first.seed) != _without_seed(after, second.seed):
            return key
    return None


def _from_beside(run: ComparedRun, key: str) -> Any:
    value = run.config.get(key)
    if isinstance(value, str) and os.sep in value:
        return run.from_beside(value)
    return value


def _without_seed(value: Any, seed: int | None) -> Any:
    """Return a path without the seed in it: `../warm-seed1` and `pairs-1.jsonl`."""
    if not isinstance(value, str):
        return value
    return re.sub(rf"(?<![a-zA-Z])(seed|s)[-_.]?{seed}(?!\d)|[-_.]{seed}(?=[/.]|$)", "", value)


def find_reference(methods: Sequence[MethodRuns], against: Path | None) -> MethodRuns:
    """Return the method that the others are compared with: the one named, or SFT on gold answers.

    CompareError where it is not among them, or not clear.
    """
    if against is not None:
        return _named(methods, against)
    candidates = [method for method in methods if _is_gold_sft(method)]
    if len(candidates) == 1:
        return candidates[0]
    by_name = [method for method in candidates if method.name == "sft"]
    if len(by_name) == 1:
        return by_name[0]
    problem = "none of the runs is"
    if candidates:
        problem = f"{', '.join(method.name for method in candidates)} are all"
    raise CompareError(
        f"{problem} SFT on gold answers; name the one to compare the others with by --against RUN"
    )


def _is_gold_sft(method: MethodRuns) -> bool:
    completions = method.runs[0].config.get("completions", "gold")
    return method.method == "sft" and completions == "gold"


def _named(methods: Sequence[MethodRuns], against: Path) -> MethodRuns:
    for method in methods:
        paths = [run.path.resolve() for run in method.runs]
        if str(against) == method.name or against.resolve() in paths:
            return method
    names = ", ".join(method.name for method in methods)
    raise CompareError(f"--against {against}: is none of the runs; they are {names}")
