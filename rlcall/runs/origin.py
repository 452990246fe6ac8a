"""The run that made a model.

run_of("runs/sft/checkpoint-40").path      # runs/sft
run_of("runs/grpo/warm_start/model").path  # runs/grpo
taught_wire("runs/sft")                    # "hermes"
run_of("smollm2-135m")                     # None: no run made it
"""

from __future__ import annotations

from pathlib import Path

from rlcall.runs.folder import RunFolder


def run_of(model: str) -> RunFolder | None:
    """Return the run of a model; None without one.

    The model is the run's folder, one in it, or one in its warm start's.
    """
    folder = Path(model).expanduser()
    if not folder.is_dir():  # a name, whose parent would be the folder in which we are
        return None
    folder = folder.absolute()
    for parent in (folder, *folder.parents[:2]):
        if RunFolder(parent).is_run:
            return RunFolder(parent)
    return None


def taught_wire(model: str) -> str | None:
    """Return the wire format in which a run taught a model to write calls; None where none did."""
    run = run_of(model)
    return run.metadata().get("wire") if run else None


def is_sft_run(model: str) -> bool:
    """Return whether a model was made by SFT: by a run of it, or by another run's warm start."""
    run = run_of(model)
    if run is None:
        return False
    is_warm_start = Path(model).expanduser().absolute().is_relative_to(run.warm_start.absolute())
    return is_warm_start or run.metadata().get("method") == "sft"
