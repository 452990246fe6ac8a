"""The structure of arguments: objects and lists in them, and calls inside calls.

structure_overlap({"x": [1, 2]}, {"x": [3]})
# 0.75: an object, a list and one of its two items, of four slots
"""

from __future__ import annotations

from typing import Any

from rlcall.calls import Path, Reference
from rlcall.verifier.values import Absent


def count_leaves(value: Any) -> int:
    """Return how many leaves a value has; an empty object or list is one."""
    if isinstance(value, dict):
        return sum(map(count_leaves, value.values())) or 1
    if isinstance(value, list):
        return sum(map(count_leaves, value)) or 1
    return 1


def structure_overlap(wanted: Any, emitted: Any) -> float:
    """Return the Jaccard index of the two values' slots: in common / in either.

    `Absent` has a slot of its own.
    """
    wanted_slots, emitted_slots = _slots(wanted, ()), _slots(emitted, ())
    return len(wanted_slots & emitted_slots) / len(wanted_slots | emitted_slots)


def _slots(value: Any, path: Path) -> set[tuple[Path, str]]:
    """Return every place in a value with what it holds: object, array, call, leaf, or nothing."""
    if isinstance(value, dict):
        slots = {(path, "object")}
        for key, item in value.items():
            slots |= _slots(item, (*path, key))
        return slots
    if isinstance(value, list):
        slots = {(path, "array")}
        for index, item in enumerate(value):
            slots |= _slots(item, (*path, index))
        return slots
    if isinstance(value, Reference):
        return {(path, "call")}
    return {(path, "absent" if value is Absent else "leaf")}
