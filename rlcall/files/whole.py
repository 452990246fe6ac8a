"""Files that appear only when they are whole.

with whole_file("rows.jsonl") as file:      # written beside, moved into place at the end; nothing if it fails
    file.write("{}")
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """A UTF-8 text file to write. What stood at `path` stays until the new one is whole, and if writing fails."""
    target = Path(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
