"""The commands of an experiment, and where what they leave lies.

Layout(plan).rows("train")                 # Path("runs/compare/rows/train.jsonl")
rlcall_command("pairs", rows, per_row=2)   # python -m rlcall pairs rows.jsonl --per-row 2
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.experiment.plan import SAMPLED_FILES, Keys, Plan
from rlcall.runs.folder import RunFolder


@dataclass(frozen=True)
class Layout:
    """The folders and files of an experiment."""

    plan: Plan

    @property
    def base(self) -> Path:
        """The folder with the tests of the model that was not trained."""
        return self.plan.out / "base"

    @property
    def tuning(self) -> Path:
        return self.plan.out / "tuning"

    @property
    def page(self) -> Path:
        return self.plan.out / "page"

    def seed(self, seed: int) -> Path:
        return self.plan.out / f"seed-{seed}"

    def rows(self, name: str) -> Path:
        return self.plan.out / "rows" / f"{name}.jsonl"

    def start(self, folder: Path) -> str:
        """Return the weights that all methods in a folder begin with."""
        return self.plan.model if self.plan.warm_start is None else str(folder / "warm_start")

    def start_tests(self, folder: Path) -> Path:
        """Return where those weights have been tested."""
        return self.base if self.plan.warm_start is None else folder / "warm_start"

    def title(self, path: Path) -> str:
        """Return what a step that leaves this path is called."""
        return str(path.relative_to(self.plan.out))

    def fill(self, keys: Keys, folder: Path | None = None) -> Keys:
        """Return keys of a run with files instead of their names in braces.

        Rows can be named everywhere; what was sampled from the start only by runs in a `folder`.
        """
        files = {f"{{{name}}}": self.rows(name) for name in self.plan.rows}
        if folder is not None:
            files |= {f"{{{name}}}": sampled_file(folder, name) for name in SAMPLED_FILES}
        return {key: files.get(str(value), value) for key, value in keys.items()}


def sampled_file(folder: Path, name: str) -> Path:
    """Return the file of what was sampled from the start: `pairs`, `right` or `passed`."""
    return folder / f"{name}.jsonl"


def rlcall_command(command: str, *words: Any, **keys: Any) -> list[str]:
    """Return a command that one could type; True is an option alone, a list several values."""
    options = []
    for key, value in keys.items():
        options.append("--" + key.replace("_", "-"))
        if value is True:
            continue
        for item in value if isinstance(value, list) else [value]:
            options.append(_word(item))
    return [sys.executable, "-m", "rlcall", command, *map(str, words), *options]


def training_command(plan: Plan, folder: Path, method: str, keys: Keys) -> list[str]:
    """Return the command that trains into a folder, or goes on there."""
    launch = [sys.executable, "-m", "accelerate.commands.launch", *plan.launch]
    options = []
    for key, value in keys.items():
        options += [f"--{key}", _word(value)]
    if RunFolder(folder).is_run:
        options.append("--resume")
    return [*launch, "-m", "rlcall", method, *options]


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | Path) else json.dumps(value)
