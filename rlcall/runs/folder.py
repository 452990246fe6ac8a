"""The folder of a run: all that is needed to understand it, read and written here.

    runs/grpo/
      config.yaml        every key as it was resolved; `--config .../config.yaml` repeats the run
      run.json           method, command, versions, device, what really ran, whether it finished
      metrics.jsonl      one object per log step: {"phase": "grpo", "step": 3, "reward": 0.71, ...}
      samples.jsonl      completions with their verdicts
      failures.jsonl     completions on which a rule failed, from all ranks; missing where none did
      evaluation.json    held-out results per stage: base, warm_start, grpo
      evaluation/        the same, row by row, as JSON Lines
      validation/        completions of the validations, `20.jsonl` those of step 20
      warm_start/        the model after the warm start
      checkpoint-12/     whole checkpoints to resume from
      best/              the weights of the best validation so far; they become model/
      model/             the trained model, for `from_pretrained`

    run = RunFolder(Path("runs/grpo"))
    run.metadata()["finished"], run.log()[-1]["reward"]      # ("2026-11-02 14:03:11", 0.71)

A file appears when it is whole. Only rank 0 writes, failures.jsonl aside; every rank reads.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.errors import UserError
from rlcall.files import lines
from rlcall.files.whole import write_whole
from rlcall.files.yaml import dump_yaml, read_yaml

METADATA, CONFIG, METRICS = "run.json", "config.yaml", "metrics.jsonl"
SAMPLES, EVALUATION = "samples.jsonl", "evaluation.json"
PARTIAL, TRAINED, REFERENCE = ".partial", ".trained", ".reference"
"""Folders of a run that trains: an unfinished checkpoint, the trained weights, DPO's reference."""
_CHECKPOINT = re.compile(r"checkpoint-(\d+)")

Object = Mapping[str, Any]


class RunFolderError(UserError):
    """A file of a run's folder that cannot be read; the message names it."""


@dataclass(frozen=True)
class RunFolder:
    """The folder in which a run keeps everything.

    `writes` is true on the one rank whose writing methods do something.
    """

    path: Path
    writes: bool = False

    @property
    def is_run(self) -> bool:
        """True where a run was begun here."""
        return (self.path / METADATA).is_file()

    @property
    def model(self) -> Path:
        """The trained model."""
        return self.path / "model"

    @property
    def warm_start(self) -> Path:
        """The folder of the warm start, which has checkpoints and a model like a run's."""
        return self.path / "warm_start"

    @property
    def best(self) -> Path:
        """The folder of the best weights while the run trains."""
        return self.path / "best"

    @property
    def failures(self) -> Path:
        """The file to which every rank adds the completions on which a rule failed."""
        return self.path / "failures.jsonl"

    def remove_half_written(self) -> None:
        """Delete what was begun and is not whole, in the run's folder and its warm start's."""
        for folder in (self.path, self.warm_start):
            for name in (PARTIAL, TRAINED, ".model.part", "best/.part"):
                shutil.rmtree(folder / name, ignore_errors=True)

    def metadata(self) -> dict[str, Any]:
        """Return run.json, {} where there is none. Raises RunFolderError."""
        return read_json(self.path / METADATA)

    def update_metadata(self, **facts: Any) -> None:
        """Set keys of run.json."""
        self._write_json(METADATA, {**self.metadata(), **facts})

    def config(self) -> dict[str, Any]:
        """Return config.yaml, {} where there is none. Raises YamlError."""
        file = self.path / CONFIG
        return read_yaml(file) if file.is_file() else {}

    def write_config(self, values: Object) -> None:
        """Write config.yaml, with the folder's own path as its `output_dir`."""
        keys = {**values, "output_dir": str(self.path)}
        self._write(CONFIG, dump_yaml(keys))

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of metrics.jsonl, [] where there are none."""
        return lines.read_whole(self.path / METRICS)

    def last_seconds(self) -> float:
        """Return the seconds of the last line of the log; 0 where there is none."""
        log = self.log()
        return float(log[-1]["seconds"]) if log else 0.0

    def append_metrics(self, line: Object) -> None:
        """Add a line to the log."""
        if self.writes:
            lines.append(self.path / METRICS, [line])

    def append_samples(self, samples: Sequence[Object]) -> None:
        """Add completions with their verdicts to samples.jsonl."""
        if self.writes and samples:
            lines.append(self.path / SAMPLES, samples)

    def forget_after(self, phase: str, step: int) -> None:
        """Drop a torn line, and what was logged beyond the step from which a phase goes on."""
        for name in (METRICS, SAMPLES):
            file = self.path / name
            if self.writes and file.is_file():
                logged = lines.read_whole(file)
                lines.write(file, [e for e in logged if e["phase"] != phase or e["step"] <= step])

    def evaluations(self) -> dict[str, Any]:
        """Return the held-out result of each stage."""
        return read_json(self.path / EVALUATION)

    def add_evaluation(self, stage: str, summary: Object, completions: Iterable[Object]) -> None:
        """Add the held-out result of a stage, and the completions with their verdicts."""
        self._write_lines(f"evaluation/{stage}.jsonl", completions)
        self._write_json(EVALUATION, {**self.evaluations(), stage: summary})

    def validation_steps(self) -> list[int]:
        """Return the steps at which there was a validation, in order."""
        return sorted(int(path.stem) for path in (self.path / "validation").glob("*.jsonl"))

    def validation(self, step: int) -> list[dict[str, Any]]:
        """Return the completions of a validation, with their verdicts."""
        return lines.read_whole(self.path / "validation" / f"{step}.jsonl")

    def add_validation(self, step: int, completions: Iterable[Object]) -> None:
        """Add the completions of a validation, with their verdicts."""
        self._write_lines(f"validation/{step}.jsonl", completions)

    def forget_validations_after(self, step: int) -> None:
        """Delete the validations of later steps."""
        for later in self.validation_steps():
            if self.writes and later > step:
                (self.path / "validation" / f"{later}.jsonl").unlink()

    def _write_lines(self, name: str, objects: Iterable[Object]) -> None:
        if self.writes:
            (self.path / name).parent.mkdir(exist_ok=True)
            lines.write(self.path / name, objects)

    def _write_json(self, name: str, value: Object) -> None:
        self._write(name, json.dumps(value, indent=2) + "\n")

    def _write(self, name: str, text: str) -> None:
        if self.writes:
            self.path.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / name, text)


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the checkpoints in the folder of a run or of its warm start, the newest first."""
    paths = folder.glob("checkpoint-*")
    checkpoints = [path for path in paths if _CHECKPOINT.fullmatch(path.name)]
    return sorted(checkpoints, key=step_of, reverse=True)


def checkpoint_name(step: int) -> str:
    """Return the name of a checkpoint's folder."""
    return f"checkpoint-{step}"


def step_of(checkpoint: Path) -> int:
    """Return the optimiser step of a checkpoint by its folder's name."""
    return int(checkpoint.name.rpartition("-")[2])


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file, {} where there is none. Raises RunFolderError."""
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise RunFolderError(f"{path}: is not JSON: {error}. Was it edited, or cut off?") from error
