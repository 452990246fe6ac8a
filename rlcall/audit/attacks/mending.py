"""A right answer spoilt in every field, then mended field by field: no step may lower the reward.

f(x=7, y=8): `no_f(y="spoilt 9Q")`, then `no_f(x=7, y="spoilt 9Q")`, `f(x=7, y="spoilt 9Q")`, ...
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.calls import Call
from rlcall.data.rows import Row

# A spoilt field holds what nothing else in a row does, so that no call is taken for another one.
SPOILT = ("spoilt 9Q", None, {"spoilt": ["9Q"]}, -987_654_321)
NAME = ""  # the key of a call's name among its fields


def field_by_field(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """From all wrong to all right: no tool has the name, arguments are wrong or left out."""
    calls = [_spoil(call, rng) for call in gold.calls]
    fields = []
    for index, call in enumerate(gold.calls):
        fields += [(index, NAME), *((index, key) for key in call.arguments)]
    rng.shuffle(fields)
    yield list(calls)
    for index, key in fields:
        calls[index] = _mend(calls[index], gold.calls[index], key)
        yield list(calls)


def _spoil(call: Call, rng: Random) -> Call:
    arguments = {key: rng.choice(SPOILT) for key in call.arguments if rng.random() < 0.8}
    return replace(call, name=f"no_{call.name}", arguments=arguments)


def _mend(call: Call, right: Call, key: str) -> Call:
    if key == NAME:
        return replace(call, name=right.name)
    return replace(call, arguments={**call.arguments, key: right.arguments[key]})
