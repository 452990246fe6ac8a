"""Wire formats, one file each, found by being in this folder; each defines a FORMAT.

FORMATS["python"].render([Call("f", {"a": 1})])     # "[f(a=1)]"
"""

from __future__ import annotations

import importlib
import pkgutil

from rlcall.wire.reading.format import Format


def _read_folder() -> dict[str, Format]:
    formats: list[Format] = []
    for file in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{file.name}")
        formats.append(module.FORMAT)
    formats.sort(key=lambda format: format.order)
    return {format.name: format for format in formats}


FORMATS = _read_folder()
"""Name -> format, in the order in which they are listed and, where several match, asked."""
