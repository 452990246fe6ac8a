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
from rlcall.verifier.texts import same_text

COMPARATORS = ("exact", "text", "number", "set", "date", "ignore")


class Absent:
    """The class itself marks a key or default that is not there, since None is a value of JSON."""


class UnservedReference:
    """A reference to nothing, ahead, or in a circle.

    It is there, unlike `Absent`, and equals no other value.
    """

    def __repr__(self) -> str:
        return "a reference that nothing can serve"


def same(expected: Any, emitted: Any, comparator: str = "exact", pinned: bool = False) -> bool:
    """Return whether two values are the same under a comparator.

    `pinned` strings (under enum, const, format or pattern) are never compared as text.
    """
    if comparator == "ignore":
        return True
    if isinstance(expected, Reference) or isinstance(emitted, Reference):
        # Labels mean nothing: `match` compares who refers to whom.
        both = isinstance(expected, Reference) and isinstance(emitted, Reference)
        return both and expected.path == emitted.path
    if isinstance(expected, dict):
        if not isinstance(emitted, dict) or expected.keys() != emitted.keys():
            return False
        return all(same(item, emitted[key], comparator, pinned) for key, item in expected.items())
    if isinstance(expected, list):
        if not isinstance(emitted, list):
            return False
        if comparator == "set":
            return Counter(map(canonical, expected)) == Counter(map(canonical, emitted))
        if len(expected) != len(emitted):
            return False
        pairs = zip(expected, emitted, strict=True)
        return all(same(item, other, comparator, pinned) for item, other in pairs)
    return _same_leaf(expected, emitted, comparator, pinned)


def _same_leaf(expected: Any, emitted: Any, comparator: str, pinned: bool) -> bool:
    if isinstance(expected, str) and isinstance(emitted, str):
        return _same_string(expected, emitted, comparator, pinned)
    if is_number(expected) and is_number(emitted):
        return expected == emitted or (comparator == "number" and _close(expected, emitted))
    return type(expected) is type(emitted) and expected == emitted


def is_number(value: Any) -> bool:
    """Return whether a value is a number of JSON, which a boolean never is."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(expected: float, emitted: float) -> bool:
    try:
        return math.isclose(expected, emitted, rel_tol=1e-6)
    except OverflowError:  # an integer beyond float's range
        return False


def _same_string(expected: str, emitted: str, comparator: str, pinned: bool) -> bool:
    # `$$` in front of a plain string is how rows write a dollar sign; models write it both ways.
    if expected == emitted or (emitted.startswith("$$") and expected == emitted[1:]):
        return True
    if comparator == "text" and not pinned:
        return same_text(expected, emitted)
    return comparator == "date" and _instant(expected) == _instant(emitted) is not None


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
