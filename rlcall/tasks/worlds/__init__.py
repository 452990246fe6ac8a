"""The shipped worlds, one module each; a world belongs to one split.

    of_split("test")    # [World("health", ...), ...]
"""

from __future__ import annotations

import importlib

from rlcall.tasks.world import World

NAMES = {
    "train": ("phone", "calendar", "shop", "travel", "finance", "files", "home", "maths", "media"),
    "validation": ("weather", "databases", "food"),
    "test": ("health", "developer", "library", "logistics"),
}


def of_split(split: str) -> list[World]:
    """The worlds of `train`, `validation` or `test`."""
    return [importlib.import_module(f"{__name__}.{name}").WORLD for name in NAMES[split]]
