"""The difficulty of generated rows: options with defaults, and levels from 1 to 5 that set several.

Options(tools_shown=(2, 4), depth=(2, 2))
level(3)           # {"tools_shown": (3, 6), "calls": (2, 3), ...}
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic.dataclasses import dataclass

from rlcall.tasks.draw import SPLITS

TOOLS_MAX = 64  # more tools than this in one row is another task: retrieval


def one_of(names: Collection[str]) -> AfterValidator:
    """Return a check of a text that is one of these names."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"should be one of {', '.join(names)}")
        return name

    return AfterValidator(check)


def _pair(low: int, high: int) -> BeforeValidator:
    """Return a check of a least and a most, both from `low` to `high`."""

    def check(value: Any) -> tuple[int, ...]:
        pair = tuple(value) if isinstance(value, list | tuple) else ()
        is_pair = [type(number) for number in pair] == [int, int]  # true and false are bool
        if not is_pair or not low <= pair[0] <= pair[1] <= high:
            raise ValueError(f"should be two whole numbers from {low} to {high}, the lower first")
        return pair

    return BeforeValidator(check)


Chance = Annotated[float, Field(strict=True, ge=0, le=1)]


@dataclass(frozen=True)
class Options:
    """The difficulty of generated rows. Pairs are the least and the most, both included.

    ValidationError, which `explain` puts into words, where a value is not what it should be.
    """

    split: Annotated[str, one_of(SPLITS)] = "train"
    tools_shown: Annotated[tuple[int, int], _pair(1, TOOLS_MAX)] = (2, 6)
    """How many tools a row shows, those that are due among them."""
    calls: Annotated[tuple[int, int], _pair(2, 8)] = (2, 3)
    """How many calls a `parallel` or `chaining` row asks for."""
    depth: Annotated[tuple[int, int], _pair(2, 6)] = (2, 3)
    """How many calls a `nested` row puts into one another."""
    distractors: Literal["far", "near", "mixed"] = "mixed"
    """The tools that are not due: `far` (of other worlds), `near` (look-alikes, then of the same
    world), or `mixed`."""
    optional_share: Chance = 0.3
    """Chance of each optional argument to be given."""
    ellipsis_share: Chance = 0.3
    """Chance that a further request of a `parallel` row is "the same for ..." (where its tool
    allows that)."""
    idle_share: Chance = 0.25
    """Chance that an `irrelevant` row asks for what no tool at all does, not for what another
    world's tools do."""


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
    """Return a level's options, as keywords of `Options`. ValueError for any other number."""
    if number not in LEVELS:
        raise ValueError(f"level is a number from {min(LEVELS)} to {max(LEVELS)}, not {number!r}")
    return LEVELS[number]


def explain(error: ValidationError) -> str:
    """Say what is wrong with an option: `depth should be two whole numbers ..., not 2`."""
    fault = error.errors()[0]
    requirement = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{fault['loc'][0]} {requirement}, not {fault['input']!r}"
