"""Reasoning in a model's turn: the tags around it, and the text that is outside it.

    without_reasoning("No. <think>f(a=1)?</think>")     # "No. "
    search_outside(re.compile("<tool_call>"), "<think><tool_call></think>", 0)      # None

Between a tag and its closing one there is reasoning only where no call has begun: inside a call, in
a name or a value, the same characters are a part of it. So whoever knows where calls begin and end
asks for the text between them, and nothing here looks at a whole completion with calls in it.
"""

from __future__ import annotations

import re

from rlcall.wire.reading.parsed import any_of

# opening tag -> closing tag
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
    "<longcat_think>": "</longcat_think>",
    "<mm:think>": "</mm:think>",
    "<|inner_prefix|>": "<|inner_suffix|>",
    "<|channel>thought": "<channel|>",
    "<|open|>think<|sep|>": "<|close|>think<|sep|>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
}

# gpt-oss names a channel for each message: what is in `analysis` is reasoning; `final` is the
# reply, and nothing but its heading is taken off.
_HARMONY = {
    "<|channel|>analysis<|message|>": "<|end|>",
    "<|start|>assistant<|channel|>analysis<|message|>": "<|end|>",
    "<|channel|>final<|message|>": "",
    "<|start|>assistant<|channel|>final<|message|>": "",
}
_CLOSING_OF = REASONING | _HARMONY
_OPENING = re.compile(any_of(_CLOSING_OF))
_CLOSING = re.compile(any_of(REASONING.values()))
_TAG = re.compile(any_of((*_CLOSING_OF, *REASONING.values())))

# Each tag holds one of these; most texts hold none, and are not searched for the tags.
HINTS = ("think", "THINK", "thought", "reason", "scratch_pad", "channel", "inner_")

Span = tuple[int, int]


def may_reason(text: str) -> bool:
    """Return whether a text can hold a tag at all."""
    return any(hint in text for hint in HINTS)


def unopened_closing(text: str) -> Span | None:
    """Return where the first tag is, if that is a closing one."""
    tag = _TAG.search(text)
    return None if tag is None or tag[0] in _CLOSING_OF else tag.span()


def closings(text: str) -> list[int]:
    """Return where the closing tags begin."""
    return [tag.start() for tag in _CLOSING.finditer(text)]


def leading_end(text: str, start: int) -> int:
    """Return where the blocks end that follow one another from `start` on; `start` for none."""
    while True:
        block = next_reasoning(text, start)
        if block is None or text[start : block[0]].strip():
            return start
        start = block[1]


def next_reasoning(text: str, start: int, stop: int | None = None) -> Span | None:
    """Return where the first block that begins between two positions begins and ends.

    One that is never closed ends with the text.
    """
    opening = _OPENING.search(text, start, len(text) if stop is None else stop)
    if opening is None:
        return None
    closing = _CLOSING_OF[opening[0]]
    end = text.find(closing, opening.end())
    return opening.start(), len(text) if end < 0 else end + len(closing)


def without_reasoning(text: str) -> str:
    """Return a text outside calls without its blocks of reasoning."""
    if not may_reason(text):
        return text
    parts, at = [], 0
    while block := next_reasoning(text, at):
        parts.append(text[at : block[0]])
        at = block[1]
    return "".join((*parts, text[at:]))


def before_reasoning(text: str) -> str | None:
    """Return what comes before the reasoning that a text ends with; None where it ends in none."""
    if not may_reason(text):
        return None
    begin, at = None, 0
    while block := next_reasoning(text, at):
        if begin is None or text[at : block[0]].strip():
            begin = block[0]
        at = block[1]
    return None if begin is None or text[at:].strip() else text[:begin]


def search_outside(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    """Return the first match from `at` on that is in no reasoning; `at` is in no call."""
    match = pattern.search(text, at)
    while match and (block := next_reasoning(text, at, match.start())):
        at = block[1]
        if match.start() < at:
            match = pattern.search(text, at)
    return match
