"""How hard generated rows are: every knob with its default, and levels from 1 to 5 that set several at once.

Options(tools_shown=(2, 4), depth=(2, 2))
level(3)           # {"tools_shown": (3, 6), "calls": (2, 3), ...}
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from rlcall.tasks.draw import SPLITS

CLOSENESS = ("far", "near", "mixed")
TOOLS_MAX = 64  # more tools than this in one row is another task: retrieval


@dataclass(frozen=True)
class Options:
    """The difficulty of generated rows. Pairs are the least and the most, both included."""

    split: str = "train"
    tools_shown: tuple[int, int] = (2, 6)
    """How many tools a row shows, those that are due among them."""
    calls: tuple[int, int] = (2, 3)
    """How many calls a `parallel` or `chaining` row asks for."""
    depth: tuple[int, int] = (2, 3)
    """How many calls a `nested` row puts into one another."""
    distractors: str = "mixed"
    """Tools beside those due: `far` (of other worlds), `near` (look-alikes, then of the same world), or `mixed`."""
    optional_share: float = 0.3
    """Chance of each optional argument to be given."""
    ellipsis_share: float = 0.3
    """Chance that a further request of a `parallel` row is "the same for ..." (where its tool allows that)."""
    idle_share: float = 0.25
    """Chance that an `irrelevant` row asks for what no tool at all does, not for what another world's tools do."""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"split is one of {', '.join(SPLITS)}, not {self.split!r}")
        if self.distractors not in CLOSENESS:
            raise ValueError(
                f"distractors is one of {', '.join(CLOSENESS)}, not {self.distractors!r}"
            )
        for name, low, high in (("tools_shown", 1, TOOLS_MAX), ("calls", 2, 8), ("depth", 2, 6)):
            _check_pair(name, getattr(self, name), low, high)
        for name in ("optional_share", "ellipsis_share", "idle_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {getattr(self, name)!r}")


# From one plain call among two tools to deep chains among look-alikes.
LEVELS: dict[int, dict[str, Any]] = {
    1: {
        "tools_shown": (1, 2),
        "calls": (2, 2),
        "depth": (2, 2),
        "distractors": "far",
        "optional_share": 0.0,
    },
    2: {
        "tools_shown": (2, 4),
        "calls": (2, 2),
        "depth": (2, 2),
        "distractors": "far",
        "optional_share": 0.2,
    },
    3: {
        "tools_shown": (3, 6),
        "calls": (2, 3),
        "depth": (2, 3),
        "distractors": "mixed",
        "optional_share": 0.3,
    },
    4: {
        "tools_shown": (5, 9),
        "calls": (2, 4),
        "depth": (2, 3),
        "distractors": "near",
        "optional_share": 0.5,
    },
    5: {
        "tools_shown": (8, 16),
        "calls": (3, 5),
        "depth": (3, 4),
        "distractors": "near",
        "optional_share": 0.7,
    },
}


def level(number: int) -> dict[str, Any]:
    """The options of a level, as keywords of `Options`. ValueError where there is no such level."""
    if number not in LEVELS:
        raise ValueError(f"level is a number from {min(LEVELS)} to {max(LEVELS)}, not {number!r}")
    return LEVELS[number]


def names() -> list[str]:
    return [field.name for field in fields(Options)]


def _check_pair(name: str, pair: Any, low: int, high: int) -> None:
    whole = (
        isinstance(pair, tuple | list)
        and len(pair) == 2
        and all(isinstance(value, int) and not isinstance(value, bool) for value in pair)
    )
    if not whole or not low <= pair[0] <= pair[1] <= high:
        raise ValueError(
            f"{name} is two whole numbers from {low} to {high}, the lower first, not {pair!r}"
        )
