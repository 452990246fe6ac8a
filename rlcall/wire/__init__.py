"""Wire formats: how calls are written as text. One module per format, each with

    NAME                       the word for it in configs and verdicts
    MARKERS                    strings that only a call in this format contains ("" formats have none)
    parse(text, tools)         -> Parse; never raises; every byte is a call, permitted text or a problem
    can_render(calls)          -> bool; what render can write so that parse gives it back
    render(calls)              -> str; the exact inverse of parse

`parse` here is what the verifier calls: it takes a string or an assistant message, strips reasoning, and lets
`auto` find the format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from rlcall.calls import Call


@dataclass(frozen=True, slots=True)
class Problem:
    """A piece of a completion that is neither a call nor permitted text. `code` is one of PROBLEMS."""

    code: str
    message: str
    text: str = ""


# code -> what it means. Those in SURPLUS stand for a call that cannot be read: each counts as a surplus call.
PROBLEMS = {
    "unreadable": "a block that is meant as a call and cannot be read",
    "truncated": "a block that is meant as a call and does not end",
    "not_a_call": "a value where a call should stand: no name, no arguments, or neither object nor text",
    "duplicate_key": "an object that gives the same key twice",
    "not_json": "a number that JSON does not have: NaN, Infinity, or one with too many digits",
    "too_large": "longer, deeper or with more calls than the documented limits",
    "text_around": "text beside calls in a form that has no markers, which makes the calls unreadable",
    "text_after": "text after the last call: it answers for a result that has not come",
    "text_before": "text before the first call, permitted where the format marks its calls",
}
SURPLUS = frozenset(PROBLEMS) - {"text_after", "text_before"}


@dataclass(frozen=True, slots=True)
class Parse:
    """What a completion holds: calls in the order written, and the problems."""

    wire: str
    calls: tuple[Call, ...] = ()
    problems: tuple[Problem, ...] = ()


class Format(Protocol):
    """The shape of a module in this package."""

    NAME: str
    MARKERS: tuple[str, ...]

    def parse(self, text: str, tools: list[dict[str, Any]]) -> Parse: ...
    def can_render(self, calls: list[Call]) -> bool: ...
    def render(self, calls: list[Call]) -> str: ...
