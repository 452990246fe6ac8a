"""The folder of a run: all that is needed to understand it, without a service.

    runs/grpo/
      config.yaml        every key as it was resolved; `--config runs/grpo/config.yaml` repeats the run
      run.json           method, command, versions, device, what really ran, whether it finished
      metrics.jsonl      one object per log step: {"phase": "grpo", "step": 3, "reward": 0.71, ...}
      samples.jsonl      completions with their verdicts
      failures.jsonl     completions on which a rule failed, from all ranks; not there where none did
      evaluation.json    held-out results per stage: base, warm_start, grpo
      evaluation/        the same, row by row, as JSON Lines
      validation/        completions of the validations while it trained, `20.jsonl` those of step 20
      warm_start/        the model after the warm start
      checkpoint-12/     whole checkpoints to resume from
      best/              the weights of the best validation so far; they become model/
      model/             the trained model, for `from_pretrained`

A file appears when it is whole. Only rank 0 writes; every rank reads.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.files.whole import write_whole

PACKAGES = (
    "rlcall",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "deepspeed",
    "datasets",
    "tokenizers",
)


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps everything. `writes` is true on rank 0."""

    path: Path
    writes: bool

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def warm_start(self) -> Path:
        return self.path / "warm_start"

    def record(self) -> dict[str, Any]:
        return read_json(self.path / "run.json")

    def update(self, **facts: Any) -> None:
        if self.writes:
            write_whole(
                self.path / "run.json", json.dumps({**self.record(), **facts}, indent=2) + "\n"
            )

    def append(self, name: str, *objects: dict[str, Any]) -> None:
        """Add lines to a JSON Lines file."""
        if self.writes and objects:
            with (self.path / name).open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects))

    def evaluations(self) -> dict[str, Any]:
        return read_json(self.path / "evaluation.json")

    def add_evaluation(
        self, stage: str, summary: dict[str, Any], lines: list[dict[str, Any]]
    ) -> None:
        if self.writes:
            (self.path / "evaluation").mkdir(exist_ok=True)
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            write_whole(self.path / "evaluation" / f"{stage}.jsonl", text)
            results = {**self.evaluations(), stage: summary}
            write_whole(self.path / "evaluation.json", json.dumps(results, indent=2) + "\n")

    def forget_after(self, phase: str, step: int) -> None:
        """Drop what was logged beyond the step from which a phase goes on."""
        for name in ("metrics.jsonl", "samples.jsonl"):
            if self.writes and (self.path / name).is_file():
                lines = (
                    (self.path / name).read_text(encoding="utf-8").split("\n")
                )  # a text may have other line ends
                kept = [f"{line}\n" for line in lines if line and not _is_after(line, phase, step)]
                write_whole(self.path / name, "".join(kept))


def run_of(model: str) -> Path | None:
    """The run that made a model, by the run's folder or one in it (`model`, a checkpoint); None where none did."""
    if not Path(model).is_dir():  # a name, whose parent would be wherever we are
        return None
    folder = Path(model).absolute()
    return next(
        (place for place in (folder, folder.parent) if (place / "run.json").is_file()), None
    )


def taught_wire(model: str) -> str | None:
    """The format in which a run taught its model to write calls; None where no run did."""
    run = run_of(model)
    return read_json(run / "run.json").get("wire") if run else None


def now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def versions() -> dict[str, str]:
    installed = {name: _version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "platform": platform.platform(), **installed}


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; {} where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _is_after(line: str, phase: str, step: int) -> bool:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return True  # the run was killed while it wrote this line
    return entry["phase"] == phase and entry["step"] > step


def is_sft_run(model: str) -> bool:
    """Whether a model was made by an SFT run: its folder lies in the run's, or is it."""
    run = run_of(model)
    return run is not None and read_json(run / "run.json").get("method") == "sft"


def last_seconds(run: Path) -> float:
    """The seconds of the last line that a run has logged; 0 where there is none, or only half of one."""
    metrics = run / "metrics.jsonl"
    lines = metrics.read_text(encoding="utf-8").split("\n") if metrics.is_file() else []
    for line in reversed(lines):
        try:
            return float(json.loads(line)["seconds"])
        except json.JSONDecodeError:
            continue  # the end of the file, or a run that was killed while it wrote
    return 0.0
