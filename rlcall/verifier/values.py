"""Comparing JSON values: what "the same value" means under each comparator.

same("New York", "new-york", "text")   # True
same(True, 1, "exact")                 # False: a boolean is never a number
same(5, 5.0, "exact")                  # True: JSON has one kind of number
"""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from rlcall.calls import Reference

COMPARATORS = ("exact", "text", "number", "set", "date", "ignore")

# BFCL's standardisation of strings (its ast_checker, standardize_string)
_TEXT = str.maketrans({**dict.fromkeys(" ,./-_*^"), "'": '"'})


class Absent:
    """The class itself marks what is not there, a key or a default, since None is a value of JSON."""


class UnservedReference:
    """A reference to nothing, ahead, or in a circle. It is there, unlike `Absent`, and equals no other value."""

    def __repr__(self) -> str:
        return "a reference that nothing can serve"


def same(expected: Any, given: Any, comparator: str = "exact", pinned: bool = False) -> bool:
    """Whether two values are the same. `pinned` strings (enum, const, format, pattern) are never compared as text."""
    if comparator == "ignore":
        return True
    if isinstance(expected, Reference) or isinstance(given, Reference):
        return (
            isinstance(expected, Reference)
            and isinstance(given, Reference)
            and expected.path == given.path
        )
    if comparator == "set" and isinstance(expected, list) and isinstance(given, list):
        return Counter(map(canonical, expected)) == Counter(map(canonical, given))
    if isinstance(expected, dict):
        return (
            isinstance(given, dict)
            and expected.keys() == given.keys()
            and all(same(item, given[key], comparator, pinned) for key, item in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(given, list)
            and len(expected) == len(given)
            and all(same(a, b, comparator, pinned) for a, b in zip(expected, given, strict=True))
        )
    return _same_leaf(expected, given, comparator, pinned)


def _same_leaf(expected: Any, given: Any, comparator: str, pinned: bool) -> bool:
    if isinstance(expected, str) and isinstance(given, str):
        return _same_string(expected, given, comparator, pinned)
    if is_number(expected) and is_number(given):
        return expected == given or (comparator == "number" and _close(expected, given))
    return type(expected) is type(given) and expected == given


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(expected: float, given: float) -> bool:
    try:
        return math.isclose(expected, given, rel_tol=1e-6)
    except OverflowError:  # an integer beyond float's range
        return False


def _same_string(expected: str, given: str, comparator: str, pinned: bool) -> bool:
    # `$$` in front of a plain string is how rows write a dollar sign; models write either form
    if expected == given or (given.startswith("$$") and expected == given[1:]):
        return True
    if comparator == "text" and not pinned:
        return expected.translate(_TEXT).lower() == given.translate(_TEXT).lower()
    return comparator == "date" and _instant(expected) == _instant(given) is not None


def _instant(text: str) -> date | datetime | None:
    """An ISO 8601 day or instant; two instants with zones compare in UTC."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment


def canonical(value: Any) -> str:
    """One string per JSON value: equal values give equal strings, `5.0` is `5`, a boolean is never a number."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, UnservedReference):
        return {"$unserved": id(value)}
    return {"$reference": str(value)} if isinstance(value, Reference) else value
