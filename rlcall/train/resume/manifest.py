"""The list that makes a checkpoint whole: its files with their sizes and digests, written last.

    checkpoint-12/manifest.json
    {"model.safetensors": {"bytes": 337920, "sha256": "9f86d0..."}, "trainer_state.json": {...}}

The ranks divide the reading among them. `sha256sum` checks the same by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from rlcall.files.whole import flush, whole_file

NAME = "manifest.json"

Files = dict[str, dict[str, Any]]
"""Paths within the checkpoint, with `bytes` and `sha256` of each."""


def describe(folder: Path, rank: int, ranks: int) -> Files:
    """Describe this rank's part of the files, which are on the disk when this returns."""
    sizes = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != NAME:
            sizes[path.relative_to(folder).as_posix()] = path.stat().st_size
    files: Files = {}
    for name in _part_of_rank(sizes, rank, ranks):
        path = folder / name
        digest = _digest(path)
        flush(path)
        files[name] = {"bytes": sizes[name], "sha256": digest}
    return files


def write_manifest(folder: Path, files: Files) -> None:
    """Write the list of all files, for good."""
    with whole_file(folder / NAME) as file:
        json.dump(dict(sorted(files.items())), file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def find_flaw(folder: Path) -> str | None:
    """Return why a checkpoint is not whole, as far as names and sizes tell; None where it is."""
    if not (folder / NAME).is_file():
        return f"it has no {NAME}, which is written last"
    try:
        files = _read(folder)
    except (AttributeError, KeyError, TypeError, ValueError):
        return f"{NAME} is damaged"
    for name, facts in files.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        size = path.stat().st_size
        if size != facts["bytes"]:
            return f"{name} has {size:,} bytes, not {facts['bytes']:,}"
    return None


def find_damage(folder: Path, rank: int, ranks: int) -> str | None:
    """Read every byte of this rank's part of the files, and return what is wrong, or None."""
    files = _read(folder)
    sizes = {name: facts["bytes"] for name, facts in files.items()}
    for name in _part_of_rank(sizes, rank, ranks):
        if _digest(folder / name) != files[name]["sha256"]:
            return f"{name} is not what was written"
    return None


def _part_of_rank(sizes: dict[str, int], rank: int, ranks: int) -> list[str]:
    """Return this rank's files: by size, so that the large ones go to different ranks."""
    by_size = sorted(sizes, key=lambda name: (sizes[name], name))
    return by_size[rank::ranks]


def _read(folder: Path) -> Files:
    """Read the list. Raises one of several errors where it is not as `write_manifest` left it."""
    files: Files = {}
    for name, facts in json.loads((folder / NAME).read_text(encoding="utf-8")).items():
        files[name] = {"bytes": int(facts["bytes"]), "sha256": facts["sha256"]}
    return files


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
