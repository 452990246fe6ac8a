"""What really runs: ranks, backend, engine, ZeRO stage, device, precision. Printed, and kept in run.json.

    2 ranks (gloo) · DeepSpeed ZeRO-2 · cpu · float32 · 1 thread per rank

`rlcall.train.launch_check` compares it with what was asked for.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import TrainingArguments


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
        threads = (
            f" · {self.threads} thread{'s'[: self.threads > 1]} per rank"
            if self.device == "cpu"
            else ""
        )
        return f"{ranks} · {self.engine} · {self.device} · {self.precision}{threads}"

    def metadata(self) -> dict[str, Any]:
        """Return the facts that run.json keeps: all but the rank's own number."""
        return {key: value for key, value in asdict(self).items() if key != "rank"}


def prepare_environment() -> None:
    """What must stand in the environment before torch and the hub's client are imported."""
    for name, value in {
        "OMP_NUM_THREADS": str(_share_of_cores()),
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait by spinning halve the speed where cores are shared
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }.items():
        os.environ.setdefault(name, value)


def has_accelerator() -> bool:
    import torch

    return torch.accelerator.is_available()


def has_bf16() -> bool:
    """Whether to compute in bfloat16 unless told otherwise."""
    import torch

    return torch.cuda.is_available() and torch.cuda.is_bf16_supported()


def set_threads(count: int | None) -> None:
    """Threads of a rank without a GPU. `accelerate launch` sets OMP_NUM_THREADS=1 by itself, so a 1 says nothing."""
    import torch

    if not has_accelerator():
        wanted = int(os.environ.get("OMP_NUM_THREADS", "1"))
        torch.set_num_threads(count or (wanted if wanted > 1 else _share_of_cores()))


def _share_of_cores() -> int:
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def device_name(device: torch.device) -> str:
    """`cpu`, or `cuda (NVIDIA H100 80GB HBM3)`."""
    import torch

    return (
        f"{device.type} ({torch.cuda.get_device_name(device)})"
        if device.type == "cuda"
        else device.type
    )


def read_runtime(args: TrainingArguments) -> Runtime:
    """What TRL's arguments found when they set up this process."""
    import torch

    stage = args.deepspeed_plugin.zero_stage if args.deepspeed_plugin else 0
    engine = (
        f"DeepSpeed ZeRO-{stage}"
        if args.deepspeed_plugin
        else "DDP"
        if args.world_size > 1
        else "plain PyTorch"
    )
    device = device_name(args.device)
    precision = "bfloat16" if args.bf16 else "float16" if args.fp16 else "float32"
    backend = args.distributed_state.backend if args.world_size > 1 else None
    return Runtime(
        args.world_size,
        args.process_index,
        backend,
        engine,
        stage,
        device,
        precision,
        torch.get_num_threads(),
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

    if not has_accelerator():
        os.environ.setdefault(
            "DS_ACCELERATOR", "cpu"
        )  # DeepSpeed warns where it has to find that out
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.filterwarnings(
        "ignore", category=FutureWarning, module=r"(transformers|trl|torch|deepspeed)\b"
    )
