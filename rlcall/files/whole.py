"""Files and folders that appear only when they are whole.

    with whole_file("rows.jsonl") as file:      # written beside it, moved into place at the end
        file.write("{}")
    write_whole("run.json", "{}")
    with whole_folder("model") as part:         # the same for a folder
        model.save_pretrained(part)

Where writing fails, what was there before is still there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """Open a UTF-8 text file to write, which replaces what is at `path` when it is whole."""
    with _replacement(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file, text as UTF-8, which replaces what is at `path` when it is whole."""
    with _replacement(path) as part:
        if isinstance(content, bytes):
            part.write_bytes(content)
        else:
            part.write_text(content, encoding="utf-8", newline="\n")


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Make a folder to fill, which replaces what is at `path` when it is whole.

    It is then on the disk, whatever happens to the machine.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a program that was killed
    part.mkdir(parents=True)
    try:
        yield part
        move_whole(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def move_whole(part: Path, target: Path) -> None:
    """Replace `target` by a finished folder, and wait until it is on the disk."""
    for path in (*part.rglob("*"), part):
        flush(path)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)
    flush(target.parent)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _replacement(path: str | os.PathLike[str]) -> Iterator[Path]:
    target = Path(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
