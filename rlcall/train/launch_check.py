"""The check that the processes that were started are what was asked for.

If not, the run ends and says what to type.

    error: configs/accelerate/zero2.yaml asks for 2 ranks with ZeRO-2, but what runs is 1 rank ·
    plain PyTorch · cpu · float32. Run:
      accelerate launch --config_file configs/accelerate/zero2.yaml --num_processes 2 launch/grpo.py

It is needed: `accelerate launch --cpu` with a DeepSpeed file, MULTI_CPU, ACCELERATE_USE_CPU, and
MULTI_GPU without a GPU all train without DeepSpeed, on one rank, or as N separate runs in one
folder, with exit status 0 and a falling loss.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rlcall.errors import ConfigError
from rlcall.model.runtime import Runtime
from rlcall.runs.folder import RunFolder
from rlcall.train.config import Config
from rlcall.train.launcher import LaunchRequest, command_for, request_of_launcher

if TYPE_CHECKING:
    from transformers import Trainer, TrainingArguments


class LaunchError(ConfigError):
    """A launch that is not what was asked for; the message has the command that would do it."""


def check_launch(args: TrainingArguments, runtime: Runtime, config: Config) -> None:
    """Compare what runs with what the config and the launcher ask for. Raises LaunchError."""
    _check_processes(args, runtime, config)
    saves_weights = runtime.zero_stage != 3 or _saves_weights(args.deepspeed_plugin)
    check_deepspeed(runtime.zero_stage, saves_weights)
    run = config.run
    if run.resume:
        _check_ranks_of_before(runtime, config)
    by_config = LaunchRequest(run.ranks, run.zero_stage, "the keys ranks and zero_stage ask for")
    for request in (by_config, request_of_launcher()):
        ranks = runtime.ranks if request.ranks is None else request.ranks
        stage = runtime.zero_stage if request.stage is None else request.stage
        if (ranks, stage) != (runtime.ranks, runtime.zero_stage):
            raise LaunchError(
                f"{request.origin} {request}, but what runs is {runtime}. "
                f"{command_for(config.method, ranks, stage)}"
            )


def check_deepspeed(stage: int, saves_weights: bool) -> None:
    """Refuse what would make a DeepSpeed run useless without a word. Raises LaunchError."""
    if stage and os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
        raise LaunchError(
            "ACCELERATE_USE_CPU is set, which switches DeepSpeed off; leave it unset, also "
            "without a GPU"
        )
    if stage == 3 and not saves_weights:
        raise LaunchError(
            "ZeRO-3 would save no weights: set zero3_save_16bit_model: true in the launcher's file"
        )


def _check_processes(args: TrainingArguments, runtime: Runtime, config: Config) -> None:
    """Check that the processes know of each other, and that each has one device."""
    started = int(os.environ.get("WORLD_SIZE", "1"))
    stage = config.run.zero_stage or runtime.zero_stage
    if started != runtime.ranks:
        raise LaunchError(
            f"{started} processes were started, but each of them sees {runtime.ranks}: they would "
            "train separately and write into one folder. "
            f"{command_for(config.method, started, stage)}"
        )
    if args.n_gpu > 1:
        raise LaunchError(
            f"{args.n_gpu} GPUs are visible to one process. "
            f"{command_for(config.method, args.n_gpu, stage)}\n"
            "or make a single one visible with CUDA_VISIBLE_DEVICES=0"
        )


def _check_ranks_of_before(runtime: Runtime, config: Config) -> None:
    """Check that a run is resumed as it was begun.

    A checkpoint has a part for each rank, cut by its ZeRO stage.
    """
    metadata = RunFolder(config.output_dir).metadata()
    before = metadata.get("runtime", {})
    ranks, stage = before.get("ranks"), before.get("zero_stage")
    if ranks is None or stage is None or "finished" in metadata:
        return
    if (ranks, stage) != (runtime.ranks, runtime.zero_stage):
        raise LaunchError(
            f"{config.output_dir} was begun on {LaunchRequest(ranks, stage, '')}, and can only be "
            f"resumed on the same, but what runs is {runtime}. "
            f"{command_for(config.method, ranks, stage)}\n"
            "or start another run with --output-dir"
        )


def _saves_weights(plugin: Any) -> bool:
    zero = plugin.deepspeed_config["zero_optimization"]
    return bool(zero.get("stage3_gather_16bit_weights_on_model_save"))


def check_engine(trainer: Trainer, runtime: Runtime) -> dict[str, str]:
    """Return the class that wraps the model and the type of its weights, for run.json.

    Raises LaunchError where that is not the engine that `runtime` names.
    """
    engine: Any = trainer.model_wrapped
    name = type(engine).__name__
    if runtime.zero_stage:
        is_right = name == "DeepSpeedEngine"
        is_right = is_right and engine.zero_optimization_stage() == runtime.zero_stage
    elif runtime.ranks > 1:
        is_right = name == "DistributedDataParallel"
    else:
        is_right = name not in ("DeepSpeedEngine", "DistributedDataParallel")
    if not is_right:
        raise LaunchError(f"the launch promises {runtime}, but the model is wrapped in {name}")
    dtype = next(engine.parameters()).dtype
    return {"engine": name, "weights": str(dtype).removeprefix("torch.")}
