"""A user's own tools as a file holds them: a JSON list, or JSON Lines.

    read_definitions("my_tools.json")       # [{"type": "function", "function": {"name": "f", ...}}]

Each is {"type": "function", "function": {...}} or the function alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rlcall.errors import UserError
from rlcall.files import strict_json

Definition = dict[str, Any]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FORM = (
    'A tool reads {"type": "function", "function": '
    '{"name": "f", "description": "...", "parameters": {...}}}'
)


class OwnToolsError(UserError):
    """A file of tools that cannot be used: the message says file, tool, reason and remedy."""


def read_definitions(path: str | os.PathLike[str]) -> list[Definition]:
    """Read the tools of a file in OpenAI's form, bare functions wrapped into it. OwnToolsError."""
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
        definition = _wrapped(value, f"{source}, tool {number}")
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


def _wrapped(value: Any, where: str) -> Definition:
    """Return a definition in OpenAI's form. OwnToolsError where it is none."""
    function = value.get("function", value) if isinstance(value, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str) or not name:
        raise OwnToolsError(f"{where} has no name. {FORM}, or the function alone.")
    for key, types in (("description", str), ("parameters", dict)):
        if not isinstance(function.get(key), types | None):
            raise OwnToolsError(f"{where} ({name}): {key} is not a {types.__name__}. {FORM}.")
    if function is value:
        return {"type": "function", "function": function}
    if value.get("type") != "function":
        raise OwnToolsError(f"{where} ({name}): its type is {value.get('type')!r}. {FORM}.")
    return dict(value)
