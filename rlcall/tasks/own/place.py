"""Where a value stands in a tool's parameters, what its schema says there, and why none can be drawn.

Place.of("from_city", {"type": "string"}).words         # ("from", "city")
merged({"minimum": 1}, {"minimum": 3, "maximum": 9})    # {"minimum": 3, "maximum": 9}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rlcall.errors import UserError
from rlcall.tasks.own.values import WEAK
from rlcall.tasks.own.words import name_words

_TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "enum": lambda one, other: [value for value in one if value in other],
}


class CannotDraw(UserError):
    """A schema of which no value can be drawn: where, why, and what would help."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(path, reason, remedy)
        self.path, self.reason, self.remedy = path, reason, remedy

    def __str__(self) -> str:
        return f"parameter {self.path!r}: {self.reason}. {self.remedy}"


@dataclass(frozen=True)
class Place:
    """Where a value stands: its path for messages, and what its name and description say of it."""

    path: str
    words: tuple[str, ...] = ()
    description: str = ""
    depth: int = 0

    @classmethod
    def of(
        cls, name: str, schema: Any, owner: tuple[str, ...] = (), path: str = "", depth: int = 0
    ) -> Place:
        """`owner` is what a bare `name` is the name of."""
        words = tuple(name_words(name).split())
        words = (*owner, *words) if len(words) == 1 and words[0] in WEAK else words
        return cls(path or name, words, _description(schema), depth)

    def member(self, name: str, schema: Any) -> Place:
        return Place.of(name, schema, self.words, f"{self.path}.{name}", self.depth + 1)

    def item(self, schema: Any) -> Place:
        return Place(
            f"{self.path}[]", self.words, _description(schema) or self.description, self.depth + 1
        )


def _description(schema: Any) -> str:
    return (
        str(schema.get("description") or schema.get("title") or "")
        if isinstance(schema, dict)
        else ""
    )


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two schemas for the same value as one, as far as that is a matter of keywords."""
    both = {**one, **other}
    for key in one.keys() & other.keys():
        if key in _TIGHTER:
            both[key] = _TIGHTER[key](one[key], other[key])
        elif key == "properties":
            both[key] = {**one[key], **other[key]}
    return both


def guessed_type(flat: Mapping[str, Any]) -> str:
    """The type of a schema that names none, by its other keywords."""
    hints = {
        "object": ("properties", "additionalProperties", "required", "minProperties"),
        "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
        "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }
    return next(
        (name for name, keys in hints.items() if any(key in flat for key in keys)), "string"
    )
