"""A full disk, as each library that writes a checkpoint reports it.

is_full(OSError(errno.ENOSPC, "..."))     # Python
is_full(SafetensorError("... I/O error: No space left on device (os error 28)"))     # safetensors
is_full(RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"))
# torch.save
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

MESSAGES = (
    "No space left on device",
    "Disk quota exceeded",
    "iostream error",
    "unexpected pos",
    "PytorchStreamWriter",
)


def is_full(error: BaseException | None) -> bool:
    """Return whether an error, or one that it came from, says that no more could be written."""
    if error is None:
        return False
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if any(message in str(error) for message in MESSAGES):
        return True
    return is_full(error.__cause__ or error.__context__)


def describe_room(folder: Path) -> str:
    """Return how much can still be written where a folder is: `1,204.5 MiB free`."""
    folder = folder.absolute()
    while not folder.is_dir():
        folder = folder.parent
    return f"{shutil.disk_usage(folder).free / 2**20:,.1f} MiB free"
