"""What really runs: ranks, backend, engine, ZeRO stage, device, precision. Asserted, printed and kept in run.json.

    2 ranks (gloo) · DeepSpeed ZeRO-2 · cpu · float32 · 1 thread per rank

It is asserted because several launch forms that look right train without DeepSpeed, or on one rank, or as N separate
runs in one folder, all with exit status 0 and a falling loss.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rlcall.train.config import Config, ConfigError, RunConfig

if TYPE_CHECKING:
    from transformers import Trainer, TrainingArguments


class LaunchError(ConfigError):
    """The processes that were started are not what the run expects; the message has the command that would do it."""


@dataclass(frozen=True)
class Runtime:
    """The facts of a run's processes. `zero_stage` is 0 without DeepSpeed."""

    ranks: int
    rank: int
    backend: str | None
    engine: str
    zero_stage: int
    device: str
    precision: str
    threads: int

    def __str__(self) -> str:
        ranks = "1 rank" if self.ranks == 1 else f"{self.ranks} ranks ({self.backend})"
        threads = f" · {self.threads} thread{'s'[: self.threads > 1]} per rank" if self.device == "cpu" else ""
        return f"{ranks} · {self.engine} · {self.device} · {self.precision}{threads}"

    def record(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "rank"}


def prepare_environment() -> None:
    """What must stand in the environment before torch and the hub's client are imported."""
    os.environ.setdefault("OMP_NUM_THREADS", str(_share_of_cores()))
    for name, value in {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRL_EXPERIMENTAL_SILENCE": "1",
    }.items():
        os.environ.setdefault(name, value)


def has_accelerator() -> bool:
    import torch

    return torch.accelerator.is_available()


def set_threads(run: RunConfig) -> None:
    """Threads of a rank without a GPU. `accelerate launch` sets OMP_NUM_THREADS=1 by itself, so a 1 says nothing."""
    import torch

    if not has_accelerator():
        wanted = int(os.environ.get("OMP_NUM_THREADS", "1"))
        torch.set_num_threads(run.cpu_threads or (wanted if wanted > 1 else _share_of_cores()))


def _share_of_cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def read_runtime(args: TrainingArguments) -> Runtime:
    """What TRL's arguments found when they set up this process."""
    import torch

    stage = args.deepspeed_plugin.zero_stage if args.deepspeed_plugin else 0
    engine = f"DeepSpeed ZeRO-{stage}" if args.deepspeed_plugin else "DDP" if args.world_size > 1 else "plain PyTorch"
    device = args.device.type
    name = f"{device} ({torch.cuda.get_device_name(args.device)})" if device == "cuda" else device
    precision = "bfloat16" if args.bf16 else "float16" if args.fp16 else "float32"
    backend = args.distributed_state.backend if args.world_size > 1 else None
    return Runtime(
        args.world_size, args.process_index, backend, engine, stage, name, precision, torch.get_num_threads()
    )


def check_launch(args: TrainingArguments, runtime: Runtime, config: Config) -> None:
    """End the run before it starts where the launcher did not give what it was asked for. Raises LaunchError."""
    started = int(os.environ.get("WORLD_SIZE", "1"))
    run, found = config.run, f"found {runtime}"
    if started != runtime.ranks:
        raise LaunchError(
            f"{started} processes were started, but each of them sees {runtime.ranks}: they would train apart and "
            f"write into one folder. Start them with:\n  {_command(config, started, run.zero_stage or 0)}"
        )
    if args.n_gpu > 1:
        raise LaunchError(
            f"{args.n_gpu} GPUs are visible to one process. Use them all with:\n"
            f"  {_command(config, args.n_gpu, run.zero_stage or 0)}\nor make one visible with CUDA_VISIBLE_DEVICES=0"
        )
    wanted_ranks = run.ranks if run.ranks is not None else runtime.ranks
    wanted_stage = run.zero_stage if run.zero_stage is not None else runtime.zero_stage
    if (wanted_ranks, wanted_stage) != (runtime.ranks, runtime.zero_stage):
        expected = f"ranks: {run.ranks}, zero_stage: {run.zero_stage}".replace("None", "any")
        raise LaunchError(f"{expected} expected, {found}. Run:\n  {_command(config, wanted_ranks, wanted_stage)}")


def _command(config: Config, ranks: int, stage: int) -> str:
    """The launch that gives so many ranks at that stage."""
    if stage:
        how = f"--config_file configs/accelerate/zero{stage}.yaml --num_processes {ranks}"
    elif ranks > 1:
        how = f"--config_file configs/accelerate/{'ddp' if has_accelerator() else 'cpu2'}.yaml --num_processes {ranks}"
    else:
        how = "--num_processes 1"
    script = f"launch/{config.method}.py" if sys.argv[0].endswith(".py") else f"-m rlcall {config.method}"
    return f"accelerate launch {how} {script} {shlex.join(sys.argv[1:])}".rstrip()


def check_engine(trainer: Trainer, runtime: Runtime) -> None:
    """The engine that wraps the model once training starts is the one that `runtime` names. Raises LaunchError."""
    found = type(trainer.model_wrapped).__name__
    if runtime.engine.startswith("DeepSpeed"):
        stage = trainer.model_wrapped.zero_optimization_stage() if found == "DeepSpeedEngine" else None
        right = stage == runtime.zero_stage
    else:
        right = (found == "DistributedDataParallel") == (runtime.ranks > 1) and found != "DeepSpeedEngine"
    if not right:
        raise LaunchError(
            f"the launch promises {runtime}, but the model is wrapped in {found}. Is ACCELERATE_USE_CPU set? "
            "Leave it unset: a run without a GPU finds that out by itself"
        )


def use_gloo_only() -> None:
    """Keep DeepSpeed on CPU from compiling its shared-memory collectives: gloo needs no compiler and gives the same."""
    import deepspeed

    deepspeed.ops.__compatible_ops__ = {
        **vars(deepspeed.ops).get("__compatible_ops__", {}),
        "deepspeed_shm_comm": False,
    }


def weights_hash(model: Any) -> str:
    """A digest of all weights as this rank sees them. All ranks call it: ZeRO-3 gathers each weight in turn."""
    import torch

    digest = hashlib.sha256()
    for name, parameter in sorted(model.named_parameters()):
        with _whole(parameter):
            digest.update(f"{name} {torch.hash_tensor(parameter.detach()).item():x}\n".encode())
    return digest.hexdigest()[:16]


def _whole(parameter: Any) -> AbstractContextManager[Any]:
    """Inside, a parameter that ZeRO-3 shares out over the ranks is whole on each."""
    if not hasattr(parameter, "ds_id"):
        return nullcontext()
    import deepspeed

    return deepspeed.zero.GatheredParameters([parameter])


def quieten() -> None:
    """Turn off what a newcomer can't act on: other libraries' bars, and warnings about names that TRL itself uses."""
    import warnings

    import datasets
    from transformers.utils import logging

    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|trl|torch|deepspeed)\b")
