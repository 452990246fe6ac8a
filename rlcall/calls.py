"""The vocabulary: a `Call`, and a `Reference` to the result of another call.

    Call("hotels", {"near": Reference("var1", ("id",)), "nights": 2}, label="var2")

Arguments are JSON values (dict, list, str, int, float, bool, None) whose leaves may be references.
On paper a reference is a whole string, `"$var1$"` or `"$var1.id$"`; `encode` and `decode` go
between the two.
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
    """The result of the call labelled `label`, or what is at `path` inside that result.

    `text` is the string that it was read from; "" where it was none, as in `f(x=g(y=1).id)`.
    """

    label: str
    path: Path = ()
    text: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        path = ""
        for step in self.path:
            path += f"[{step}]" if isinstance(step, int) or step == "*" else f".{step}"
        return f"${self.label}{path}$"


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool. `label` names its result; None where the wire format has no labels."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    label: str | None = None


def decode_string(text: str) -> str | Reference:
    """Read a string from the wire: a `Reference`, or the plain string.

    Only a string that would otherwise be read as a reference is escaped (one more `$` in front), so
    that prices and the enum values `$`, `$$` are themselves.
    """
    if not text.startswith("$"):
        return text
    if match := _REFERENCE.fullmatch(text):
        return Reference(match[1], tuple(map(_read_step, _STEP.finditer(match[2]))), text)
    return text[1:] if text.startswith("$$") and _ESCAPED.fullmatch(text) else text


def encode_string(text: str) -> str:
    """Write a plain string, so that `decode_string` gives it back."""
    return "$" + text if text.startswith("$") and _ESCAPED.fullmatch(text) else text


def _read_step(match: re.Match[str]) -> str | int:
    name, index = match.groups()
    if name is not None:
        return name
    return index if index == "*" else int(index)


def decode(value: Any) -> Any:
    """Read JSON from the wire as values with `Reference` leaves."""
    if isinstance(value, str):
        return decode_string(value)
    if isinstance(value, dict):
        return {key: decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value


def encode(value: Any) -> Any:
    """Write values with `Reference` leaves as JSON for the wire; `decode(encode(v)) == v`."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, str):
        return encode_string(value)
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def without_reference_texts(value: Any) -> Any:
    """Return a value in which the references that were strings are those strings again."""
    if isinstance(value, Reference):
        return value.text or value
    if isinstance(value, dict):
        return {key: without_reference_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_reference_texts(item) for item in value]
    return value


def references(value: Any, path: Path = ()) -> Iterator[tuple[Path, Reference]]:
    """Yield every reference inside a value, with its path."""
    if isinstance(value, Reference):
        yield path, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(
                item, Reference | dict | list
            ):  # most values are leaves: no call for them
                yield from references(item, (*path, key))


def show_path(path: Path) -> str:
    """Render a path as JSONPath: `("a", 0, "b c")` -> `$.a[0]['b c']`."""
    return "$" + "".join(_show_step(step) for step in path)


def _show_step(step: str | int) -> str:
    if isinstance(step, int) or step == "*":
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{step!r}]"


def with_value(value: Any, path: Path, new: Any) -> Any:
    """Return a copy of a value in which `new` replaces what is at `path`."""
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = with_value(value[path[0]], path[1:], new)
    return changed


def without_idle_labels(calls: list[Call]) -> list[Call]:
    """Return the calls without labels where none refers to another: nobody writes unused ones."""
    for call in calls:
        if any(references(call.arguments)):
            return calls
    return [Call(call.name, call.arguments) for call in calls]
