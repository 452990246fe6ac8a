"""Checkpoints that appear when they are whole.

    runs/grpo/checkpoint-12/            whole, with a manifest of its files
    runs/grpo/.partial/checkpoint-16/   one that is being written, or was when the run was killed

TRL writes `checkpoint-12/` file by file and trainer_state.json last; a run that is killed meanwhile
leaves a torn one that it can't resume from. Here every rank writes into `.partial/checkpoint-12/`,
which gets a manifest and moves into place when all are done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rlcall.errors import ConfigError
from rlcall.files.whole import move_whole
from rlcall.runs.folder import PARTIAL, checkpoint_name, checkpoints_in
from rlcall.train.resume.manifest import describe, write_manifest
from rlcall.train.resume.own_state import OwnState, load_state, save_state


class SealedCheckpoints(OwnState):
    """A mixin before all others: `class Trainer(SealedCheckpoints, GenerationBuffer, GRPOTrainer)`.

    What `own_state` gives is kept with what TRL saves of each rank, and `restore_own_state` gets it
    before the first step of a resumed run.
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

    def own_state(self) -> dict[str, Any]:
        """Return what the next log line counts, and the weights of a reference that moves."""
        return {
            **super().own_state(),
            "reference": list(self._reference()),
            "metrics": self._metrics["train"],
            "tokens": self._total_train_tokens,
            "loss": self._tr_loss,
            "last_logged": self._globalstep_last_logged,
        }

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Take it up.

        Raises ConfigError where a reference moved and none does now, or the other way round.
        """
        super().restore_own_state(state)
        reference = list(self._reference())
        if len(reference) != len(state["reference"]):
            moved = str(bool(state["reference"])).lower()
            raise ConfigError(
                f"this run was begun with sync_ref_model: {moved}, and cannot be resumed with "
                "another"
            )
        self._metrics["train"].update(state["metrics"])
        self._total_train_tokens = state["tokens"]
        self._globalstep_last_logged = state["last_logged"]
        self._tr_loss.copy_(state["loss"])
        for weight, saved in zip(reference, state["reference"], strict=True):
            weight.copy_(saved)

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Write none: the folder describes itself, and TRL's would replace the user's README."""

    def _get_output_dir(self, trial: Any) -> str:
        folder = super()._get_output_dir(trial)  # type: ignore[misc]
        return os.path.join(folder, PARTIAL) if self._staging else folder

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self._get_output_dir(trial))
        part = folder / PARTIAL
        # one that a killed run has left
        self._on_one_rank(lambda: shutil.rmtree(part, ignore_errors=True))
        self._staging = True
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
        finally:
            self._staging = False
        self._seal(part / checkpoint_name(self.state.global_step))
        self._on_one_rank(lambda: self._publish(folder))

    def _save_rng_state(self, output_dir: str) -> None:
        """Save our state with the random numbers: TRL saves here what differs from rank to rank."""
        super()._save_rng_state(output_dir)  # type: ignore[misc]
        save_state(self._state_file(output_dir), self.own_state())

    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Restore our state with theirs: data and model are in place, and no step is taken yet."""
        super()._load_rng_state(checkpoint)  # type: ignore[misc]
        if checkpoint is not None:
            state = load_state(self._state_file(checkpoint), self.args.device)
            self.restore_own_state(state)

    def _run_epoch(self, *args: Any, **kwargs: Any) -> None:
        """Begin a resumed run in its epoch.

        Some samplers count how often they are asked, and TRL asks a resumed run's once.
        """
        if kwargs["resume_from_checkpoint"] and kwargs["epoch"] == kwargs["epochs_trained"]:
            go_to_epoch(kwargs["train_dataloader"], kwargs["epoch"])
        super()._run_epoch(*args, **kwargs)  # type: ignore[misc]

    def _reference(self) -> Iterator[Any]:
        """Return this rank's part of the reference's weights where `sync_ref_model` moves them."""
        if getattr(self.args, "sync_ref_model", False):
            for parameter in self.ref_model.parameters():
                # ds_tensor: a rank's part of a weight under ZeRO-3
                yield getattr(parameter, "ds_tensor", parameter).detach()

    def _state_file(self, checkpoint: str) -> Path:
        return Path(checkpoint) / f"own_state_{self.args.process_index}.safetensors"

    def _seal(self, part: Path) -> None:
        """Write the manifest, of which each rank describes some files."""
        from accelerate.utils import gather_object

        self.accelerator.wait_for_everyone()
        described = describe(part, self.args.process_index, self.args.world_size)
        listings = gather_object([described])
        if self.args.should_save:
            files = {}
            for listing in listings:
                files.update(listing)
            write_manifest(part, files)

    def _publish(self, folder: Path) -> None:
        """Move a sealed checkpoint into place, and delete those beyond `save_total_limit`.

        They leave their place first: an interrupt in the middle of the deletion, which
        transformers' own would leave half done there, leaves whole checkpoints alone.
        """
        name, part = checkpoint_name(self.state.global_step), folder / PARTIAL
        move_whole(part / name, folder / name)
        limit = self.args.save_total_limit
        if limit and limit > 0:
            for checkpoint in checkpoints_in(folder)[limit:]:  # the newest comes first
                os.replace(checkpoint, part / checkpoint.name)
        shutil.rmtree(part, ignore_errors=True)

    def _on_one_rank(self, action: Callable[[], None]) -> None:
        """Do something once every rank has come this far, and before any goes on."""
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            action()
        self.accelerator.wait_for_everyone()


def go_to_epoch(loader: Any, epoch: int) -> None:
    """Put a loader's sampler where it is when this epoch begins."""
    batches = loader.batch_sampler
    while hasattr(batches, "batch_sampler"):  # accelerate wraps it to divide it among the ranks
        batches = batches.batch_sampler
    if hasattr(batches.sampler, "set_epoch"):
        batches.sampler.set_epoch(epoch)
        return
    for _ in range(epoch):
        next(iter(batches.sampler), None)  # asked for the first row, it draws an epoch's order
