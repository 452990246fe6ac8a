"""What a run took: optimizer steps, tokens, seconds; its warm start apart.

costs(run)
# [Cost("warm start", steps=40, tokens=61000, generated=None, seconds=95.0),
#  Cost("grpo", steps=200, tokens=912000, generated=310000, seconds=1640.0)]

Figures are read from metrics.jsonl. A model that another run made brings that run's cost with it, as its own line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from rlcall.compare.runs import Run, read_log, read_record

Log = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Cost:
    """`tokens` went through the model in training, over all ranks, and `generated` are those of them that it wrote.

    `seconds` are those of training alone; None where the log does not say.
    """

    what: str
    device: str
    steps: int
    tokens: float | None
    generated: float | None
    seconds: float | None


def costs(run: Run) -> list[Cost]:
    """The run that made its model, its own warm start, and the method; [] for an untrained model."""
    before = Path(str(run.config.get("model", "")))
    start = _costs(f"start: {before.name}", read_record(before), read_log(before)) if _is_run(before) else iter(())
    return [*start, *_costs("", run.record, run.log)] if run.record else []


def _is_run(path: Path) -> bool:
    return (path / "run.json").is_file()


def _costs(name: str, record: dict[str, Any], log: Log) -> Iterator[Cost]:
    device = str(record.get("runtime", {}).get("device", "unknown"))
    for phase in dict.fromkeys(line["phase"] for line in log):
        lines = [line for line in log if line["phase"] == phase]
        what = name or phase.replace("_", " ")
        per_step = completions_per_step(record) if phase == "grpo" else None
        tokens = max((line["num_tokens"] for line in lines if line.get("num_tokens") is not None), default=None)
        steps = max(line["step"] for line in lines)
        yield Cost(what, device, steps, tokens, per_step and generated(lines, per_step), training_seconds(lines))


def completions_per_step(record: dict[str, Any]) -> float:
    """How many completions GRPO samples for an optimizer step; each is used for num_iterations of them."""
    trainer = record.get("trainer", {})
    batch = trainer.get("per_device_train_batch_size", 1) * trainer.get("gradient_accumulation_steps", 1)
    return float(batch * record.get("runtime", {}).get("ranks", 1) / trainer.get("num_iterations", 1))


def generated(lines: Log, per_step: float) -> float:
    """Tokens sampled: the mean length that a line logs, times the completions of the steps that it is about."""
    logged = [(line["step"], line["completions/mean_length"]) for line in lines if "completions/mean_length" in line]
    steps = [0, *(step for step, _ in logged)]
    return sum((step - last) * length * per_step for last, (step, length) in zip(steps, logged, strict=False))


def clock(lines: Log) -> list[float]:
    """Seconds since the first line, for each line. A resumed run's clock starts anew: that gap is not known."""
    times = [0.0]
    for one, two in pairwise(lines):
        times.append(times[-1] + max(two["seconds"] - one["seconds"], 0.0))
    return times


def training_seconds(lines: Log) -> float | None:
    """The time between lines, less that of validation, scaled up to all steps; None of fewer than two steps.

    Between the lines of a step before and after a resume no time is known, and those steps are scaled as well.
    """
    validation = sum(line.get("validation/seconds", 0.0) for line in lines[1:])
    steps = sum(two["step"] - one["step"] for one, two in pairwise(lines) if two["seconds"] >= one["seconds"])
    last = max(line["step"] for line in lines)
    return max(clock(lines)[-1] - validation, 0.0) * last / steps if steps else None
