"""The cost of a run: optimizer steps, tokens, seconds; its warm start apart.

costs(run)
# [RunCost("warm start", steps=40, tokens=61000, generated=None, seconds=95.0),
#  RunCost("grpo", steps=200, tokens=912000, generated=310000, seconds=1640.0)]

Figures are read from metrics.jsonl. A model that another run made brings that run's cost with it,
as its own line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.compare.runs import ComparedRun, CompareError
from rlcall.data.rows import RowError
from rlcall.runs.folder import RunFolder
from rlcall.samples.cost import read_cost

Log = Sequence[dict[str, Any]]
DATA = ("pairs", "completions", "train_rows")
"""Keys of a config that may name a file that a model's completions went into."""


@dataclass(frozen=True)
class RunCost:
    """The cost of one part of a run.

    `tokens` went through the model in training, over all ranks, and `generated` are those of them
    that it wrote. `seconds` are those of training alone, without validation. `tokens` is None
    where the log does not say.
    """

    part: str
    device: str
    steps: int | None
    tokens: float | None
    generated: float | None
    seconds: float


def costs(run: ComparedRun) -> list[RunCost]:
    """Return what a run cost, part by part; [] for an untrained model.

    The run that made its model, the sampling of its data, its own warm start, and the method.
    """
    if not run.metadata:
        return []
    parts: list[RunCost] = []
    before = RunFolder(_path_of(run, run.config.get("model")))
    if before.is_run:
        parts += _logged_costs(before.metadata(), before.log(), f"start: {before.path.name}")
    return [*parts, *_sampling_costs(run), *_logged_costs(run.metadata, run.log)]


def _sampling_costs(run: ComparedRun) -> Iterator[RunCost]:
    """Yield what `rlcall pairs` and `rlcall passrate` noted for the files it learned from."""
    files = [_path_of(run, run.config.get(key)) for key in DATA]
    for file in dict.fromkeys(files):
        try:
            cost = read_cost(file)
        except RowError as error:
            raise CompareError(str(error)) from error
        if cost:
            part = f"sampling {cost.completions:,} completions for {file.name}"
            yield RunCost(part, "", None, None, None, cost.seconds)


def _path_of(run: ComparedRun, name: Any) -> Path:
    """Return where a file of the config lies: as seen from the run, as both may have moved."""
    parent = run.path.absolute().parent
    moved = parent / run.from_beside(str(name))
    return moved if moved.exists() else Path(str(name))


def _logged_costs(metadata: dict[str, Any], log: Log, part: str = "") -> Iterator[RunCost]:
    """Yield the cost of each phase of a log, under its own name or that of `part`."""
    device = str(metadata.get("runtime", {}).get("device", "unknown"))
    for phase in dict.fromkeys(line["phase"] for line in log):
        lines = [line for line in log if line["phase"] == phase]
        tokens = None
        for line in lines:
            if line.get("num_tokens") is not None:
                tokens = max(tokens or 0.0, line["num_tokens"])
        last = lines[-1]
        seconds = last["seconds"] - phase_start(log, phase)
        name = part or phase.replace("_", " ")
        yield RunCost(name, device, last["step"], tokens, generated_tokens(lines), seconds)


def phase_start(log: Log, phase: str) -> float:
    """Return the seconds of a run when a phase began, those of the last line before it.

    They count training alone.
    """
    seconds = 0.0
    for line in log:
        if line["phase"] == phase:
            break
        seconds = float(line["seconds"])
    return seconds


def generated_tokens(lines: Log) -> float | None:
    """Return how many tokens were sampled; None where none were.

    Those of groups that were replaced are among them, and are taken to be as long as the others.
    """
    tokens, before = 0.0, 0
    for line in lines:
        if "groups/generated" in line:
            count = line["groups/generated"]
            tokens += (count - before) * line["completions/mean_length"]
            before = count
    return tokens or None
