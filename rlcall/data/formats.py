"""The formats of data, by the names that `rlcall convert` and `train_rows` know them by.

    for reading in READERS["toolrl"]("rlla_sft.json"): ...   # a Reading for each record
    WRITERS["rows"](row)                                     # {"id": "r1", "messages": [...], ...}

A format is one file of `rlcall/data/readers`, under the format's name. The file has a function
`read(path)`, and `write(row)` where rows can be written in the format; nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from rlcall.data import readers
from rlcall.data.reading.counts import Reading
from rlcall.data.rows import Row

Reader = Callable[[str], Iterator[Reading]]
"""Reads a file, a folder or `hf:owner/name`. RowError where there is nothing to be read."""

Writer = Callable[[Row], dict[str, Any]]
"""Returns a row in a format. RowError where the format cannot say what the row does."""

_MODULES = {
    module.name: import_module(f"{readers.__name__}.{module.name}")
    for module in iter_modules(readers.__path__)
}
READERS: dict[str, Reader] = {name: module.read for name, module in _MODULES.items()}
WRITERS: dict[str, Writer] = {
    name: module.write for name, module in _MODULES.items() if hasattr(module, "write")
}
