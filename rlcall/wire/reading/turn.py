"""Reasoning and end-of-turn tokens around the calls in a model's turn, both taken off first.

own_text("<think>f(a=1)?</think>[f(a=2)]<|im_end|>") -> "[f(a=2)]"
"""

from __future__ import annotations

import re
from functools import cache

from rlcall.wire.reading.bounded_json import MAX_CHARS, check_text
from rlcall.wire.reading.gathered import turn_ends
from rlcall.wire.reading.parsed import Unreadable, any_of

MAX_COMPLETION = 200_000  # characters with the reasoning; without it, MAX_CHARS

# opening tag -> closing tag. Chat templates often write the opening themselves, so the first tag
# may be a closing one.
REASONING = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<reason>": "</reason>",
    "<scratch_pad>": "</scratch_pad>",
    "<|thought|>": "<|/thought|>",
    "<|thinking|>": "<|/thinking|>",
    "<|START_THINKING|>": "<|END_THINKING|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
}

# gpt-oss names a channel for each message: what is in `analysis` is reasoning, `final` is the
# reply.
_HARMONY_ANALYSIS = re.compile(
    r"(?:<\|start\|>assistant)?<\|channel\|>analysis<\|message\|>.*?(?:<\|end\|>|\Z)", re.DOTALL
)
_HARMONY_FINAL = re.compile(r"(?:<\|start\|>assistant)?<\|channel\|>final<\|message\|>")

_OPENING = re.compile(any_of(REASONING))
_TAG = re.compile(any_of((*REASONING, *REASONING.values())))


def own_text(completion: str) -> str:
    """Return a completion without its reasoning.

    Raises `Unreadable` where it is too long, or no text.
    """
    if len(completion) > MAX_COMPLETION:
        raise Unreadable("too_large", f"more than {MAX_COMPLETION} characters")
    text = strip_reasoning(completion)
    if "<|channel|>" in text:
        text = _HARMONY_FINAL.sub("", _HARMONY_ANALYSIS.sub("", text))
    if len(text) > MAX_CHARS:
        raise Unreadable("too_large", f"more than {MAX_CHARS} characters without the reasoning")
    check_text(text)
    return strip_end(text)


@cache
def end_tokens() -> tuple[str, ...]:
    """Return what is taken off the end of a turn.

    That is what ends it, padding, and what ends one of several messages.
    """
    return (*turn_ends(), "<|end|>", "<|return|>", "<pad>", "<|pad|>")


def strip_end(text: str) -> str:
    """Return the text without white space around it and without end-of-turn tokens at its end."""
    text = text.strip()
    if text.endswith(end_tokens()):
        # A pattern anchored at the end of a text is searched from its start, again and again; so it
        # is read backwards.
        backwards = text[::-1]
        ending = _reversed_ending().match(backwards)
        assert ending is not None  # it matches the empty string
        text = backwards[ending.end() :][::-1]
    return text


@cache
def _reversed_ending() -> re.Pattern[str]:
    backwards = [re.escape(token[::-1]) for token in end_tokens()]
    return re.compile(rf"(?:\s|{'|'.join(backwards)})*+")


def strip_reasoning(text: str) -> str:
    """Return the text without its reasoning blocks.

    An opening tag that is never closed makes everything after it reasoning; a closing tag that
    comes first of all makes everything before it reasoning. Any later closing tag without an
    opening one stays: it is text.
    """
    match = _TAG.search(text)
    if match is None:
        return text
    at = match.end() if match[0] not in REASONING else 0
    parts = []
    while opening := _OPENING.search(text, at):
        parts.append(text[at : opening.start()])
        closing = REASONING[opening[0]]
        end = text.find(closing, opening.end())
        if end < 0:
            return "".join(parts)
        at = end + len(closing)
    return "".join((*parts, text[at:]))
