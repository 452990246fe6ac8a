"""A full disk, as each library that writes a checkpoint reports it.

is_full(OSError(errno.ENOSPC, "..."))                                                  # Python
is_full(SafetensorError("... I/O error: No space left on device (os error 28)"))       # safetensors
is_full(RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"))   # torch.save
"""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

_SAID = (
    "No space left on device",
    "Disk quota exceeded",
    "iostream error",
    "unexpected pos",
    "PytorchStreamWriter",
)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it came from, says that no more could be written."""
    if error is None:
        return False
    by_number = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    by_text = any(text in str(error) for text in _SAID)
    return by_number or by_text or is_full(error.__cause__ or error.__context__)


def describe_room(folder: Path) -> str:
    """How much can still be written where a folder is."""
    place = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    return f"{shutil.disk_usage(place).free / 2**20:,.1f} MiB free"
