"""A right answer spoilt in every field and mended again, one field at a time: no step may lower the reward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.calls import Call
from rlcall.data.rows import Row

# A spoilt field holds what nothing else in a row does: only then does a call answer to the one that it was made from.
SPOILT = ("spoilt 9Q", None, {"spoilt": ["9Q"]}, -987_654_321)
NAME = ""  # stands for the call's name among its fields


def mended(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """From all wrong to all right; an argument is spoilt by a wrong value or left out, a name is no tool's."""
    calls = [_spoilt(call, rng) for call in gold.calls]
    fields = [
        (index, key) for index, call in enumerate(gold.calls) for key in (NAME, *call.arguments)
    ]
    rng.shuffle(fields)
    yield list(calls)
    for index, key in fields:
        calls[index] = _mended(calls[index], gold.calls[index], key)
        yield list(calls)


def _spoilt(call: Call, rng: Random) -> Call:
    kept = {key: rng.choice(SPOILT) for key in call.arguments if rng.random() < 0.8}
    return replace(call, name=f"no_{call.name}", arguments=kept)


def _mended(call: Call, right: Call, key: str) -> Call:
    if key == NAME:
        return replace(call, name=right.name)
    return replace(call, arguments={**call.arguments, key: right.arguments[key]})
