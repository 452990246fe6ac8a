"""The mistakes of small models, one of each kind a row: what DPO's rejected completions are made of as well.

[f(a="1")] for [f(a=1)]: "wrong_type", by `rlcall.tasks.negatives`
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rlcall.audit.attacks.forgery import Forge, Forgery, Gold
from rlcall.data.rows import Row
from rlcall.tasks.negatives import negatives

# Under `auto` there is no wrong wrapper.
ANY_WIRE = (
    "malformed",
    "wrong_name",
    "missing_parameter",
    "unknown_parameter",
    "wrong_type",
    "wrong_value",
)


def of_kinds(*kinds: str) -> Forge:
    """The attack that yields a negative of each of these kinds."""

    def forge(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
        for one in gold.formats[:2]:
            yield from (negative.completion for negative in negatives(row, one.name, rng, kinds))

    return forge
