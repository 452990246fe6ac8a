"""What is wrong with the names of a row's tools.

list(faults(row))      # [RowFault("similar_tool_names", "tools[2].function.name", "'get_user' and 'getUser' ...")]
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
    """The faults of the names. Two equal ones make no row, and are told when it is read."""
    names = [tool["function"]["name"] for tool in row.tools]
    yield from _similar(names)
    for index, name in enumerate(names):
        if not _PLAIN.fullmatch(name) and not _is_writable(name):
            message = f"no wire format can write a call to {name[:80]!a}; rename the tool"
            yield RowFault("unwritable_name", _field(index), message)


def _field(index: int) -> str:
    return f"tools[{index}].function.name"


def _similar(names: Sequence[str]) -> RowFaults:
    seen: dict[str, str] = {}
    for index, name in enumerate(names):
        other = seen.setdefault(_JOINTS.sub("", name).casefold(), name)
        if other is not name:
            message = f"{other!r} and {name!r} differ in case, dots and underscores only; give one of them another name"
            yield RowFault("similar_tool_names", _field(index), message)


@lru_cache(maxsize=4096)
def _is_writable(name: str) -> bool:
    return any(form.can_render([Call(name)]) for form in wires.FORMATS.values())
