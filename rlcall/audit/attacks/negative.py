"""The mistakes of small models, one of each kind: what DPO's rejected completions are, too.

[f(a="1")] for [f(a=1)]: "wrong_type", by `rlcall.tasks.negatives`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.data.rows import Row
from rlcall.tasks.negatives import negatives

# All kinds but "wrong_count", and the wrong wrapper, which `auto` does not know.
KINDS = (
    "malformed",
    "wrong_name",
    "missing_parameter",
    "unknown_parameter",
    "wrong_type",
    "wrong_value",
)


def of_each_kind(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield from _negatives(row, gold, rng, KINDS)


def of_another_count(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield from _negatives(row, gold, rng, ("wrong_count",))


def _negatives(row: Row, gold: Gold, rng: Random, kinds: Sequence[str]) -> Iterator[Forgery]:
    for form in gold.formats[:2]:
        for negative in negatives(row, form.name, rng, kinds):
            yield negative.completion
