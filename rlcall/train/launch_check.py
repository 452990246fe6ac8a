"""Whether the processes that were started are what was asked for. If not, the run ends at once and says what to type.

    error: configs/accelerate/zero2.yaml asks for 2 ranks with ZeRO-2, but what runs is 1 rank · plain PyTorch · cpu
    · float32. Run:
      accelerate launch --config_file configs/accelerate/zero2.yaml --num_processes 2 launch/grpo.py

It has to be checked: `accelerate launch --cpu` beside a DeepSpeed file, MULTI_CPU, ACCELERATE_USE_CPU, and MULTI_GPU
without a GPU all train without DeepSpeed, on one rank, or as N separate runs in one folder, with exit status 0 and a
falling loss.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rlcall.errors import ConfigError
from rlcall.files.shipped import CONFIGS
from rlcall.model.runtime import Runtime, has_accelerator
from rlcall.runs.folder import RunFolder
from rlcall.train.config import Config

if TYPE_CHECKING:
    from transformers import Trainer, TrainingArguments


# `accelerate launch`, `accelerate-launch`, `python -m accelerate.commands.launch`
LAUNCHERS = ("launch", "accelerate-launch", "accelerate.commands.launch")
GRACE = 10  # seconds that a rank without a launcher has to end by itself


class LaunchError(ConfigError):
    """What runs is not what was asked for; the message has the command that would do it."""


class Asked(NamedTuple):
    """What somebody asks for; None: anything. `by` says who asks."""

    ranks: int | None
    stage: int | None
    by: str

    def __str__(self) -> str:
        ranks = (
            "any number of ranks"
            if self.ranks is None
            else f"{self.ranks} rank{'s'[: self.ranks != 1]}"
        )
        stages = {None: "any ZeRO stage", 0: "no DeepSpeed"}
        return f"{ranks} with {stages.get(self.stage, f'ZeRO-{self.stage}')}"


def check_launch(args: TrainingArguments, runtime: Runtime, config: Config) -> None:
    """Before anything is trained. Raises LaunchError."""
    _check_processes(args, runtime, config)
    check_deepspeed(
        runtime.zero_stage,
        saves_weights=runtime.zero_stage != 3 or _saves_weights(args.deepspeed_plugin),
    )
    if config.run.resume:
        _check_ranks_of_before(runtime, config)
    for asked in (
        Asked(config.run.ranks, config.run.zero_stage, "the keys ranks and zero_stage ask for"),
        _of_launcher(),
    ):
        ranks = runtime.ranks if asked.ranks is None else asked.ranks
        stage = runtime.zero_stage if asked.stage is None else asked.stage
        if (ranks, stage) != (runtime.ranks, runtime.zero_stage):
            found = f"but what runs is {runtime}. {_remedy(config, ranks, stage)}"
            raise LaunchError(f"{asked.by} {asked}, {found}")


def check_deepspeed(stage: int, saves_weights: bool) -> None:
    """What would make a DeepSpeed run useless without a word. Raises LaunchError."""
    if stage and os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
        raise LaunchError(
            "ACCELERATE_USE_CPU is set, which switches DeepSpeed off; leave it unset, also without a GPU"
        )
    if stage == 3 and not saves_weights:
        raise LaunchError(
            "ZeRO-3 would save no weights: set zero3_save_16bit_model: true in the launcher's file"
        )


def _check_processes(args: TrainingArguments, runtime: Runtime, config: Config) -> None:
    """The processes that were started know of each other, and each has one device."""
    started = int(os.environ.get("WORLD_SIZE", "1"))
    stage = config.run.zero_stage or runtime.zero_stage
    if started != runtime.ranks:
        raise LaunchError(
            f"{started} processes were started, but each of them sees {runtime.ranks}: they would train apart and "
            f"write into one folder. {_remedy(config, started, stage)}"
        )
    if args.n_gpu > 1:
        raise LaunchError(
            f"{args.n_gpu} GPUs are visible to one process. {_remedy(config, args.n_gpu, stage)}\n"
            "or make a single one visible with CUDA_VISIBLE_DEVICES=0"
        )


def _check_ranks_of_before(runtime: Runtime, config: Config) -> None:
    """A checkpoint has a part for each rank, cut as its ZeRO stage cuts it."""
    record = RunFolder(config.output_dir).metadata()
    begun = record.get("runtime", {}).get("ranks"), record.get("runtime", {}).get("zero_stage")
    if (
        None not in begun
        and begun != (runtime.ranks, runtime.zero_stage)
        and "finished" not in record
    ):
        raise LaunchError(
            f"{config.output_dir} was begun on {Asked(*begun, by='')}, and can only be resumed on the same, but what "
            f"runs is {runtime}. {_remedy(config, *begun)}\nor start another run with --output_dir"
        )


def _saves_weights(plugin: Any) -> bool:
    return bool(
        plugin.deepspeed_config["zero_optimization"].get(
            "stage3_gather_16bit_weights_on_model_save"
        )
    )


def check_engine(trainer: Trainer, runtime: Runtime) -> dict[str, str]:
    """Once training starts: the class that wraps the model and the type of its weights, for the run's record.

    Raises LaunchError where that is not the engine that `runtime` names.
    """
    engine: Any = trainer.model_wrapped
    found = type(engine).__name__
    if runtime.zero_stage:
        right = (
            found == "DeepSpeedEngine" and engine.zero_optimization_stage() == runtime.zero_stage
        )
    else:
        right = found != "DeepSpeedEngine" and (found == "DistributedDataParallel") == (
            runtime.ranks > 1
        )
    if not right:
        raise LaunchError(f"the launch promises {runtime}, but the model is wrapped in {found}")
    return {"engine": found, "weights": str(next(engine.parameters()).dtype).removeprefix("torch.")}


def launcher() -> list[str]:
    """The command that started this process as one rank: `["accelerate", "launch", ...]`; [] if there is none."""
    import psutil

    parent = psutil.Process().parent()
    command = parent.cmdline() if parent else []
    begin = next(
        (place for place, part in enumerate(command[:4], 1) if Path(part).name in LAUNCHERS), None
    )
    return ["accelerate", "launch", *command[begin:]] if begin else []


def end_with_launcher() -> None:
    """From here on this rank ends when its launcher does, even by kill -9: torchrun starts ranks that outlive it."""
    if launcher() or "TORCHELASTIC_RUN_ID" in os.environ:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    signal.alarm(
        GRACE
    )  # ends it where no Python runs any more: it may be waiting for another rank for ever
    os.kill(
        os.getpid(), signal.SIGTERM
    )  # what a launcher does that is stopped; main says how to go on


def _of_launcher() -> Asked:
    """What `accelerate launch`, if it started this process, was asked for by its `--config_file`."""
    from accelerate.commands.launch import launch_command_parser

    options, _ = launch_command_parser().parse_known_args(launcher()[2:] or ["none"])
    if options.config_file is None:
        return Asked(options.num_processes, None, "--num_processes asks for")
    return asked_by_file(options.config_file, options.num_processes)


def asked_by_file(path: str, ranks: int | None) -> Asked:
    """What a launcher's file asks for; `ranks` is what `--num_processes` sets in its place."""
    from accelerate.commands.config.config_args import load_config_from_file

    file = load_config_from_file(path)
    stage = (
        getattr(file, "deepspeed_config", {}).get("zero_stage")
        if file.distributed_type == "DEEPSPEED"
        else 0
    )
    return Asked(ranks or file.num_processes, stage, f"{path} asks for")


def _remedy(config: Config, ranks: int, stage: int) -> str:
    """The command that gives so many ranks at that stage."""
    file = launcher_file(ranks, stage)
    how = f"--config_file {_shown(file)} " if file else ""
    script, arguments = f"launch/{config.method}.py", sys.argv[1:]
    if not sys.argv[0].endswith(f"{config.method}.py"):
        script = f"-m rlcall {config.method}"
        arguments = arguments[arguments[:1] == [config.method] :]
    return f"Run:\n  accelerate launch {how}--num_processes {ranks} {script} {shlex.join(arguments)}".rstrip()


def launcher_file(ranks: int, stage: int) -> Path | None:
    """The shipped file that gives so many ranks at that stage, with `--num_processes`; None: none is needed."""
    plain = "ddp" if has_accelerator() else "cpu2"
    name = f"zero{stage}" if stage else plain if ranks > 1 else None
    return CONFIGS / "accelerate" / f"{name}.yaml" if name else None


def _shown(path: Path) -> Path:
    """From here, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
