"""Operators that get the writing wrong: `{"name": "f", "arguments": {"a": 1}` for the same with its last bracket.

Each yields some ways drawn at random; which of them are mistakes in the run's wire format is for the verifier to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from rlcall.calls import encode
from rlcall.tasks.negatives.right import Right
from rlcall.wire import FORMATS
from rlcall.wire.reading.gathered import marker

_MARKS = re.compile(r"""["',:=()\[\]{}]|</?[\w|]+[^<>]*>|<escape>""")
_CLOSING = re.compile(r"[)\]}]")


def malformed(right: Right, rng: Random) -> Iterator[str]:
    """A bracket, quote, comma or tag lost, a bracket too many, Python's words in JSON, or an end that never came."""
    text = right.text
    if not right.calls:
        return
    marks = [match.span() for match in _MARKS.finditer(text)]
    for start, end in rng.sample(marks, min(6, len(marks))):
        yield text[:start] + text[end:]
    for match in list(_CLOSING.finditer(text))[-2:]:
        yield text[: match.start()] + text[match.end() :]
        yield text[: match.end()] + text[match.start() :]
    for json_word, python_word in (("true", "True"), ("false", "False"), ("null", "None")):
        if f": {json_word}" in text:
            yield text.replace(f": {json_word}", f": {python_word}")
    yield from (text[: rng.randrange(len(text) // 3, len(text))] for _ in range(2))


def wrong_wrapper(right: Right, rng: Random) -> Iterator[str]:
    """The right calls in another wire format, without the marks of the run's own, among prose, or told as prose."""
    if not right.calls:
        return
    others = [form for form in FORMATS.values() if form.can_render(right.calls, right.row.tools)]
    yield from (form.render(right.calls) for form in rng.sample(others, min(4, len(others))))
    bare = marker().sub("", right.text).strip()
    yield from (
        bare,
        f"```json\n{bare}\n```",
        f"Sure! Here is the call:\n\n{bare}",
        f"{bare}\n\nIs there anything else?",
    )
    yield marker().sub("", right.text, count=1).strip()
    yield f"Sure! {_told(right)}"


def _told(right: Right) -> str:
    """The calls as a sentence."""
    told = []
    for call in right.calls:
        arguments = " and ".join(
            f"{key} set to {encode(value)}" for key, value in call.arguments.items()
        )
        told.append(f"I will use {call.name} with {arguments or 'no arguments'}.")
    return " Then ".join(told)
