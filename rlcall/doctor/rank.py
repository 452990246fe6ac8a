"""One rank of the doctor's steps, started as a run's ranks are.

    accelerate launch --config_file ... -m rlcall.doctor.rank grpo FOLDER

`FOLDER/config.yaml` is the run's config with few rows and steps. Rank 0 leaves `FOLDER/taken.json`:

    {"runtime": "2 ranks (gloo) · DDP · cpu · float32", "peak": 812347392,
     "seconds": {"warm_start": [0.2, 0.1], "grpo": [1.9, 1.7]}}

Where something is wrong, a rank leaves `FOLDER/error-0.txt` (its number) with what it says.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcall.files.whole import whole_file
from rlcall.model.runtime import prepare_environment
from rlcall.train.config import Config, parse, trainer_class

if TYPE_CHECKING:
    from rlcall.train.session import Session


def main(argv: list[str]) -> int:
    """Take the steps as one rank; return 0, or 1 with an error file."""
    method, folder = argv[0], Path(argv[1])
    prepare_environment()
    try:
        _take_steps(parse(method, ["--config", str(folder / "config.yaml")]), folder)
    except Exception as raised:  # boundary: the doctor says what ends a run; its log has the rest
        is_ours = type(raised).__module__.startswith("rlcall")
        with whole_file(folder / f"error-{os.environ.get('RANK', '0')}.txt") as file:
            file.write(str(raised) if is_ours else f"{type(raised).__name__}: {raised}")
        if is_ours:
            return 1
        raise
    return 0


def _take_steps(config: Config, folder: Path) -> None:
    from accelerate import PartialState
    from accelerate.utils import gather_object

    from rlcall.train.opening import open_session

    session = open_session(config)
    seconds = {}
    for phase, (method, keys) in _phases(session).items():
        seconds[phase] = _train_phase(session, phase, method, keys)
    peak = max(gather_object([_memory_peak()]))
    if session.folder.writes:
        timings = {"runtime": str(session.runtime), "peak": peak, "seconds": seconds}
        with whole_file(folder / "taken.json") as file:
            json.dump(timings, file)
    gc.collect()
    PartialState().destroy_process_group()


def _phases(session: Session) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return what the run trains, in order: phase -> (method, keys)."""
    from rlcall.train.warm_start import warm_start_keys, why_no_warm_start

    config = session.config
    phases = {}
    if why_no_warm_start(config, session.base) is None:
        phases["warm_start"] = ("sft", warm_start_keys(config, session.runtime.ranks))
    return {**phases, config.method: (config.method, config.trainer)}


def _train_phase(session: Session, phase: str, method: str, keys: dict[str, Any]) -> list[float]:
    """Train a phase from the base model and return the seconds of each optimiser step."""
    from rlcall.model import load as models
    from rlcall.train.arguments import trainer_args
    from rlcall.train.methods import implementation
    from rlcall.train.watch.progress import Progress

    args = trainer_args(trainer_class(method), keys, session.folder.path)
    model = models.load_model(session.base, dtype=session.config.run.dtype)
    trainer, samples = implementation(method).build_trainer(session, model, args)
    seconds = _time_steps(trainer)
    with Progress(session, phase, trainer, samples):
        trainer.train()
    trainer.accelerator.free_memory()
    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    return seconds


def _time_steps(trainer: Any) -> list[float]:
    """Return a list that gets the seconds of each step while the trainer trains."""
    from transformers import TrainerCallback

    seconds: list[float] = []

    class StepClock(TrainerCallback):
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            self.last = time.monotonic()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            now = time.monotonic()
            seconds.append(now - self.last)
            self.last = now

    trainer.add_callback(StepClock())
    return seconds


def _memory_peak() -> int:
    """Return the most bytes that this process ever held, of the GPU where there is one."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
