"""Places in the schema of a tool's parameters, and why no value can be drawn for one.

ParameterPlace.of("from_city", {"type": "string"}).words   # ("from", "city")
merged({"minimum": 1}, {"minimum": 3, "maximum": 9})    # {"minimum": 3, "maximum": 9}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rlcall.errors import UserError
from rlcall.tasks.own.text_values import WEAK
from rlcall.tasks.own.words import name_words

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TYPE_HINTS = {
    "object": ("properties", "additionalProperties", "required", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


class CannotDraw(UserError):
    """A schema of which no value can be drawn: where, why, and what would help."""

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(path, reason, remedy)
        self.path, self.reason, self.remedy = path, reason, remedy

    def __str__(self) -> str:
        return f"parameter {self.path!r}: {self.reason}. {self.remedy}"


@dataclass(frozen=True)
class ParameterPlace:
    """A value's place: its path for messages, and what its name and description say of it."""

    path: str
    words: tuple[str, ...] = ()
    description: str = ""
    depth: int = 0

    @classmethod
    def of(
        cls, name: str, schema: Any, owner: tuple[str, ...] = (), path: str = "", depth: int = 0
    ) -> ParameterPlace:
        """Return the place of a parameter. `owner` is what a bare `name` is the name of."""
        words = tuple(name_words(name).split())
        if len(words) == 1 and words[0] in WEAK:
            words = (*owner, *words)
        return cls(path or name, words, _description(schema), depth)

    def member(self, name: str, schema: Any) -> ParameterPlace:
        """Return the place of an object's property."""
        path = f"{self.path}.{name}"
        return ParameterPlace.of(name, schema, self.words, path, self.depth + 1)

    def item(self, schema: Any) -> ParameterPlace:
        """Return the place of a list's items."""
        description = _description(schema) or self.description
        return ParameterPlace(f"{self.path}[]", self.words, description, self.depth + 1)


def _description(schema: Any) -> str:
    if not isinstance(schema, dict):
        return ""
    return str(schema.get("description") or schema.get("title") or "")


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Make one schema of two for the same value, as far as that is a matter of keywords."""
    schema = {**first, **second}
    for key in first.keys() & second.keys():
        if key in _LOWER_BOUNDS:
            schema[key] = max(first[key], second[key])
        elif key in _UPPER_BOUNDS:
            schema[key] = min(first[key], second[key])
        elif key == "required":
            schema[key] = list(dict.fromkeys([*first[key], *second[key]]))
        elif key == "enum":
            schema[key] = [value for value in first[key] if value in second[key]]
        elif key == "properties":
            schema[key] = {**first[key], **second[key]}
    return schema


def guessed_type(flat: Mapping[str, Any]) -> str:
    """Guess the type of a schema that names none, by its other keywords."""
    for name, keys in _TYPE_HINTS.items():
        if any(key in flat for key in keys):
            return name
    return "string"
