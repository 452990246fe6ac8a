"""The machine: its devices, and how much room there is in memory and on the disk.

machine = look_at_machine()
# Machine(device="cpu", devices=1, cores=2, memory=17_000_000_000)
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rlcall.doctor.finding import RunFinding, ok, warning
from rlcall.model.runtime import has_accelerator, has_bf16, multiplies_bfloat16

CGROUP = Path("/sys/fs/cgroup")
NVIDIA = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True, slots=True)
class Machine:
    """The device that a run would use, and the memory that is free on it."""

    device: str
    """`cpu`, or the accelerator's type."""
    devices: int
    """How many accelerators; 1 for the processor."""
    cores: int
    memory: int
    """Bytes free: of one accelerator, or of the whole machine without one."""


def look_at_machine() -> Machine:
    """Return the first accelerator, or the processor where there is none."""
    import torch

    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    if not has_accelerator():
        return Machine("cpu", 1, cores, _free_memory())
    kind = torch.accelerator.current_accelerator()
    free = torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else _free_memory()
    return Machine(kind.type if kind else "cpu", torch.accelerator.device_count(), cores, free)


def check_machine(machine: Machine, nvidia: Path = NVIDIA) -> Iterator[RunFinding]:
    """Yield what the machine has, and a warning where a GPU is there that torch cannot see."""
    import torch

    if machine.device == "cpu" and nvidia.exists():
        message = f"the machine has an NVIDIA driver, but torch {torch.__version__} sees no GPU"
        yield warning("machine", message, "a torch built for CUDA, and CUDA_VISIBLE_DEVICES unset")
    elif machine.device == "cpu":
        message = f"no GPU: {machine.cores} cores, {gib(machine.memory)} of memory free"
        if multiplies_bfloat16("cpu"):
            message += "; bfloat16 in hardware, which rollout_dtype and bf16: true use"
        yield ok("machine", message)
    else:
        bf16 = "bfloat16" if has_bf16() else "no bfloat16"
        memory = f"{gib(machine.memory)} free on the first"
        yield ok("machine", f"{machine.devices} x {machine.device}, {memory}, {bf16}")


def _free_memory() -> int:
    """Return the machine's free bytes, or what a container's limit (cgroup v2) leaves."""
    import psutil

    free = int(psutil.virtual_memory().available)
    limit, used = _read_number(CGROUP / "memory.max"), _read_number(CGROUP / "memory.current")
    if limit is None or used is None:
        return free
    return min(free, max(limit - used, 0))


def _read_number(file: Path) -> int | None:
    text = file.read_text().strip() if file.is_file() else ""
    return int(text) if text.isdigit() else None


def free_disk(folder: Path) -> int:
    """Return the bytes free where a folder is or will be made."""
    path = folder.absolute()
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free


def gib(size: float) -> str:
    """1_500_000_000 -> "1.4 GiB"; MiB below a tenth."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 / 10 else f"{size / 2**20:.0f} MiB"
