"""The formats of data, by the names that `rlcall convert` and `train_rows` know them by.

    for reading in READERS["toolrl"]("rlla_sft.json"): ...   # a Reading for each record
    WRITERS["rows"](row)                                     # {"id": "r1", "messages": [...], ...}

A format is one file of `rlcall/data/readers`, under the format's name. The file has a function
`read(path)`, and `write(row)` where rows can be written in the format; nothing else lists it. Where
it has `recognises(value)`, `recognised_form` finds it by its records; with `BENCHMARK = True`
nothing is trained on its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from pkgutil import iter_modules
from typing import Any

from rlcall.data import readers
from rlcall.data.reading.counts import Reading
from rlcall.data.reading.records import records
from rlcall.data.rows import Row, RowError

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
RECOGNISERS: dict[str, Callable[[dict[str, Any]], bool]] = {
    name: module.recognises for name, module in _MODULES.items() if hasattr(module, "recognises")
}
BENCHMARKS = tuple(name for name, module in _MODULES.items() if getattr(module, "BENCHMARK", False))
LOOKED_AT = 10  # records by which a form is recognised


def recognised_form(path: str) -> str:
    """Return the name of the one form that the first records of a file are in.

    Raises RowError where it is none, or more than one.
    """
    forms = list(RECOGNISERS)
    looked_at = 0
    for record in islice(records(path), LOOKED_AT):
        if isinstance(record, RowError):
            continue
        looked_at += 1
        forms = [name for name in forms if RECOGNISERS[name](record.value)]
    if not looked_at:
        raise RowError(path, 0, "", "has no records by which its form could be recognised")
    if len(forms) == 1:
        return forms[0]
    reason = "is in none of the forms that are recognised"
    if forms:
        reason = f"may be in any of the forms {', '.join(forms)}"
    raise RowError(path, 0, "", reason, f"Say --from one of {', '.join(READERS)}.")
