"""Checkpoints to go on from: those that are whole.

    runs/grpo/checkpoint-12/       the newest whole one: `--resume` goes on from here
    runs/grpo/torn-checkpoint-16/  one that was found damaged, and passed over

A checkpoint is whole when its manifest (`rlcall.train.resume.manifest`) names what is there. One
without a manifest counts as torn, whoever wrote it. `rlcall.train.resume.sealed_checkpoints` writes
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rlcall.files.whole import move_whole
from rlcall.runs.folder import checkpoints_in
from rlcall.train.resume.manifest import find_damage, find_flaw

STATE = "trainer_state.json"
ENDED = "rlcall_ended"
"""Marks, in a state's `stateful_callbacks`, a training that ended before its last step."""


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest whole checkpoint, as far as names and sizes of its files tell; or None."""
    for checkpoint in checkpoints_in(folder):
        if find_flaw(checkpoint) is None:
            return checkpoint
    return None


def checkpoint_to_resume(folder: Path, say: Callable[[str], None]) -> Path | None:
    """Return the newest checkpoint whose every byte is as it was written, or None.

    All ranks call it.

    Those passed over are named, and renamed: they would count as checkpoints in `save_total_limit`.
    """
    from accelerate import PartialState
    from accelerate.utils import gather_object

    state = PartialState()
    for checkpoint in checkpoints_in(folder):
        flaw = find_flaw(checkpoint)
        flaw = flaw or find_damage(checkpoint, state.process_index, state.num_processes)
        flaws = [flaw for flaw in gather_object([flaw]) if flaw]  # each rank has read some files
        if not flaws:
            return checkpoint
        torn = checkpoint.with_name(f"torn-{checkpoint.name}")
        if state.is_main_process:
            move_whole(checkpoint, torn)
        say(
            f"{checkpoint.name} is torn: {flaws[0]}. It is passed over, and is {torn} now; "
            "it can be deleted"
        )
    return None


def is_last(checkpoint: Path, max_steps: int) -> bool:
    """Return whether training is complete at this checkpoint.

    Resuming there would do one step too many.

    `max_steps` is what is asked for now; where that is not positive, what was due when it was
    written counts.
    """
    state = json.loads((checkpoint / STATE).read_text())
    last_step = max_steps if max_steps > 0 else state["max_steps"]
    return ENDED in state.get("stateful_callbacks", ()) or state["global_step"] >= last_step
