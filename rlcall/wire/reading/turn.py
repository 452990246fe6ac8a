"""What stands around the calls in a model's turn: reasoning and end-of-turn tokens, both taken off first.

own_text("<think>f(a=1)?</think>[f(a=2)]<|im_end|>") -> "[f(a=2)]"
"""

from __future__ import annotations

import re

from rlcall.wire.reading.parsed import Unreadable, any_of
from rlcall.wire.reading.strict_json import MAX_CHARS, check_text

MAX_COMPLETION = 200_000  # characters with the reasoning; without it, MAX_CHARS

# opening tag -> closing tag. Chat templates often write the opening themselves, so the first tag may be a closing one.
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
# What hands the turn over: nothing of it may come after one of these, so generation ends there. A tag that closes a
# block of calls is none of them, since another block may follow.
TURN_ENDS = (
    "<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|eot|>", "<|eom|>",
    "<end_of_turn>", "<eos>", "</s>", "<bot_end>", "<|user|>", "<|observation|>",
    "<start_function_response>", "<｜end▁of▁sentence｜>",
)  # fmt: skip
# Taken off the end of a turn besides: padding, and what ends a message, after which some models write another.
END_TOKENS = (*TURN_ENDS, "<|end|>", "<pad>", "<|pad|>")

_OPENING = re.compile(any_of(REASONING))
_TAG = re.compile(any_of((*REASONING, *REASONING.values())))
_ENDING = re.compile(rf"(?:\s|{'|'.join(re.escape(token[::-1]) for token in END_TOKENS)})*+")


def own_text(completion: str) -> str:
    """What a completion says beside its reasoning. Raises `Unreadable` where it is too long, or no text."""
    if len(completion) > MAX_COMPLETION:
        raise Unreadable("too_large", f"more than {MAX_COMPLETION} characters")
    text = strip_reasoning(completion)
    if len(text) > MAX_CHARS:
        raise Unreadable("too_large", f"more than {MAX_CHARS} characters beside the reasoning")
    check_text(text)
    return strip_end(text)


def strip_end(text: str) -> str:
    """The text without white space around it and without end-of-turn tokens at its end."""
    text = text.strip()
    if text.endswith(END_TOKENS):
        backwards = text[
            ::-1
        ]  # a pattern anchored at the end of a text is searched from its start, again and again
        text = backwards[_ENDING.match(backwards).end() :][::-1]  # type: ignore[union-attr]  # matches the empty string
    return text


def strip_reasoning(text: str) -> str:
    """The text without its reasoning blocks.

    An opening tag that is never closed makes everything after it reasoning; a closing tag that comes first of all
    makes everything before it reasoning. Any later closing tag without an opening one stays: it is text.
    """
    match = _TAG.search(text)
    if match is None:
        return text
    at = match.end() if match[0] not in REASONING else 0
    kept = []
    while opening := _OPENING.search(text, at):
        kept.append(text[at : opening.start()])
        closing = REASONING[opening[0]]
        end = text.find(closing, opening.end())
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    return "".join((*kept, text[at:]))
