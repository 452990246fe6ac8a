"""Checkpoints that are whole or not there.

TRL writes `checkpoint-12/` file by file and trainer_state.json last; a run that is killed meanwhile leaves a torn one
that it can't resume from. Here every rank writes into `.partial/checkpoint-12/`, which moves into place when all are
done.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

_NAME = re.compile(r"checkpoint-(\d+)")
STATE = "trainer_state.json"


def newest_checkpoint(folder: Path) -> Path | None:
    """The whole checkpoint with the highest step, or None."""
    found = [(int(match[1]), path) for path in folder.glob("checkpoint-*") if (match := _NAME.fullmatch(path.name))]
    return max((pair for pair in found if (pair[1] / STATE).is_file()), default=(0, None))[1]


def is_last(checkpoint: Path) -> bool:
    """Whether training was complete at this checkpoint. Resuming from there would do one step too many."""
    state = json.loads((checkpoint / STATE).read_text())
    return state["global_step"] >= state["max_steps"]


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


class WholeCheckpoints:
    """A mixin before a transformers Trainer: `class Whole(WholeCheckpoints, GRPOTrainer)`."""

    _staging = False

    def _get_output_dir(self, trial: Any) -> str:
        folder = super()._get_output_dir(trial)  # type: ignore[misc]
        return os.path.join(folder, ".partial") if self._staging else folder

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self._get_output_dir(trial))
        self._on_one_rank(lambda: shutil.rmtree(folder / ".partial", ignore_errors=True))  # of a run that was killed
        self._staging = True
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
        finally:
            self._staging = False
        self._on_one_rank(lambda: self._publish(folder))

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """The run's folder describes itself; TRL's card would overwrite the user's README."""

    def _publish(self, folder: Path) -> None:
        from transformers.trainer_utils import rotate_checkpoints

        name = f"checkpoint-{self.state.global_step}"  # type: ignore[attr-defined]
        move_whole(folder / ".partial" / name, folder / name)
        (folder / ".partial").rmdir()
        rotate_checkpoints(output_dir=str(folder), save_total_limit=self.args.save_total_limit)  # type: ignore[attr-defined]

    def _on_one_rank(self, action: Callable[[], None]) -> None:
        """Once every rank has come this far, and before any goes on."""
        self.accelerator.wait_for_everyone()  # type: ignore[attr-defined]
        if self.args.should_save:  # type: ignore[attr-defined]
            action()
        self.accelerator.wait_for_everyone()  # type: ignore[attr-defined]


def move_whole(part: Path, target: Path) -> None:
    """Put a finished folder where it belongs."""
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)
