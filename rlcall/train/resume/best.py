"""The weights with the best validation so far, in the folder of a run: `best/step-20/`.

    best = Best(Path("runs/grpo"))
    best.save(trainer, 20)     # every rank calls it
    best.newest(40)            # runs/grpo/best/step-20

A run that is killed goes on from its newest checkpoint, and must then find the best weights of the steps before that
one. So those of an earlier best stay until a checkpoint is newer than the weights that beat them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.files.whole import move_whole
from rlcall.runs.folder import RunFolder, step_of
from rlcall.train.resume.checkpoints import newest_checkpoint


@dataclass(frozen=True)
class Best:
    """The best weights of the run in the folder `run`."""

    run: Path

    @property
    def folder(self) -> Path:
        return RunFolder(self.run).best

    def steps(self) -> list[int]:
        """The steps of the weights that are there, whole."""
        return sorted(int(path.name.removeprefix("step-")) for path in self.folder.glob("step-*"))

    def newest(self, upto: int) -> Path | None:
        """The best weights of all steps up to this one."""
        found = [step for step in self.steps() if step <= upto]
        return self._of(found[-1]) if found else None

    def _of(self, step: int) -> Path:
        return self.folder / f"step-{step}"

    def save(self, trainer: Any, step: int) -> None:
        """Keep the weights in training, gathered from all ranks; they are there when they are whole."""
        part = self.folder / ".part"
        trainer.accelerator.wait_for_everyone()
        if trainer.args.should_save:
            shutil.rmtree(part, ignore_errors=True)
        trainer.accelerator.wait_for_everyone()
        trainer.save_model(str(part))
        trainer.accelerator.wait_for_everyone()
        if trainer.args.should_save:
            move_whole(part, self._of(step))
            self.prune()

    def prune(self) -> None:
        """Delete what no resumed run will ask for. On rank 0."""
        checkpoint = newest_checkpoint(self.run)
        needed = {self.newest(step_of(checkpoint)) if checkpoint else None}
        for step in self.steps()[:-1]:
            if self._of(step) not in needed:
                shutil.rmtree(self._of(step))

    def forget_after(self, step: int) -> None:
        """Delete the weights of later steps, which the run is to take again. On rank 0."""
        for later in self.steps():
            if later > step:
                shutil.rmtree(self._of(later))
