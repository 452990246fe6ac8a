"""The vocabulary: a `Call`, and a `Reference` to the result of another call.

    Call("hotels", {"near": Reference("var1", ("id",)), "nights": 2}, label="var2")

Arguments are JSON values (dict, list, str, int, float, bool, None) whose leaves may be references.
On paper a reference is a whole string, `"$var1$"` or `"$var1.id$"`; `encode` and `decode` go between the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]

_PATH = r"(?:\.[^.\[\]$]+|\[(?:\d+|\*)\])*"
_REFERENCE = re.compile(rf"\$([A-Za-z_]\w*)({_PATH})\$")
_ESCAPED = re.compile(rf"\$+[A-Za-z_]\w*{_PATH}\$")
_STEP = re.compile(r"\.([^.\[\]$]+)|\[(\d+|\*)\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """The result of the call labelled `label`, or what stands at `path` inside that result."""

    label: str
    path: Path = ()

    def __str__(self) -> str:
        steps = (
            f"[{step}]" if isinstance(step, int) or step == "*" else f".{step}"
            for step in self.path
        )
        return f"${self.label}{''.join(steps)}$"


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool. `label` names its result; None where the wire format has no labels."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    label: str | None = None


def decode_string(text: str) -> str | Reference:
    """A string from the wire as a value: a `Reference`, or the plain string.

    Only a string that would otherwise be read as a reference is escaped (one more `$` in front), so that
    prices and the enum values `$`, `$$` stand as they are.
    """
    if not text.startswith("$"):
        return text
    if match := _REFERENCE.fullmatch(text):
        return Reference(match[1], tuple(_step(s) for s in _STEP.finditer(match[2])))
    return text[1:] if text.startswith("$$") and _ESCAPED.fullmatch(text) else text


def encode_string(text: str) -> str:
    """The inverse of `decode_string` for plain strings."""
    return "$" + text if text.startswith("$") and _ESCAPED.fullmatch(text) else text


def _step(match: re.Match[str]) -> str | int:
    name, index = match.groups()
    if name is not None:
        return name
    return index if index == "*" else int(index)


def decode(value: Any) -> Any:
    """JSON from the wire -> values with `Reference` leaves."""
    if isinstance(value, str):
        return decode_string(value)
    if isinstance(value, dict):
        return {key: decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value


def encode(value: Any) -> Any:
    """Values with `Reference` leaves -> JSON for the wire; `decode(encode(v)) == v`."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, str):
        return encode_string(value)
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def references(value: Any, path: Path = ()) -> Iterator[tuple[Path, Reference]]:
    """Every reference inside a value with the path at which it stands."""
    if isinstance(value, Reference):
        yield path, value
        return
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in members:
        if isinstance(item, Reference | dict | list):
            yield from references(item, (*path, key))


def show_path(path: Path) -> str:
    """A path as JSONPath: `("a", 0, "b c")` -> `$.a[0]['b c']`."""
    return "$" + "".join(_show_step(step) for step in path)


def _show_step(step: str | int) -> str:
    if isinstance(step, int) or step == "*":
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{step!r}]"


def with_value(value: Any, path: Path, new: Any) -> Any:
    """A value with what stands at `path` replaced."""
    if not path:
        return new
    members = value.items() if isinstance(value, dict) else enumerate(value)
    changed = [
        (key, with_value(item, path[1:], new) if key == path[0] else item) for key, item in members
    ]
    return dict(changed) if isinstance(value, dict) else [item for _, item in changed]


def without_idle_labels(calls: list[Call]) -> list[Call]:
    """The calls without labels where none refers to another: nobody writes what nothing uses."""
    if any(True for call in calls for _ in references(call.arguments)):
        return calls
    return [Call(call.name, call.arguments) for call in calls]
