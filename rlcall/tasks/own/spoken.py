"""Words for values of any schema, from which a reader can tell the value.

literal(2.0)                                                        # "2"
spoken_object({"max_size": Value("4", 4), "tags": Value("a and b", ["a", "b"])}).spoken
# "(max size 4 and tags (a and b))"
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.tasks.draw import Value
from rlcall.tasks.kinds import listed
from rlcall.tasks.own.words import name_words

LONGEST_WHOLE = 1e15  # a float that is whole is said without decimals up to here


def literal(value: Any) -> str:
    """Write a value as a request says it."""
    if isinstance(value, str):
        return value if value and value == value.strip() else f'"{value}"'
    if isinstance(value, float) and value.is_integer() and abs(value) < LONGEST_WHOLE:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def spoken_list(items: Sequence[Value]) -> Value:
    """Make a list of its items: `a, b and c`."""
    return Value(listed([_inner(item) for item in items]), [item.value for item in items])


def spoken_object(parts: Mapping[str, Value]) -> Value:
    """Make an object of its properties, in brackets."""
    words, values = [], {}
    for name, value in parts.items():
        words.append(f"{name_words(name)} {_inner(value)}")
        values[name] = value.value
    return Value(f"({listed(words)})", values)


def _inner(value: Value) -> str:
    """Return the words of a value within another: a list in brackets, so that its end is seen."""
    if isinstance(value.value, list) and len(value.value) > 1:
        return f"({value.spoken})"
    return value.spoken
