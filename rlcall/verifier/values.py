"""JSON values compared: when two are the same, under each comparator.

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

# BFCL's standardisation of strings (standardize_string in its ast_checker)
_TEXT = str.maketrans({**dict.fromkeys(" ,./-_*^"), "'": '"'})


class Absent:
    """The class itself marks a key or default that is not there, since None is a value of JSON."""


class UnservedReference:
    """A reference to nothing, ahead, or in a circle.

    It is there, unlike `Absent`, and equals no other value.
    """

    def __repr__(self) -> str:
        return "a reference that nothing can serve"


def same(expected: Any, given: Any, comparator: str = "exact", pinned: bool = False) -> bool:
    """Return whether two values are the same under a comparator.

    `pinned` strings (under enum, const, format or pattern) are never compared as text.
    """
    if comparator == "ignore":
        return True
    if isinstance(expected, Reference) or isinstance(given, Reference):
        # Labels mean nothing: `match` compares who refers to whom.
        both = isinstance(expected, Reference) and isinstance(given, Reference)
        return both and expected.path == given.path
    if isinstance(expected, dict):
        if not isinstance(given, dict) or expected.keys() != given.keys():
            return False
        return all(same(item, given[key], comparator, pinned) for key, item in expected.items())
    if isinstance(expected, list):
        if not isinstance(given, list):
            return False
        if comparator == "set":
            return Counter(map(canonical, expected)) == Counter(map(canonical, given))
        if len(expected) != len(given):
            return False
        pairs = zip(expected, given, strict=True)
        return all(same(item, other, comparator, pinned) for item, other in pairs)
    return _same_leaf(expected, given, comparator, pinned)


def _same_leaf(expected: Any, given: Any, comparator: str, pinned: bool) -> bool:
    if isinstance(expected, str) and isinstance(given, str):
        return _same_string(expected, given, comparator, pinned)
    if is_number(expected) and is_number(given):
        return expected == given or (comparator == "number" and _close(expected, given))
    return type(expected) is type(given) and expected == given


def is_number(value: Any) -> bool:
    """Return whether a value is a number of JSON, which a boolean never is."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(expected: float, given: float) -> bool:
    try:
        return math.isclose(expected, given, rel_tol=1e-6)
    except OverflowError:  # an integer beyond float's range
        return False


def _same_string(expected: str, given: str, comparator: str, pinned: bool) -> bool:
    # `$$` in front of a plain string is how rows write a dollar sign; models write it both ways.
    if expected == given or (given.startswith("$$") and expected == given[1:]):
        return True
    if comparator == "text" and not pinned:
        return expected.translate(_TEXT).lower() == given.translate(_TEXT).lower()
    return comparator == "date" and _instant(expected) == _instant(given) is not None


def _instant(text: str) -> date | datetime | None:
    """Read an ISO 8601 day or instant, one with a zone as UTC; None where the text is neither."""
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
    """Render a JSON value so that equal values give equal strings.

    `5.0` is `5`, and a boolean is never a number.
    """
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
