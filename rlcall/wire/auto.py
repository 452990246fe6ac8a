"""Recognition of a text's format, and of any attempt at a call in it.

    parse_auto("[TOOL_CALLS] [...]", tools).wire     # "mistral"
    attempts("I use f(a=1)", tools)                  # True where `f` is one of the tools

A text that is, as a whole, a call in a form without markers is read in that form; otherwise the
format whose opening comes first in it wins, and of several at the same place the first in FORMATS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rlcall.wire.formats import FORMATS
from rlcall.wire.reading.bare import no_call
from rlcall.wire.reading.gathered import marker
from rlcall.wire.reading.parsed import SURPLUS, Parse, Tools, Unreadable
from rlcall.wire.reading.reasoning import search_outside, without_reasoning
from rlcall.wire.reading.syntax import named

MARKED = tuple(format for format in FORMATS.values() if format.opening)
BARE = tuple(format for format in FORMATS.values() if format.bare_opening)


def _any_opening(openings: Iterable[tuple[str, re.Pattern[str] | None]]) -> re.Pattern[str]:
    """Return one pattern of all these, with a group by the format's name for each."""
    groups = [f"(?P<{name}>{opening.pattern})" for name, opening in openings if opening]
    return re.compile("|".join(groups))


_MARKED_OPENING = _any_opening((format.name, format.opening) for format in FORMATS.values())
_BARE_OPENING = _any_opening((format.name, format.bare_opening) for format in FORMATS.values())


def parse_auto(text: str, tools: Tools) -> Parse:
    """Return the calls and problems of a text in its format; "text" where there is no call."""
    bare = None
    if opening := _BARE_OPENING.match(text):
        bare = FORMATS[str(opening.lastgroup)].parse(text, tools)
        if bare.calls:
            return bare
    at = 0
    while place := search_outside(marker(), text, at):
        if opening := _MARKED_OPENING.match(text, place.start()):
            return FORMATS[str(opening.lastgroup)].parse(text, tools)
        at = place.end()
    if named(without_reasoning(text), tools):
        # A name that is no identifier hides a call from the openings of the forms without markers.
        for format in BARE:
            parsed = format.parse(text, tools)
            if parsed.calls:
                return parsed
    if bare:
        return bare
    no_format = Unreadable("unreadable", "no call")
    return Parse("text", (), no_call(text, tools, no_format, begins=False))


def attempts(text: str, tools: Tools) -> bool:
    """Return whether a text holds an attempt at a call in any format, readable or not.

    The formats' own ways to call nothing (`[]`, `no_function`, a block with an empty list) are no
    attempts.
    """
    return is_attempt(parse_auto(text, tools)) or named(without_reasoning(text), tools)


def is_attempt(parsed: Parse) -> bool:
    """Return whether a parse has a call in it, or a problem that stands for one."""
    if parsed.calls:
        return True
    return any(problem.code in SURPLUS for problem in parsed.problems)
