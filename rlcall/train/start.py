"""The beginning of a run in its folder, or its going on there, and what run.json says of it.

check_folder(Path("runs/grpo"), resume=False)     # ConfigError where another run lies there
"""

from __future__ import annotations

import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.errors import ConfigError
from rlcall.runs.folder import METRICS, RunFolder, checkpoints_in
from rlcall.runs.versions import versions
from rlcall.train.config import Config
from rlcall.train.resume.checkpoints import newest_checkpoint
from rlcall.train.settings import INCIDENTAL


def check_folder(path: Path, resume: bool) -> None:
    """Refuse to mix two runs in one folder. Raises ConfigError."""
    run = RunFolder(path)
    finished = run.metadata().get("finished")
    other = "or start another run with --output-dir"
    if resume:
        if not run.is_run:
            raise ConfigError(f"{path}: holds no run to resume; leave --resume out, {other}")
    elif finished:
        raise ConfigError(
            f"{path}: holds a run that finished on {finished}; see its run.json, {other}"
        )
    elif run.is_run:
        checkpoint = newest_checkpoint(path)
        where = checkpoint.name if checkpoint else "its beginning: no checkpoint yet"
        raise ConfigError(
            f"{path}: holds an unfinished run; add --resume to go on from {where}, {other}"
        )
    else:
        for file in (*checkpoints_in(path), run.model, path / METRICS):
            if file.exists():
                raise ConfigError(
                    f"{path}: holds {file.name}, which is not of this run; empty the folder, "
                    f"{other}"
                )


def changes_since(folder: RunFolder, config: Config) -> list[str]:
    """Return what differs from the config that a run was begun with; [] for a new run."""
    before, values = folder.config(), _values(config)
    if not before:
        return []
    changes = []
    for key in sorted({*before, *values} - INCIDENTAL):
        if before.get(key) != values.get(key):
            changes.append(f"{key}: {before.get(key)} -> {values.get(key)}")
    return changes


@dataclass
class Start:
    """The beginning of a run in its folder: the config as it was resolved, and facts for run.json.

    A new run is written down as soon as all is checked, a resumed one when its first step begins:
    by then nothing can refuse it any more.
    """

    folder: RunFolder
    config: Config
    facts: dict[str, Any]
    is_written: bool = False

    def write(self) -> None:
        """Write config.yaml and run.json, once."""
        if not self.is_written:
            time_key = "resumed" if self.folder.is_run else "started"
            self.folder.write_config(_values(self.config))
            self.folder.update_metadata(
                method=self.config.method,
                command=shlex.join(sys.argv),
                versions=versions(),
                **{time_key: now()},
                **self.facts,
            )
        self.is_written = True

    def note(self, **facts: Any) -> None:
        """Add facts to run.json: now, or with the others."""
        if self.is_written:
            self.folder.update_metadata(**facts)
        else:
            self.facts.update(facts)


def now() -> str:
    """Return the time as run.json has it: `2026-11-02 14:03:11`."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def _values(config: Config) -> dict[str, Any]:
    values = config.values()
    return {key: value for key, value in values.items() if key not in ("resume", "output_dir")}
