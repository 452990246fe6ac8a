"""What a parameter can hold: its JSON Schema together with how people speak of its values.

    GUESTS = integer("guests", 1, 12)
    GUESTS.schema                         # {"type": "integer", "minimum": 1, "maximum": 12}
    GUESTS.draw(draw)                     # Value(spoken="four", value=4)
    GUESTS.means("how many people come")  # the same with a description

A result of one tool can be an argument of another where both kinds have the same name.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any

from num2words import num2words

from rlcall.tasks.draw import Draw, Pool, Value


@dataclass(frozen=True)
class Kind:
    """`draw` gives a value; `schema` is JSON Schema 2020-12 and permits every value that is drawn."""

    name: str
    schema: Mapping[str, Any]
    draw: Callable[[Draw], Value]

    def means(self, description: str, **keywords: Any) -> Kind:
        """The same kind with a description, and further schema keywords such as `default`."""
        return replace(self, schema={**self.schema, "description": description, **keywords})


def text(name: str, pool: str | Pool, **schema: Any) -> Kind:
    """Titles, places, things: entries set off by semicolons. Capitals and a leading article are a matter of taste."""
    entries = pool if isinstance(pool, Pool) else Pool(pool)
    return Kind(name, {"type": "string", **schema}, lambda draw: _phrase(draw.of(entries)))


def word(name: str, pool: str | Pool, **schema: Any) -> Kind:
    """Names that have one spelling: file names, codes, people."""
    entries = pool if isinstance(pool, Pool) else Pool(pool)
    return Kind(name, {"type": "string", **schema}, lambda draw: _same(draw.of(entries)))


def code(name: str, form: str) -> Kind:
    """Identifiers: `#` stands for a digit, `@` for a capital letter, as in `ORD-####`."""
    return Kind(
        name, {"type": "string", "pattern": _pattern(form)}, lambda draw: _same(_code(draw, form))
    )


def integer(name: str, low: int, high: int, step: int = 1, said: str = "{}") -> Kind:
    """Whole numbers from `low` to `high`, said in digits or, up to a hundred, in words; `said` adds a unit: `{} km`."""
    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Kind(
        name,
        schema,
        lambda draw: _number(draw, low + step * draw.between(0, (high - low) // step), said),
    )


def number(name: str, low: float, high: float, places: int = 1, said: str = "{}") -> Kind:
    """Decimal numbers, said in digits, with a unit where `said` has one."""
    scale = 10**places
    schema = {"type": "number", "minimum": low, "maximum": high}
    return Kind(
        name,
        schema,
        lambda draw: _decimal(draw.between(round(low * scale), round(high * scale)) / scale, said),
    )


def choice(name: str, entries: str | Mapping[str, Any], **schema: Any) -> Kind:
    """An enum: words that are said as they are (`low medium high`), or spoken form -> value."""
    spoken = (
        {entry: entry for entry in entries.split()} if isinstance(entries, str) else dict(entries)
    )
    values = list(dict.fromkeys(spoken.values()))
    if all(isinstance(value, bool) for value in values):
        schema = {"type": "boolean", **schema}
    else:
        schema = {
            "type": "integer" if isinstance(values[0], int) else "string",
            "enum": values,
            **schema,
        }
    pairs = tuple(spoken.items())
    return Kind(name, schema, lambda draw: Value(*draw.choice(pairs)))


def many(kind: Kind, low: int = 2, high: int = 3) -> Kind:
    """A list of different values: `milk, eggs and bread`. Its order does not matter."""
    items = {key: value for key, value in kind.schema.items() if key != "description"}
    schema = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return Kind(
        f"many {kind.name}", schema, lambda draw: _several(kind, draw, draw.between(low, high))
    )


def record(name: str, said: str, /, **parts: Kind) -> Kind:
    """An object with these properties, all required, said as the template says them: `{street}, {city}`."""
    properties = {key: dict(kind.schema) for key, kind in parts.items()}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(parts),
        "additionalProperties": False,
    }
    return Kind(
        name,
        schema,
        lambda draw: _record(said, {key: kind.draw(draw) for key, kind in parts.items()}),
    )


@lru_cache(maxsize=4096)
def in_words(value: int) -> str:
    """`21` -> `twenty-one`."""
    return str(num2words(value))


@lru_cache(maxsize=4096)
def ordinal(value: int) -> str:
    """`21` -> `21st`."""
    return str(num2words(value, to="ordinal_num"))


def listed(parts: Sequence[str]) -> str:
    """`["a", "b", "c"]` -> `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _same(spoken: str, *accept: Any) -> Value:
    return Value(spoken, spoken, accept)


@lru_cache(maxsize=16384)
def _phrase(spoken: str) -> Value:
    bare = spoken.removeprefix("the ").removeprefix("a ").removeprefix("an ")
    spellings = dict.fromkeys(
        (bare, bare[0].upper() + bare[1:], string.capwords(bare), spoken[0].upper() + spoken[1:])
    )
    return _same(spoken, *(spelling for spelling in spellings if spelling != spoken))


def _pattern(form: str) -> str:
    """`ORD-####` -> `^ORD-[0-9]{4}$`."""
    classes = {"#": "[0-9]", "@": "[A-Z]"}
    runs = [(sign, len(list(run))) for sign, run in groupby(form)]
    parts = (
        classes[sign] + (f"{{{length}}}" if length > 1 else "")
        if sign in classes
        else _escaped(sign) * length
        for sign, length in runs
    )
    return f"^{''.join(parts)}$"


def _escaped(sign: str) -> str:
    return re.escape(sign) if sign != "-" else sign


def _code(draw: Draw, form: str) -> str:
    drawn = {"#": lambda: str(draw.between(0, 9)), "@": lambda: chr(draw.between(65, 90))}
    return "".join(drawn[sign]() if sign in drawn else sign for sign in form)


def _number(draw: Draw, value: int, said: str) -> Value:
    return Value(
        said.format(in_words(value) if 0 <= value <= 100 and draw.chance(0.3) else value), value
    )


def _decimal(value: float, said: str) -> Value:
    return Value(said.format(int(value) if value == int(value) else value), value)


def _several(kind: Kind, draw: Draw, count: int) -> Value:
    """Up to `count` different values: a small enum may not have as many."""
    found: dict[str, Value] = {}
    for _ in range(4 * count):
        value = kind.draw(draw)
        if len(found) < count and all(value.value != other.value for other in found.values()):
            found[value.spoken] = value
    return Value(listed(list(found)), [value.value for value in found.values()])


def _record(said: str, parts: dict[str, Value]) -> Value:
    spoken = said.format(**{key: value.spoken for key, value in parts.items()})
    return Value(spoken, {key: value.value for key, value in parts.items()})
