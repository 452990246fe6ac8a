"""The weights with the best validation so far, in the folder of a run: `best/step-20/`.

    best = BestWeights(RunFolder(Path("runs/grpo"), writes=True))
    best.save(trainer, 20)     # every rank calls it
    best.newest(40)            # runs/grpo/best/step-20

A run that is killed goes on from its newest checkpoint, and must then find the best weights of the
steps before that one. So those of an earlier best stay until a checkpoint is newer than the weights
that beat them.
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
class BestWeights:
    """The best weights of a run."""

    run: RunFolder

    def steps(self) -> list[int]:
        """Return the steps of the weights that are there, in order."""
        folders = self.run.best.glob("step-*")
        return sorted(int(folder.name.removeprefix("step-")) for folder in folders)

    def newest(self, upto: int) -> Path | None:
        """Return the best weights of all steps up to this one, None where there are none."""
        earlier = [step for step in self.steps() if step <= upto]
        return self._at(earlier[-1]) if earlier else None

    def _at(self, step: int) -> Path:
        return self.run.best / f"step-{step}"

    def save(self, trainer: Any, step: int) -> None:
        """Save the weights in training, gathered from all ranks, so that they appear whole."""
        part = self.run.best / ".part"
        # Each wait keeps a rank from writing while another still clears or moves the folder.
        trainer.accelerator.wait_for_everyone()
        if trainer.args.should_save:
            shutil.rmtree(part, ignore_errors=True)
        trainer.accelerator.wait_for_everyone()
        trainer.save_model(str(part))
        trainer.accelerator.wait_for_everyone()
        if trainer.args.should_save:
            move_whole(part, self._at(step))
            self.prune()

    def prune(self) -> None:
        """Delete the weights that no resumed run will ask for. On rank 0."""
        checkpoint = newest_checkpoint(self.run.path)
        resumed_from = self.newest(step_of(checkpoint)) if checkpoint else None
        for step in self.steps()[:-1]:
            if self._at(step) != resumed_from:
                shutil.rmtree(self._at(step))

    def forget_after(self, step: int) -> None:
        """Delete the weights of later steps, which the run is to take again. On rank 0."""
        for later in self.steps():
            if later > step:
                shutil.rmtree(self._at(later))
