"""The right answer, written in other ways that mean the same: `[g(), f(a=1)]` for `[f(a=1), g()]`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from rlcall import wire as wires
from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.perturb import relabelled, reordered
from rlcall.calls import references
from rlcall.data.rows import Row


def in_every_format(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for written in gold.formats:
        if written.can_render(gold.calls, row.tools):
            yield written.render(gold.calls)


def as_message(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    written = wires.get("openai")
    if written.can_render(gold.calls):
        yield json.loads(written.render(gold.calls))


def after_reasoning(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield f"<think>\nI could call delete_everything() first: {gold.text}\n</think>\n{gold.text}"


def arguments_reordered(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield [replace(call, arguments=dict(reversed(call.arguments.items()))) for call in gold.calls]


def calls_reordered(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if gold.answer.order == "any" and len(gold.calls) > 1:
        yield from (reordered(gold.calls, rng) for _ in range(3))


def labels_renamed(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    labels = [call.label or "" for call in gold.calls]
    if any(True for call in gold.calls for _ in references(call.arguments)):
        for new in (labels[::-1], [f"step_{place}" for place in range(len(labels))]):
            yield relabelled(gold.calls, dict(zip(labels, new, strict=True)))
