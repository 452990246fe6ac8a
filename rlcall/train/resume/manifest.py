"""The list that makes a checkpoint whole: its files with their sizes and digests, written last.

    checkpoint-12/manifest.json
    {"model.safetensors": {"bytes": 337920, "sha256": "9f86d0..."}, "trainer_state.json": {...}, ...}

Ranks share the reading out among them. `sha256sum` checks the same by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from rlcall.files.whole import flush, whole_file

NAME = "manifest.json"


def describe(folder: Path, rank: int, ranks: int) -> dict[str, dict[str, Any]]:
    """A rank's share of the files, which are on the disk when this returns, whatever happens to the machine."""
    names = sorted(_names(folder), key=lambda name: ((folder / name).stat().st_size, name))
    return {name: _describe(folder / name) for name in names[rank::ranks]}


def write_manifest(folder: Path, files: dict[str, dict[str, Any]]) -> None:
    with whole_file(folder / NAME) as file:
        json.dump(dict(sorted(files.items())), file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def flaw(folder: Path) -> str | None:
    """What keeps a checkpoint from being whole, as far as names and sizes tell; None where nothing does."""
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
        if (size := path.stat().st_size) != facts["bytes"]:
            return f"{name} has {size:,} bytes, not {facts['bytes']:,}"
    return None


def damage(folder: Path, rank: int, ranks: int) -> str | None:
    """What is wrong with a rank's share of the files, every byte of them read."""
    files = sorted(_read(folder).items(), key=lambda pair: (pair[1]["bytes"], pair[0]))
    for name, facts in files[rank::ranks]:
        if _digest(folder / name) != facts["sha256"]:
            return f"{name} is not what was written"
    return None


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    """Raises one of several errors where it is not as `write_manifest` left it."""
    listed = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return {
        name: {"bytes": int(facts["bytes"]), "sha256": facts["sha256"]}
        for name, facts in listed.items()
    }


def _names(folder: Path) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME
    ]


def _describe(path: Path) -> dict[str, Any]:
    digest = _digest(path)
    flush(path)
    return {"bytes": path.stat().st_size, "sha256": digest}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
