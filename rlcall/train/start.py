"""How a run begins or goes on in its folder, and what run.json says of it.

check_folder(Path("runs/grpo"), resume=False)     # ConfigError where another run lies there
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.errors import ConfigError
from rlcall.files.whole import write_whole
from rlcall.files.yaml import dump_yaml, read_yaml
from rlcall.runs.folder import RunFolder, now, read_json, versions
from rlcall.train.config import Config
from rlcall.train.resume.checkpoints import newest_checkpoint


def check_folder(path: Path, resume: bool) -> None:
    """Refuse to mix two runs in one folder. Raises ConfigError."""
    finished = read_json(path / "run.json").get("finished")
    other = "or start another run with --output_dir"
    if resume:
        if not (path / "run.json").is_file():
            raise ConfigError(f"{path}: holds no run to resume; leave --resume out, {other}")
    elif finished:
        raise ConfigError(
            f"{path}: holds a run that finished on {finished}; see its run.json, {other}"
        )
    elif (path / "run.json").is_file():
        checkpoint = newest_checkpoint(path)
        where = checkpoint.name if checkpoint else "its beginning: no checkpoint yet"
        raise ConfigError(
            f"{path}: holds an unfinished run; add --resume to go on from {where}, {other}"
        )
    elif found := [
        p.name
        for p in (*path.glob("checkpoint-*"), path / "model", path / "metrics.jsonl")
        if p.exists()
    ]:
        raise ConfigError(
            f"{path}: holds {found[0]}, which is not of this run; empty the folder, {other}"
        )


def open_folder(config: Config, rank: int) -> tuple[RunFolder, list[str]]:
    """The folder, and what differs from the config it was begun with. Writes nothing."""
    path = config.output_dir
    before = read_yaml(path / "config.yaml") if (path / "config.yaml").is_file() else {}
    values = _values(config)
    changes = [
        f"{key}: {before.get(key)} -> {values.get(key)}"
        for key in sorted({*before, *values} - _FREE)
        if before and before.get(key) != values.get(key)
    ]
    return RunFolder(path, rank == 0), changes


@dataclass
class Start:
    """What a folder says of how its run began, with the config as it was resolved, and more facts for run.json.

    A new run is recorded as soon as all is checked, a resumed one when its first step begins: nothing refuses it then.
    """

    folder: RunFolder
    config: Config
    facts: dict[str, Any]
    recorded: bool = False

    def record(self) -> None:
        """Write it, once."""
        if self.folder.writes and not self.recorded:
            self._write(self.folder.path)
        self.recorded = True

    def note(self, **facts: Any) -> None:
        """More facts for run.json: now, or with the others."""
        if self.recorded:
            self.folder.update(**facts)
        else:
            self.facts.update(facts)

    def _write(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        text = dump_yaml({**_values(self.config), "output_dir": str(path)})
        write_whole(path / "config.yaml", text)
        begun = {"resumed": now()} if self.folder.record() else {"started": now()}
        about = {
            "method": self.config.method,
            "command": shlex.join(sys.argv),
            "versions": versions(),
        }
        self.folder.update(**about, **begun, **self.facts)


def _values(config: Config) -> dict[str, Any]:
    return {
        key: value for key, value in config.values().items() if key not in ("resume", "output_dir")
    }


# Keys that say how a run is watched or continued, not what it is.
_FREE = {"resume", "show_steps", "output_dir", "cpu_threads"}
