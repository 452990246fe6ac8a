"""A user's own tools as a file holds them: a JSON list, or JSON Lines.

    read_definitions("my_tools.json")       # [{"type": "function", "function": {"name": "f", ...}}]

Each is {"type": "function", "function": {...}} or the function alone, or a tool in another form
that `rlcall.data.tool_forms` reads, such as what an MCP server's `tools/list` returns.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rlcall.data.tool_forms import FORM, ToolFormError, read_tools
from rlcall.errors import UserError
from rlcall.files import strict_json

Definition = dict[str, Any]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class OwnToolsError(UserError):
    """A file of tools that cannot be used: the message says file, tool, reason and remedy."""


def read_definitions(path: str | os.PathLike[str]) -> list[Definition]:
    """Read the tools of a file, those of other forms as OpenAI's. OwnToolsError."""
    name = os.fspath(path)
    try:
        values = _values(Path(path).read_bytes().removeprefix(BYTE_ORDER_MARK))
    except OSError as error:
        raise OwnToolsError(
            f"{name} cannot be read: {error.strerror}. Paths count from {os.getcwd()}."
        ) from error
    except ValueError as error:
        raise OwnToolsError(
            f"{name} {error}. It should be one JSON list of tools, or one tool a line."
        ) from error
    return check_definitions(values, name)


def check_definitions(values: Sequence[Any], source: str = "tools") -> list[Definition]:
    """Return definitions in OpenAI's form.

    OwnToolsError for a value that is none, and for two of one name.
    """
    definitions: dict[str, Definition] = {}
    for number, value in enumerate(values, 1):
        for definition in _read(value, f"{source}, tool {number}"):
            name = definition["function"]["name"]
            if name in definitions:
                raise OwnToolsError(
                    f"{source}: two tools have the name {name!r}. Rename one, or leave it out."
                )
            definitions[name] = definition
    if not definitions:
        raise OwnToolsError(f"{source} holds no tools. {FORM}.")
    return list(definitions.values())


def _values(raw: bytes) -> list[Any]:
    """Read the values of a JSON list, or of JSON Lines. ValueError."""
    if raw.lstrip()[:1] == b"[":
        return list(strict_json.load(raw))
    with suppress(ValueError):
        return [strict_json.load(raw)]
    values = []
    for number, line in enumerate(raw.splitlines(), 1):
        if line.strip():
            values.append(_line(line, number))
    return values


def _line(line: bytes, number: int) -> Any:
    try:
        return strict_json.load(line)
    except ValueError as error:
        raise ValueError(f"line {number} {error}") from None


def _read(value: Any, place: str) -> list[Definition]:
    """Return the tools that an item of a file is or holds. OwnToolsError where it is none."""
    try:
        return read_tools(value if isinstance(value, dict) else [value], [])
    except ToolFormError as error:
        raise OwnToolsError(f"{place}: {error}") from error
