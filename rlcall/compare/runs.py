"""A run as a comparison sees it: its config, its log, and its evaluations with their rows and records.

run = read_run(Path("runs/grpo"))
run.method, run.seed, run.evaluations["test"].records[0].correct     # "grpo", 1, True

A folder with `eval/` alone, and no run.json, is a model that was not trained here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row
from rlcall.errors import UserError
from rlcall.evaluation.folder import EvalFolder
from rlcall.metrics.record import Record
from rlcall.runs.folder import RunFolder, read_json

UNTRAINED = "untrained"


class CompareError(UserError):
    """What cannot be compared; the message names the difference and the remedy."""


@dataclass(frozen=True)
class Evaluated:
    """One evaluation. `bfcl` are verdicts on each row where the suite was run, by whose they are; {} elsewhere."""

    path: Path
    settings: dict[str, Any]
    rows: list[Row]
    records: list[Record]
    bfcl: dict[str, list[bool | None]]

    @property
    def wire(self) -> str:
        return str(self.settings["wire"])

    @property
    def samples(self) -> int:
        return int(self.settings["samples"])


@dataclass(frozen=True)
class Run:
    """`record` is run.json, `config` config.yaml, `log` metrics.jsonl; all empty where the model is untrained."""

    path: Path
    record: dict[str, Any]
    config: dict[str, Any]
    log: list[dict[str, Any]]
    evaluations: dict[str, Evaluated]

    @property
    def method(self) -> str:
        return str(self.record.get("method", UNTRAINED))

    @property
    def seed(self) -> int | None:
        """None where nothing was trained. Trainers that are told no seed take 42."""
        return int(self.config.get("seed", 42)) if self.record else None

    def seen(self, path: str) -> str:
        """A path of the config as seen from beside the run's folder, wherever that lies now: `../warm`."""
        home = Path(self.config.get("output_dir", self.path)).absolute().parent
        return os.path.relpath(Path(path).absolute(), home)


def read_run(path: Path) -> Run:
    """CompareError where the folder is no run, or where the run or one of its evaluations did not finish."""
    folder = RunFolder(path)
    record, config = folder.metadata(), folder.config()
    folders = sorted(
        one for one in (path / "eval").glob("*") if one.is_dir() and not one.name.startswith(".")
    )
    if not record and not folders:
        raise CompareError(f"{path}: is no run; it holds neither run.json nor eval/")
    if record and "finished" not in record:
        raise CompareError(f"{path}: the run is not finished; give its command again with --resume")
    if record and not config:
        raise CompareError(
            f"{path}: the run's config.yaml is missing; copy the whole folder, or evaluate its model/ alone"
        )
    if not folders:
        remedy = f"rlcall eval {path} ROWS --out {path / 'eval' / 'NAME'} makes one"
        raise CompareError(f"{path}: holds no evaluation; {remedy}")
    return Run(path, record, config, folder.log(), {one.name: _evaluated(one) for one in folders})


def _evaluated(path: Path) -> Evaluated:
    folder = EvalFolder(path)
    try:
        (rows, records), bfcl = folder.read(), folder.read_bfcl()
    except ValueError as error:  # a folder, a row or a line that is not what it should be
        said = str(error)
        raise CompareError(
            said if str(path) in said else f"{path}: cannot be read: {said}"
        ) from error
    if not (path / "metrics.json").is_file():
        raise CompareError(
            f"{path}: is not finished, it has no metrics.json; give the command that began it again"
        )
    return Evaluated(path, read_json(path / "settings.json"), rows, records, bfcl)
