"""The processes of a run as they really are: ranks, engine, ZeRO stage, device, precision.

Kept in run.json.

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
    """The facts of the processes of a run. `zero_stage` is 0 without DeepSpeed."""

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
        parts = [ranks, self.engine, self.device, self.precision]
        if self.device == "cpu":
            threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
            parts.append(f"{threads} per rank")
        return " · ".join(parts)

    def metadata(self) -> dict[str, Any]:
        """Return the facts that run.json keeps: all but the rank's own number."""
        return {key: value for key, value in asdict(self).items() if key != "rank"}


def prepare_environment() -> None:
    """Set what the environment must hold before torch and the hub's client are imported."""
    for name, value in {
        "OMP_NUM_THREADS": str(_cores_per_rank()),
        # Threads that wait by spinning halve the speed where cores are shared.
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }.items():
        os.environ.setdefault(name, value)


def has_accelerator() -> bool:
    import torch

    return torch.accelerator.is_available()


def has_bf16() -> bool:
    """Tell whether to compute in bfloat16 unless told otherwise."""
    import torch

    return torch.cuda.is_available() and torch.cuda.is_bf16_supported()


def multiplies_bfloat16(device: str) -> bool:
    """Tell whether a kind of device (`cpu`, `cuda`) has instructions for bfloat16 products."""
    import torch

    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device != "cpu":
        return False
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def set_threads(count: int | None) -> None:
    """Set the threads of a rank without a GPU.

    None means those of OMP_NUM_THREADS, or its part of the cores.
    """
    import torch

    if not has_accelerator():
        # `accelerate launch` sets OMP_NUM_THREADS=1 by itself, so a 1 says nothing.
        from_environment = int(os.environ.get("OMP_NUM_THREADS", "1"))
        default = from_environment if from_environment > 1 else _cores_per_rank()
        torch.set_num_threads(count or default)


def _cores_per_rank() -> int:
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def device_name(device: torch.device) -> str:
    """Return `cpu`, or `cuda (NVIDIA H100 80GB HBM3)`."""
    import torch

    if device.type == "cuda":
        return f"{device.type} ({torch.cuda.get_device_name(device)})"
    return device.type


def read_runtime(args: TrainingArguments) -> Runtime:
    """Read what TRL's arguments found when they set up this process."""
    import torch

    zero_stage = 0
    if args.deepspeed_plugin:
        zero_stage = args.deepspeed_plugin.zero_stage
        engine = f"DeepSpeed ZeRO-{zero_stage}"
    elif args.world_size > 1:
        engine = "DDP"
    else:
        engine = "plain PyTorch"
    return Runtime(
        ranks=args.world_size,
        rank=args.process_index,
        backend=args.distributed_state.backend if args.world_size > 1 else None,
        engine=engine,
        zero_stage=zero_stage,
        device=device_name(args.device),
        precision="bfloat16" if args.bf16 else "float16" if args.fp16 else "float32",
        threads=torch.get_num_threads(),
    )


def use_gloo_only() -> None:
    """Keep DeepSpeed on CPU from compiling its shared-memory collectives.

    gloo needs no compiler and gives the same.
    """
    import deepspeed

    deepspeed.ops.__compatible_ops__ = {
        **vars(deepspeed.ops).get("__compatible_ops__", {}),
        "deepspeed_shm_comm": False,
    }


def weights_hash(model: Any) -> str:
    """Return a digest of all weights as this rank sees them.

    All ranks call it: ZeRO-3 gathers each weight in turn.
    """
    import torch

    digest = hashlib.sha256()
    for name, parameter in sorted(model.named_parameters()):
        with _gathered(parameter):
            digest.update(f"{name} {torch.hash_tensor(parameter.detach()).item():x}\n".encode())
    return digest.hexdigest()[:16]


def _gathered(parameter: Any) -> AbstractContextManager[Any]:
    """Have each rank hold the whole of a parameter that ZeRO-3 divides among the ranks."""
    if not hasattr(parameter, "ds_id"):
        return nullcontext()
    import deepspeed

    return deepspeed.zero.GatheredParameters([parameter])


def quieten() -> None:
    """Turn off what a newcomer can't act on.

    That is other libraries' bars, and warnings about names that TRL itself uses.
    """
    import warnings

    import datasets
    from transformers.utils import logging

    if not has_accelerator():
        # DeepSpeed warns where it has to find that out.
        os.environ.setdefault("DS_ACCELERATOR", "cpu")
    datasets.disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.filterwarnings(
        "ignore", category=FutureWarning, module=r"(transformers|trl|torch|deepspeed)\b"
    )
