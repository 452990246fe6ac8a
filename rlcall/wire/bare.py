"""Forms without markers: the whole text is the call, a code fence aside.

unfence("```json\\n{...}\\n```") -> "{...}"
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.wire.parsed import Problem, Unreadable
from rlcall.wire.syntax import written

_FENCE = re.compile(r"```[\w+-]*[ \t]*(?:\n|(?=[^\w\s]))")
# What a text with nothing but prose or data in it can give as well; any other code means that calls were seen.
_VAGUE = frozenset({"unreadable", "truncated", "too_large", "text_around"})


def unfence(text: str) -> str:
    """The text inside one code fence around all of it, or the text itself."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and (match := _FENCE.match(text)):
        return text[match.end() : -3].strip()
    return text


def bare_problem(text: str, tools: list[dict[str, Any]], error: Unreadable, *, begins: bool) -> tuple[Problem, ...]:
    """The one problem of a text that is not, as a whole, a call; none where it is plain text.

    `begins`: whether the text begins as this form's calls do.
    """
    if error.code in _VAGUE and not written(text, tools):
        return ()
    if begins:
        return (error.problem(text),)
    return (Unreadable("text_around", "a call that is not the whole text, or in another format").problem(text),)
