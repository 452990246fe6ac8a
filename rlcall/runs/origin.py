"""The run that made a model.

run_of("runs/sft/checkpoint-40").path      # runs/sft
taught_wire("runs/sft")                    # "hermes"
run_of("smollm2-135m")                     # None: no run made it
"""

from __future__ import annotations

from pathlib import Path

from rlcall.runs.folder import RunFolder


def run_of(model: str) -> RunFolder | None:
    """Return the run of a model, which is the run's folder or one in it; None without one."""
    if not Path(model).is_dir():  # a name, whose parent would be the folder in which we are
        return None
    folder = Path(model).absolute()
    for run in (RunFolder(folder), RunFolder(folder.parent)):
        if run.is_run:
            return run
    return None


def taught_wire(model: str) -> str | None:
    """Return the wire format in which a run taught a model to write calls; None where none did."""
    run = run_of(model)
    return run.metadata().get("wire") if run else None


def is_sft_run(model: str) -> bool:
    """Return whether a model was made by an SFT run."""
    run = run_of(model)
    return run is not None and run.metadata().get("method") == "sft"
