"""The right answer, written in other ways that mean the same.

`[g(), f(a=1)]` for `[f(a=1), g()]`, or the same calls in another wire format
"""

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
from rlcall.wire.reading.reasoning import REASONING


def in_every_format(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for form in gold.formats:
        if form.can_render(gold.calls, row.tools):
            yield form.render(gold.calls)


def as_message(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    form = wires.get("openai")
    if form.can_render(gold.calls):
        yield json.loads(form.render(gold.calls))


def after_reasoning(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A block that holds other calls, between tags that the answer does not hold itself."""
    opening = next(tag for tag, closing in REASONING.items() if closing not in gold.text)
    thought = f"\nI could call delete_everything() first: {gold.text}\n"
    yield f"{opening}{thought}{REASONING[opening]}\n{gold.text}"


def arguments_reordered(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield [replace(call, arguments=dict(reversed(call.arguments.items()))) for call in gold.calls]


def calls_reordered(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if gold.answer.order == "any" and len(gold.calls) > 1:
        for _ in range(3):
            yield reordered(gold.calls, rng)


def labels_renamed(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if not any(any(references(call.arguments)) for call in gold.calls):
        return
    labels = [call.label or "" for call in gold.calls]
    for new_labels in (labels[::-1], [f"step_{index}" for index in range(len(labels))]):
        yield relabelled(gold.calls, dict(zip(labels, new_labels, strict=True)))
