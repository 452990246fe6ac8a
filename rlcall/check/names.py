"""Faults of the names of a row's tools.

list(faults(row))
# [RowFault("similar_tool_names", "tools[2].function.name", "'get_user' and 'getUser' differ ...")]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from rlcall import wire as wires
from rlcall.calls import Call
from rlcall.check.finding import RowFault, RowFaults
from rlcall.data.rows import Row

_PLAIN = regex.compile(r"[\w.-]+")  # what every wire format can write
_JOINTS = regex.compile(r"[\W_]+")


def faults(row: Row) -> RowFaults:
    """Yield the faults of the names. A row with two equal ones cannot be read at all."""
    names = [tool["function"]["name"] for tool in row.tools]
    yield from _similar(names)
    for index, name in enumerate(names):
        if not _PLAIN.fullmatch(name) and not _is_writable(name):
            message = f"no wire format can write a call to {name[:80]!a}; rename the tool"
            yield RowFault("unwritable_name", _field(index), message)


def _field(index: int) -> str:
    return f"tools[{index}].function.name"


def _similar(names: Sequence[str]) -> RowFaults:
    first_names: dict[str, str] = {}
    for index, name in enumerate(names):
        first = first_names.setdefault(_JOINTS.sub("", name).casefold(), name)
        if first is not name:
            difference = f"{first!r} and {name!r} differ only in case, dots and underscores"
            message = f"{difference}; give one of them another name"
            yield RowFault("similar_tool_names", _field(index), message)


@lru_cache(maxsize=4096)
def _is_writable(name: str) -> bool:
    return any(form.can_render([Call(name)]) for form in wires.FORMATS.values())
