"""The parts that are taken off a model's turn first: reasoning at its beginning, and tokens at its
end.

own_text("<think>f(a=1)?</think>[f(a=2)]<|im_end|>") -> "[f(a=2)]"
"""

from __future__ import annotations

import re
from functools import cache

from rlcall.wire.reading.bounded_json import MAX_CHARS, check_text
from rlcall.wire.reading.gathered import marker, turn_ends
from rlcall.wire.reading.parsed import Tools, Unreadable
from rlcall.wire.reading.reasoning import (
    Span,
    closings,
    leading_end,
    may_reason,
    unopened_closing,
)
from rlcall.wire.reading.syntax import tool_names

MAX_COMPLETION = 200_000  # characters with the reasoning; without it, MAX_CHARS
MAX_READ = 4 * MAX_CHARS  # characters read to tell whether reasoning holds a call


def own_text(completion: str, tools: Tools = ()) -> str:
    """Return a completion without the reasoning at its beginning and the tokens at its end.

    Further reasoning, between calls or after them, is left to those who know where calls are.
    Raises `Unreadable` where it is too long, or no text.
    """
    if len(completion) > MAX_COMPLETION:
        raise Unreadable("too_large", f"more than {MAX_COMPLETION} characters")
    text = completion
    if may_reason(text):
        text = text[leading_end(text, _end_of_unopened(text, tools)) :]
    if len(text) > MAX_CHARS:
        raise Unreadable("too_large", f"more than {MAX_CHARS} characters without the reasoning")
    check_text(text)
    return strip_end(text)


def _end_of_unopened(text: str, tools: Tools) -> int:
    """Return where the reasoning ends that a text begins in, since its prompt has opened it.

    Such reasoning ends with a closing tag that no opening one, and no call, comes before.
    """
    closing = unopened_closing(text)
    return 0 if closing is None or _has_call(text, closing, tools) else closing[1]


def _has_call(text: str, closing: Span, tools: Tools) -> bool:
    """Return whether a closing tag comes after a call, or inside one, in any format.

    Reasoning may mention a marker, and break off a call: what cannot be read is none.
    """
    from rlcall.wire.formats import FORMATS  # the formats' files import this one

    begin, end = closing
    has_marker = marker().search(text, 0, end) is not None  # where every opening is at one
    marked, bare = [], []
    for form in FORMATS.values():
        # The whole text is searched: an opening may look at what comes after the closing tag.
        opening = form.opening.search(text) if has_marker and form.opening else None
        if opening and opening.start() < end:
            marked.append(form)
        elif form.bare_opening and (
            _begins_with_a_name(text, tools) or form.bare_opening.match(text)
        ):
            bare.append(form)
    if marked and (begin > MAX_CHARS or len(text) * len(marked) > MAX_READ):
        return True
    for form in marked:
        calls = form.parse(text, tools).calls
        if len(calls) > len(form.parse(text[end:], tools).calls):
            return True
    ends = [*closings(text), len(text)]  # a call without markers may end at any of them
    if len(text) * len(bare) * len(ends) > MAX_CHARS:
        return True
    return any(form.parse(text[:stop], tools).calls for form in bare for stop in ends)


def _begins_with_a_name(text: str, tools: Tools) -> bool:
    """Return whether one of the tools' names is at the beginning, a bracket or a fence aside.

    Names that are no identifiers begin a call without markers so as nothing else does.
    """
    return any(name and name in text[: len(name) + 16] for name in tool_names(tools))


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
