"""A run as a comparison sees it: config, log, and evaluations with rows and completions.

run = read_run(Path("runs/grpo"))
run.method, run.seed                               # "grpo", 1
run.evaluations["test"].completions[0].correct     # True

A folder with `eval/` alone, and no run.json, is a model that was not trained here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row
from rlcall.errors import UserError
from rlcall.evaluation.folder import EvaluationFolder
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.runs.folder import RunFolder, read_json

UNTRAINED = "untrained"


class CompareError(UserError):
    """A mistake in what is to be compared; the message names the difference and the remedy."""


@dataclass(frozen=True)
class RunEvaluation:
    """One evaluation of a run.

    `bfcl` has verdicts on each row, by whose they are, where the suite was run; {} elsewhere.
    """

    path: Path
    settings: dict[str, Any]
    rows: list[Row]
    completions: list[JudgedCompletion]
    bfcl: dict[str, list[bool | None]]

    @property
    def wire(self) -> str:
        """The wire format that was asked for."""
        return str(self.settings["wire"])

    @property
    def samples(self) -> int:
        """The number of completions of each row."""
        return int(self.settings["samples"])


@dataclass(frozen=True)
class ComparedRun:
    """A run's folder, read: `metadata` is run.json, `config` config.yaml, `log` metrics.jsonl.

    All three are empty where the model is untrained.
    """

    path: Path
    metadata: dict[str, Any]
    config: dict[str, Any]
    log: list[dict[str, Any]]
    evaluations: dict[str, RunEvaluation]

    @property
    def method(self) -> str:
        """`sft`, `dpo`, `grpo` or `untrained`."""
        return str(self.metadata.get("method", UNTRAINED))

    @property
    def seed(self) -> int | None:
        """The seed, None where nothing was trained. Trainers that are told no seed take 42."""
        return int(self.config.get("seed", 42)) if self.metadata else None

    def from_beside(self, path: str) -> str:
        """Return a path of the config relative to the folder that the run lay in: `../warm`."""
        home = Path(self.config.get("output_dir", self.path)).absolute().parent
        return os.path.relpath(Path(path).absolute(), home)


def read_run(path: Path) -> ComparedRun:
    """Read a run. CompareError where it is none, or it or one of its evaluations did not finish."""
    run_folder = RunFolder(path)
    metadata, config = run_folder.metadata(), run_folder.config()
    folders = []
    for folder in sorted((path / "eval").glob("*")):
        if folder.is_dir() and not folder.name.startswith("."):
            folders.append(folder)
    if not metadata and not folders:
        raise CompareError(f"{path}: is no run; it holds neither run.json nor eval/")
    if metadata and "finished" not in metadata:
        raise CompareError(f"{path}: the run is not finished; give its command again with --resume")
    if metadata and not config:
        raise CompareError(
            f"{path}: the run's config.yaml is missing; "
            "copy the whole folder, or evaluate its model/ alone"
        )
    if not folders:
        remedy = f"rlcall eval {path} ROWS --out {path / 'eval' / 'NAME'} makes one"
        raise CompareError(f"{path}: holds no evaluation; {remedy}")
    evaluations = {folder.name: _read_evaluation(folder) for folder in folders}
    return ComparedRun(path, metadata, config, run_folder.log(), evaluations)


def _read_evaluation(path: Path) -> RunEvaluation:
    folder = EvaluationFolder(path)
    try:
        rows, completions = folder.read()
        bfcl = folder.read_bfcl()
    except ValueError as error:  # a folder, a row or a line that is not what it should be
        message = str(error)
        if str(path) not in message:
            message = f"{path}: cannot be read: {message}"
        raise CompareError(message) from error
    if not (path / "metrics.json").is_file():
        raise CompareError(
            f"{path}: is not finished, it has no metrics.json; give the command that began it again"
        )
    return RunEvaluation(path, read_json(path / "settings.json"), rows, completions, bfcl)
