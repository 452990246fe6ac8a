"""JSON Lines files that grow while a program runs, and whose last line may be torn.

    append(path, [{"step": 1}, {"step": 2}])
    read_whole(path)        # [{"step": 1}, {"step": 2}]; without a last line that is torn
    truncate_torn(path)     # before a program goes on with a file: cuts off what a killed one left

A line is whole when it ends with a line break. Lines appended together are handed to the system in
one piece.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rlcall.errors import UserError
from rlcall.files.whole import write_whole


class LineError(UserError):
    """A whole line that is not JSON; the message has the file and the line's number."""


def append(path: Path, objects: Iterable[Any]) -> None:
    """Add a line for each object to the end of the file, which is made where there is none."""
    with path.open("ab") as file:
        file.write(_encode(objects))


def write(path: Path, objects: Iterable[Any]) -> None:
    """Replace the file by a line for each object. What was there stays until all are written."""
    write_whole(path, _encode(objects))


def read_whole(path: Path) -> list[Any]:
    """Read the objects of the whole lines, [] where there is no file. Raises LineError."""
    if not path.is_file():
        return []
    objects = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            objects.append(json.loads(line))
        except ValueError as error:
            message = f"{path}, line {number}: is not JSON: {error}; remove the line to go on"
            raise LineError(message) from None
    return objects


def truncate_torn(path: Path) -> None:
    """Cut off a last line that was not written whole, where there is one."""
    if path.is_file():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def _encode(objects: Iterable[Any]) -> bytes:
    lines = [json.dumps(value, ensure_ascii=False) + "\n" for value in objects]
    # Half a surrogate pair is no UTF-8; with a backslash it is the escape that JSON has for it.
    return "".join(lines).encode("utf-8", "backslashreplace")
