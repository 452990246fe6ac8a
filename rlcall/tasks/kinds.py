"""Kinds of parameters: a JSON Schema together with how people speak of its values.

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

IN_WORDS = 0.3  # share of small whole numbers that are said in words
MOST_IN_WORDS = 100


@dataclass(frozen=True)
class Kind:
    """The values of a parameter: `draw` gives one, `schema` (JSON Schema 2020-12) permits each."""

    name: str
    schema: Mapping[str, Any]
    draw: Callable[[Draw], Value]

    def means(self, description: str, **keywords: Any) -> Kind:
        """Add a description, and further schema keywords such as `default`."""
        return replace(self, schema={**self.schema, "description": description, **keywords})


def text(name: str, pool: str | Pool, **schema: Any) -> Kind:
    """Return titles, places, things: entries set off by semicolons, of which one is drawn.

    Capitals and a leading article are a matter of taste.
    """
    entries = pool if isinstance(pool, Pool) else Pool(pool)
    return Kind(name, {"type": "string", **schema}, lambda draw: _phrase(draw.of(entries)))


def word(name: str, pool: str | Pool, **schema: Any) -> Kind:
    """Return names that have one spelling: file names, codes, people."""
    entries = pool if isinstance(pool, Pool) else Pool(pool)
    return Kind(name, {"type": "string", **schema}, lambda draw: _verbatim(draw.of(entries)))


def code(name: str, form: str) -> Kind:
    """Return identifiers: `#` stands for a digit, `@` for a capital letter, as in `ORD-####`."""
    schema = {"type": "string", "pattern": _pattern(form)}
    return Kind(name, schema, lambda draw: _verbatim(_code(draw, form)))


def integer(name: str, low: int, high: int, step: int = 1, said: str = "{}") -> Kind:
    """Return whole numbers from `low` to `high`, said in digits or, up to a hundred, in words.

    `said` adds a unit: `{} km`.
    """
    schema = {"type": "integer", "minimum": low, "maximum": high}
    steps = (high - low) // step

    def draw_integer(draw: Draw) -> Value:
        value = low + step * draw.between(0, steps)
        if 0 <= value <= MOST_IN_WORDS and draw.chance(IN_WORDS):
            return Value(said.format(in_words(value)), value)
        return Value(said.format(value), value)

    return Kind(name, schema, draw_integer)


def number(name: str, low: float, high: float, places: int = 1, said: str = "{}") -> Kind:
    """Return decimal numbers, said in digits, with a unit where `said` has one."""
    scale = 10**places
    lowest, highest = round(low * scale), round(high * scale)
    schema = {"type": "number", "minimum": low, "maximum": high}

    def draw_number(draw: Draw) -> Value:
        value = draw.between(lowest, highest) / scale
        spoken = int(value) if value.is_integer() else value
        return Value(said.format(spoken), value)

    return Kind(name, schema, draw_number)


def choice(name: str, entries: str | Mapping[str, Any], **schema: Any) -> Kind:
    """Return an enum: words that are said as they are (`low medium high`), or words -> value."""
    by_words: Mapping[str, Any]
    by_words = {entry: entry for entry in entries.split()} if isinstance(entries, str) else entries
    values = list(dict.fromkeys(by_words.values()))
    if all(isinstance(value, bool) for value in values):
        schema = {"type": "boolean", **schema}
    else:
        type_name = "integer" if isinstance(values[0], int) else "string"
        schema = {"type": type_name, "enum": values, **schema}
    pairs = tuple(by_words.items())
    return Kind(name, schema, lambda draw: Value(*draw.choice(pairs)))


def many(kind: Kind, low: int = 2, high: int = 3) -> Kind:
    """Return lists of different values: `milk, eggs and bread`. Their order does not matter."""
    items = {key: value for key, value in kind.schema.items() if key != "description"}
    schema = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}

    def draw_many(draw: Draw) -> Value:
        return _different(kind, draw, draw.between(low, high))

    return Kind(f"many {kind.name}", schema, draw_many)


def record(name: str, said: str, /, **parts: Kind) -> Kind:
    """Return objects with these properties, all required.

    They are said as the template says them: `{street}, {city}`.
    """
    schema = {
        "type": "object",
        "properties": {key: dict(kind.schema) for key, kind in parts.items()},
        "required": list(parts),
        "additionalProperties": False,
    }

    def draw_record(draw: Draw) -> Value:
        words, values = {}, {}
        for key, kind in parts.items():
            words[key], values[key], _ = kind.draw(draw)
        return Value(said.format(**words), values)

    return Kind(name, schema, draw_record)


@lru_cache(maxsize=4096)
def in_words(value: int) -> str:
    """Spell a number: `21` -> `twenty-one`."""
    return str(num2words(value))


@lru_cache(maxsize=4096)
def ordinal(value: int) -> str:
    """Make an ordinal: `21` -> `21st`."""
    return str(num2words(value, to="ordinal_num"))


def listed(parts: Sequence[str]) -> str:
    """Join words: `["a", "b", "c"]` -> `a, b and c`; `nothing` where there are none."""
    if len(parts) < 2:
        return parts[0] if parts else "nothing"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _verbatim(spoken: str, *accept: Any) -> Value:
    return Value(spoken, spoken, accept)


@lru_cache(maxsize=16384)
def _phrase(spoken: str) -> Value:
    bare = spoken.removeprefix("the ").removeprefix("a ").removeprefix("an ")
    spellings = dict.fromkeys(
        (bare, bare[0].upper() + bare[1:], string.capwords(bare), spoken[0].upper() + spoken[1:])
    )
    spellings.pop(spoken, None)
    return _verbatim(spoken, *spellings)


def _pattern(form: str) -> str:
    """Write a form as a regular expression: `ORD-####` -> `^ORD-[0-9]{4}$`."""
    classes = {"#": "[0-9]", "@": "[A-Z]"}
    pattern = ""
    for sign, run in groupby(form):
        length = len(list(run))
        if sign in classes:
            pattern += classes[sign] + (f"{{{length}}}" if length > 1 else "")
        else:
            pattern += (sign if sign == "-" else re.escape(sign)) * length
    return f"^{pattern}$"


def _code(draw: Draw, form: str) -> str:
    signs = []
    for sign in form:
        if sign == "#":
            signs.append(str(draw.between(0, 9)))
        elif sign == "@":
            signs.append(chr(draw.between(ord("A"), ord("Z"))))
        else:
            signs.append(sign)
    return "".join(signs)


def _different(kind: Kind, draw: Draw, count: int) -> Value:
    """Draw up to `count` different values: a small enum may not have as many."""
    values: dict[str, Value] = {}
    for _ in range(4 * count):
        value = kind.draw(draw)
        if len(values) < count and all(value.value != other.value for other in values.values()):
            values[value.spoken] = value
    return Value(listed(list(values)), [value.value for value in values.values()])
