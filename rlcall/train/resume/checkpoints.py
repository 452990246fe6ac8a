"""Checkpoints that are whole or not there.

    runs/grpo/checkpoint-12/       the newest whole one: `--resume` goes on from here
    runs/grpo/.partial/            one that was being written when the run was killed; the next one replaces it
    runs/grpo/torn-checkpoint-16/  one that was found damaged, and passed over

TRL writes `checkpoint-12/` file by file and trainer_state.json last; a run that is killed meanwhile leaves a torn one
that it can't resume from. Here every rank writes into `.partial/checkpoint-12/`, which gets a manifest of its files
and moves into place when all are done. A checkpoint without a manifest counts as torn, whoever wrote it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rlcall.errors import ConfigError
from rlcall.files.whole import move_whole
from rlcall.runs.folder import PARTIAL, checkpoint_name, checkpoints_in
from rlcall.train.resume.manifest import damage, describe, flaw, write_manifest

STATE = "trainer_state.json"


def newest_checkpoint(folder: Path) -> Path | None:
    """The whole checkpoint with the highest step, as far as names and sizes of its files tell; or None."""
    return next((path for path in checkpoints_in(folder) if flaw(path) is None), None)


def checkpoint_to_resume(folder: Path, say: Callable[[str], None]) -> Path | None:
    """The newest checkpoint whose every byte is as it was written, or None. All ranks call it.

    Those passed over are named, and put aside: they would count as checkpoints in `save_total_limit`.
    """
    from accelerate import PartialState
    from accelerate.utils import gather_object

    state = PartialState()
    for path in checkpoints_in(folder):
        found = flaw(path) or damage(path, state.process_index, state.num_processes)
        problem = next((each for each in gather_object([found]) if each), None)
        if problem is None:
            return path
        aside = path.with_name(f"torn-{path.name}")
        if state.is_main_process:
            move_whole(path, aside)
        say(
            f"{path.name} is torn: {problem}. It is passed over, and is {aside} now; it can be deleted"
        )
    return None


def is_last(checkpoint: Path, max_steps: int) -> bool:
    """Whether training is complete at this checkpoint. Resuming from there would do one step too many.

    `max_steps` is what is asked for now; where that is not positive, what was due when it was written counts.
    """
    state = json.loads((checkpoint / STATE).read_text())
    return state["global_step"] >= (max_steps if max_steps > 0 else state["max_steps"])


class WholeCheckpoints:
    """A mixin before all others: `class Whole(WholeCheckpoints, GenerationBuffer, GRPOTrainer)`.

    What `own_state` gives is kept beside what TRL saves of each rank, and `restore_own_state` gets it before the first
    step of a resumed run. Other mixins extend both.
    """

    accelerator: Any
    args: Any
    ref_model: Any
    state: Any
    _globalstep_last_logged: int
    _metrics: dict[str, Any]
    _staging = False
    _total_train_tokens: int
    _tr_loss: Any

    def _get_output_dir(self, trial: Any) -> str:
        folder = super()._get_output_dir(trial)  # type: ignore[misc]
        return os.path.join(folder, PARTIAL) if self._staging else folder

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self._get_output_dir(trial))
        self._on_one_rank(
            lambda: shutil.rmtree(folder / PARTIAL, ignore_errors=True)
        )  # of a run that was killed
        self._staging = True
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
        finally:
            self._staging = False
        self._seal(folder / PARTIAL / self._checkpoint_name())
        self._on_one_rank(lambda: self._publish(folder))

    def _save_rng_state(self, output_dir: str) -> None:
        """Where TRL saves what differs from rank to rank."""
        super()._save_rng_state(output_dir)  # type: ignore[misc]
        from rlcall.train.resume.own_state import save_state

        save_state(self._own_file(output_dir), self.own_state())

    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Where TRL, with data and model in place and before any step, takes up again what it saved of a rank."""
        super()._load_rng_state(checkpoint)  # type: ignore[misc]
        if checkpoint is None:
            return
        from rlcall.train.resume.own_state import load_state

        self.restore_own_state(load_state(self._own_file(checkpoint), self.args.device))

    def _run_epoch(self, *args: Any, **now: Any) -> None:
        """Some samplers know by how often they were asked which epoch it is, and TRL asks a resumed one once."""
        if now["resume_from_checkpoint"] and now["epoch"] == now["epochs_trained"]:
            go_to_epoch(now["train_dataloader"], now["epoch"])
        super()._run_epoch(*args, **now)  # type: ignore[misc]

    def own_state(self) -> dict[str, Any]:
        """Tensors and JSON values of this rank: what the next line of the log counts, and a reference that moves."""
        return {
            **getattr(super(), "own_state", dict)(),
            "reference": list(self._reference()),
            "metrics": self._metrics["train"],
            "tokens": self._total_train_tokens,
            "loss": self._tr_loss,
            "last_logged": self._globalstep_last_logged,
        }

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Raises ConfigError where there was a reference that moves, and is none now, or the other way round."""
        getattr(super(), "restore_own_state", id)(state)
        reference, kept = list(self._reference()), state["reference"]
        if len(reference) != len(kept):
            was = str(bool(kept)).lower()
            raise ConfigError(
                f"this run was begun with sync_ref_model: {was}, and cannot be resumed with another"
            )
        self._metrics["train"].update(state["metrics"])
        self._total_train_tokens, self._globalstep_last_logged = (
            state["tokens"],
            state["last_logged"],
        )
        self._tr_loss.copy_(state["loss"])
        for now, was in zip(reference, kept, strict=True):
            now.copy_(was)

    def _reference(self) -> Iterator[Any]:
        """This rank's part of the reference model's weights, where `sync_ref_model` has them follow the policy's."""
        if getattr(self.args, "sync_ref_model", False):
            for parameter in self.ref_model.parameters():
                yield getattr(
                    parameter, "ds_tensor", parameter
                ).detach()  # ds_tensor: a rank's share under ZeRO-3

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """The run's folder describes itself; TRL's card would overwrite the user's README."""

    def _own_file(self, checkpoint: str) -> Path:
        return Path(checkpoint) / f"own_state_{self.args.process_index}.safetensors"

    def _checkpoint_name(self) -> str:
        return checkpoint_name(self.state.global_step)

    def _seal(self, part: Path) -> None:
        from accelerate.utils import gather_object

        self.accelerator.wait_for_everyone()
        shares = gather_object([describe(part, self.args.process_index, self.args.world_size)])
        if self.args.should_save:
            write_manifest(part, {name: facts for share in shares for name, facts in share.items()})

    def _publish(self, folder: Path) -> None:
        from transformers.trainer_utils import rotate_checkpoints

        name = self._checkpoint_name()
        move_whole(folder / PARTIAL / name, folder / name)
        (folder / PARTIAL).rmdir()
        rotate_checkpoints(output_dir=str(folder), save_total_limit=self.args.save_total_limit)

    def _on_one_rank(self, action: Callable[[], None]) -> None:
        """Once every rank has come this far, and before any goes on."""
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            action()
        self.accelerator.wait_for_everyone()


def go_to_epoch(loader: Any, epoch: int) -> None:
    """Put a loader's sampler where it stands when this epoch begins."""
    batches = loader.batch_sampler
    while hasattr(batches, "batch_sampler"):  # accelerate wraps it to share it out over the ranks
        batches = batches.batch_sampler
    if hasattr(batches.sampler, "set_epoch"):
        batches.sampler.set_epoch(epoch)
        return
    for _ in range(epoch):
        next(
            iter(batches.sampler), None
        )  # it draws an epoch's order when it is asked for the first row
