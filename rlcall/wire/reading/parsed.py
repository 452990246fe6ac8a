"""The values that reading a completion gives: calls in the order written, and problems.

Parse("hermes", (Call("f", {"a": 1}),), (Problem("text_after", "text after ...", "Done!"),))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rlcall.calls import Call

Tools = Sequence[dict[str, Any]]  # a row's, in OpenAI form

# code -> what it means. Those in SURPLUS stand for a call that cannot be read: each counts as a
# surplus call.
PROBLEMS = {
    "unreadable": "a block, or a call in another format, meant as a call, that cannot be read",
    "truncated": "a block meant as a call, that does not end",
    "not_a_call": "a value in place of a call: no name, no arguments, or of another type",
    "duplicate_key": "an object or a call that gives the same key twice",
    "not_json": "a number that JSON does not have: NaN, Infinity, or one beyond a double's range",
    "not_text": "a lone surrogate: half a character, which no UTF-8 text holds",
    "too_large": "longer, deeper or with more calls than the documented limits",
    "text_around": "text around calls in a form without markers, which makes the calls unreadable",
    "text_after": "text after the last call: it answers for a result that has not come",
    "text_before": "text before a call, permitted where the format marks its calls",
    "extra_key": "a key next to name, arguments and label in a call's object; nothing reads it",
    "python_literal": "JSON whose texts are in single quotes, as in Python; read all the same",
}
NOTES = frozenset({"text_after", "text_before", "extra_key", "python_literal"})
SURPLUS = frozenset(PROBLEMS) - NOTES

MAX_CALLS = 100
EXCERPT = 200  # characters of the completion that a problem quotes


@dataclass(frozen=True, slots=True)
class Problem:
    """A piece of a completion that is not a call.

    `code` is one of PROBLEMS; `text` quotes its first characters.
    """

    code: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Parse:
    """A completion's calls and problems.

    `wire` is the format, or "text" where `auto` found no call in any.
    """

    wire: str
    calls: tuple[Call, ...] = ()
    problems: tuple[Problem, ...] = ()


Item = Call | Problem


class Unreadable(ValueError):
    """A block that cannot be read; what reads all blocks turns it into a `Problem`.

    `reach` is the position up to which the text was read to find out; None where nobody kept count.
    """

    def __init__(self, code: str, message: str, reach: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reach = reach

    def problem(self, text: str) -> Problem:
        """Return it as a problem that quotes the beginning of `text`."""
        return Problem(self.code, self.message, text[:EXCERPT])


def settle(wire: str, items: Iterable[Item]) -> Parse:
    """Sort items into calls and problems, each in the order written."""
    calls: list[Call] = []
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, Call):
            calls.append(item)
        else:
            problems.append(item)
    return Parse(wire, tuple(calls), tuple(problems))


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, of those that match the longest.

    They are grouped by their first character, which a text full of `<` passes faster.
    """
    tails: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        tails.setdefault(word[0], []).append(re.escape(word[1:]))
    groups = []
    for head, alternatives in tails.items():
        groups.append(f"{re.escape(head)}(?:{'|'.join(alternatives)})")
    return "|".join(groups)
