"""Operators that get the writing wrong: `{"name": "f", "arguments": {}` without the last bracket.

Each yields some ways drawn at random; which of them are mistakes in the run's wire format is for
the verifier to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from rlcall.calls import encode
from rlcall.tasks.negatives.gold import GoldCompletion
from rlcall.wire import FORMATS
from rlcall.wire.reading.gathered import marker

_MARKS = re.compile(r"""["',:=()\[\]{}]|</?[\w|]+[^<>]*>|<escape>""")
_CLOSING = re.compile(r"[)\]}]")
# Not all formats that there are: a new one would change every pair that is drawn.
OTHER_FORMATS = (
    "qwen3_coder", "glm45", "toolrl", "smollm2", "hermes", "granite4", "llama3", "mistral",
    "granite20b", "granite3", "deepseek_v3", "functiongemma", "openai", "nestful", "json", "glm4",
    "python",
)  # fmt: skip
MOST_LOST_MARKS, MOST_OTHER_FORMATS, CUTS = 6, 4, 2  # ways of each kind, at most


def malformed(gold: GoldCompletion, rng: Random) -> Iterator[str]:
    """Lose a mark or the end, put a bracket too many, or write Python's words in JSON."""
    text = gold.text
    if not gold.calls:
        return
    marks = [match.span() for match in _MARKS.finditer(text)]
    for start, end in rng.sample(marks, min(MOST_LOST_MARKS, len(marks))):
        yield text[:start] + text[end:]
    for match in list(_CLOSING.finditer(text))[-2:]:
        yield text[: match.start()] + text[match.end() :]
        yield text[: match.end()] + text[match.start() :]
    for json_word, python_word in (("true", "True"), ("false", "False"), ("null", "None")):
        if f": {json_word}" in text:
            yield text.replace(f": {json_word}", f": {python_word}")
    for _ in range(CUTS):
        yield text[: rng.randrange(len(text) // 3, len(text))]


def wrong_wrapper(gold: GoldCompletion, rng: Random) -> Iterator[str]:
    """Write the right calls in another wire format, without the run's marks, or among prose."""
    if not gold.calls:
        return
    forms = [FORMATS[name] for name in OTHER_FORMATS]
    others = [form for form in forms if form.can_render(gold.calls, gold.row.tools)]
    for form in rng.sample(others, min(MOST_OTHER_FORMATS, len(others))):
        yield form.render(gold.calls)
    bare = _without_marks(gold)
    yield bare
    yield f"```json\n{bare}\n```"
    yield f"Sure! Here is the call:\n\n{bare}"
    yield f"{bare}\n\nIs there anything else?"
    yield marker().sub("", gold.text, count=1).strip()
    yield f"Sure! {_as_prose(gold)}"


def _without_marks(gold: GoldCompletion) -> str:
    """Return the right calls as text that no special token of the format gives away."""
    text = gold.text
    for token in gold.wire_format.special_tokens:
        text = text.replace(token, "")
    return marker().sub("", text).strip()


def _as_prose(gold: GoldCompletion) -> str:
    sentences = []
    for call in gold.calls:
        settings = [f"{key} set to {encode(value)}" for key, value in call.arguments.items()]
        arguments = " and ".join(settings) or "no arguments"
        sentences.append(f"I will use {call.name} with {arguments}.")
    return " Then ".join(sentences)
