"""Granular answers under attack: `["f"]` in a sentence, a list of all tools, a thousand numbers.

Most attacks on calls serve here too: `render` puts their forgeries into the form that the row asks
for, names or arguments. The attacks here have no counterpart among calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.nothing import garbage, tagged
from rlcall.calls import Call
from rlcall.data.rows import Row
from rlcall.verifier import granular
from rlcall.verifier.answer import Answer, Slot
from rlcall.wire import FORMATS

NUMBER = 987_654_321  # no row's


def gold_calls(answer: Answer) -> list[Call]:
    """Return the answer as calls, to which the attacks on calls apply; none for a reply."""
    if answer.arguments is not None:
        return [Call(answer.arguments.name, answer.arguments.arguments)]
    return [Call(name) for name in answer.names]


def gold_text(answer: Answer) -> str:
    """Return the right completion; the bare values of the slots where the answer has no `reply`."""
    if answer.reply is not None and answer.reply.text is None:
        return _listed([slot.values[0] for slot in answer.reply.slots])
    return granular.gold_text(answer)


def render(calls: Sequence[Call], answer: Answer) -> str | None:
    """Render forged calls in the form of the answer: their names, or the arguments of the one call.

    None where they have no such form.
    """
    if answer.granular == "names":
        return json.dumps([call.name for call in calls])
    if answer.arguments is not None and [call.name for call in calls] == [answer.arguments.name]:
        return json.dumps(calls[0].arguments)
    return None


def right_in_each_writing(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield gold.text
    yield f"\n  {gold.text}\n<|im_end|>"
    yield {"role": "assistant", "content": gold.text}
    if gold.answer.granular != "slots":
        yield f"```json\n{json.dumps(json.loads(gold.text), indent=2)}\n```"
    if len(gold.answer.names) == 1:
        yield json.dumps(gold.answer.names[0])
        yield gold.answer.names[0]


def in_another_form(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Names or arguments where a program would not find them; the values of a reply as data."""
    if gold.answer.reply is not None:
        values = {str(slot.path[0]): slot.values[0] for slot in gold.answer.reply.slots}
        yield json.dumps(values)
        yield json.dumps([values])
        yield f"Here: {values}"
        yield json.dumps(row.messages)
        yield tagged({"name": "reply", "arguments": values})
        return
    yield f"I would say {gold.text}."
    yield f"{gold.text}\n{gold.text}"
    yield f"[{gold.text}]"
    yield f"{gold.text} Done."
    yield f"```json\n{gold.text}\n```\nIs that all right?"
    for form in FORMATS.values():
        if gold.calls and form.can_render(gold.calls, row.tools):
            yield form.render(gold.calls)


def garbage_reply(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Garbage, where it does not hold a slot by chance."""
    slots = gold.answer.reply.slots if gold.answer.reply else ()
    for text in garbage(row, gold, rng):
        if not any(_mentions(str(text), slot) for slot in slots):
            yield text


def any_name(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    names = [tool["function"]["name"] for tool in row.tools]
    for name in (*names, "delete_everything"):
        yield json.dumps([name])
    yield json.dumps(["delete_everything", *names])


def slots_left_out(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """Each slot left out in turn, and with another value, where no other slot holds it."""
    slots = gold.answer.reply.slots if gold.answer.reply else ()
    for omitted in slots:
        others = _listed([slot.values[0] for slot in slots if slot is not omitted])
        for text in (f"It is this: {others}.", f"It is this: {others}, {NUMBER}."):
            if not _mentions(text, omitted):
                yield text


def one_more_detail(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    avoid = gold.answer.reply.avoid if gold.answer.reply else ()
    for detail in (NUMBER, *avoid):
        yield f"{gold.text} Or {detail}."
        yield f"{detail}? {gold.text}"


def a_thousand_numbers(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    start = rng.randrange(10**6)
    numbers = ", ".join(map(str, range(start, start + 1000)))
    yield f"{gold.text} {numbers}"
    yield f"{numbers}. {gold.text}"
    yield f"{gold.text}\n" + numbers.replace(", ", "\n")


def padded(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """The right reply again and again, and with junk around it, far longer than any reply."""
    times = 20 + 2_000 // len(gold.text)
    yield " ".join([gold.text] * times)
    words = ["".join(rng.choices("abcdefgh", k=5)) for _ in range(100 + len(gold.text))]
    junk = " ".join(words)
    yield f"{gold.text} {junk}"
    yield f"{junk} {gold.text}"


def _mentions(text: str, slot: Slot) -> bool:
    return any(str(value).casefold() in text.casefold() for value in slot.values)


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))
