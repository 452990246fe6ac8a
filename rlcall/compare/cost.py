"""What a run took: optimizer steps, tokens, seconds; its warm start apart.

costs(run)
# [Cost("warm start", steps=40, tokens=61000, generated=None, seconds=95.0),
#  Cost("grpo", steps=200, tokens=912000, generated=310000, seconds=1640.0)]

Figures are read from metrics.jsonl. A model that another run made brings that run's cost with it, as its own line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from rlcall.compare.runs import CompareError, Run
from rlcall.data.rows import RowError
from rlcall.runs.folder import RunFolder
from rlcall.samples.cost import read_cost

Log = Sequence[dict[str, Any]]
DATA = ("pairs", "completions", "train_rows")
"""Keys of a config that may name a file that a model's completions went into."""


@dataclass(frozen=True)
class Cost:
    """`tokens` went through the model in training, over all ranks, and `generated` are those of them that it wrote.

    `seconds` are those of training alone, without validation; `tokens` is None where the log does not say.
    """

    what: str
    device: str
    steps: int | None
    tokens: float | None
    generated: float | None
    seconds: float


def costs(run: Run) -> list[Cost]:
    """The run that made its model, the sampling of its data, its own warm start, and the method.

    [] for an untrained model.
    """
    before = RunFolder(_found(run, run.config.get("model")))
    start = (
        _costs(f"start: {before.path.name}", before.metadata(), before.log())
        if before.is_run
        else iter(())
    )
    return [*start, *_sampling(run), *_costs("", run.record, run.log)] if run.record else []


def _sampling(run: Run) -> Iterator[Cost]:
    """What `rlcall pairs` and `rlcall passrate` left beside the files that a run learned from."""
    for file in dict.fromkeys(_found(run, run.config.get(key)) for key in DATA):
        try:
            cost = read_cost(file)
        except RowError as error:
            raise CompareError(str(error)) from error
        if cost:
            what = f"sampling {cost.completions:,} completions for {file.name}"
            yield Cost(what, "", None, None, None, cost.seconds)


def _found(run: Run, named: Any) -> Path:
    """What the config names: where it lies as seen from the run, so that both may have moved, or as it is written."""
    moved = run.path.absolute().parent / run.seen(str(named))
    return moved if moved.exists() else Path(str(named))


def _costs(name: str, record: dict[str, Any], log: Log) -> Iterator[Cost]:
    device = str(record.get("runtime", {}).get("device", "unknown"))
    for phase in dict.fromkeys(line["phase"] for line in log):
        lines = [line for line in log if line["phase"] == phase]
        tokens = max(
            (line["num_tokens"] for line in lines if line.get("num_tokens") is not None),
            default=None,
        )
        seconds = lines[-1]["seconds"] - begin(log, phase)
        yield Cost(
            name or phase.replace("_", " "),
            device,
            lines[-1]["step"],
            tokens,
            generated(lines),
            seconds,
        )


def begin(log: Log, phase: str) -> float:
    """The seconds of a run when a phase began: those of the last line before it. They count training alone."""
    before = [line["seconds"] for line in takewhile(lambda line: line["phase"] != phase, log)]
    return float(before[-1]) if before else 0.0


def generated(lines: Log) -> float | None:
    """Tokens sampled, those of replaced groups among them, which are taken to be as long; None where none are."""
    counts = [
        (line["groups/generated"], line["completions/mean_length"])
        for line in lines
        if "groups/generated" in line
    ]
    before = [0, *(count for count, _ in counts)]
    return (
        sum((count - last) * length for last, (count, length) in zip(before, counts, strict=False))
        or None
    )
