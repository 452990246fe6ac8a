"""A reply in words against the details that it must hold, may hold, and must not.

    expected = ExpectedReply((Slot(("price",), (1250.5,)),))
    read_reply("That makes 1,250.50 EUR.", expected).missing     # 0

Numbers compare as numbers, however they are written (12.5, 12.50, 1,250); text without case, and
never inside a longer word or number. A number that is nowhere in the answer is surplus: else a list
of all numbers would hold any slot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from rlcall.calls import show_path
from rlcall.verifier.answer import Detail, ExpectedReply
from rlcall.verifier.codes import Error
from rlcall.wire.reading.parsed import Unreadable

ALLOWANCE = 250  # characters that any reply may have besides three times its gold text or slots
STEP = 100  # characters beyond that which count as one surplus detail, as does a part of them
MAX_DIGITS = 40  # a longer number is surplus, whatever it says
SHOWN = 5  # surplus details that an error names

# 1,250 or 1250, 12.50, -3 and +3; not B12, 1.2.3 or 12,50, which is no English number. Any unit
# may follow.
_NUMBER = re.compile(
    r"(?<![^\W_])(?<![0-9][.,])(?:(?<!\w)[-+−])?"
    r"(?:[0-9]{1,3}(?:,[0-9]{3})++|[0-9]++)(?:\.[0-9]++)?(?![.,]?[0-9])"
)
_POINT = re.compile(r"[0-9][.,][0-9]")
_DATA = re.compile(r"""[\[{]\s*["'\[{0-9]""")


class ReplyReport(NamedTuple):
    """The number of slots that a reply lacks, and of things that it holds and should not."""

    missing: int
    surplus: int
    errors: tuple[Error, ...]


def read_reply(text: str, expected: ExpectedReply) -> ReplyReport:
    """Compare a reply with what it must hold. Raises Unreadable where it is data, not words."""
    if _DATA.search(text):
        raise Unreadable("wrong_form", "data, where a reply in words is asked for")
    reply = _folded(text)
    errors = list(_missing(reply, expected))
    missing = len(errors)
    surplus = _surplus(reply, expected)
    if surplus:
        details = ", ".join(detail[:MAX_DIGITS] for detail in surplus[:SHOWN])
        errors.append(Error("surplus_detail", f"should not be there: {details}"))
    excess = max(len(reply) - _longest(expected), 0)
    if excess:
        message = f"{len(reply)} characters, {excess} more than the answer allows"
        errors.append(Error("too_long", message))
    return ReplyReport(missing, len(surplus) + ceil(excess / STEP), tuple(errors))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _longest(expected: ExpectedReply) -> int:
    """Return how many characters a reply may have."""
    slots = 0
    for slot in expected.slots:
        slots += max(len(str(value)) for value in slot.values)
    return ALLOWANCE + 3 * max(len(expected.text or ""), slots)


def _missing(reply: str, expected: ExpectedReply) -> Iterator[Error]:
    """Yield an error for each slot of which the reply holds no value."""
    numbers = set(_numbers(reply))
    for slot in expected.slots:
        if not any(_holds(reply, numbers, value) for value in slot.values):
            yield Error(
                "missing_slot", f"{slot.values[0]!r} is missing", None, show_path(slot.path)
            )


def _holds(reply: str, numbers: set[Decimal], value: Detail) -> bool:
    if isinstance(value, str):
        return any(True for _ in _occurrences(reply, _folded(value)))
    return Decimal(str(value)) in numbers


def _numbers(text: str) -> Iterator[Decimal]:
    for match in _NUMBER.finditer(text):
        if len(match[0]) <= MAX_DIGITS:
            yield _decimal(match[0])


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", "").replace("−", "-"))


def _surplus(reply: str, expected: ExpectedReply) -> list[str]:
    """Return what should not be there, besides the texts that may be there."""
    permitted = list(expected.also)
    for slot in expected.slots:
        permitted += slot.values
    texts = [_folded(value) for value in permitted if isinstance(value, str)]
    numbers = {Decimal(str(value)) for value in permitted if not isinstance(value, str)}
    # Those inside the texts too: a day may be said as 2026-10-04 or as October 4th, 2026.
    for text in (*texts, _folded(expected.text or "")):
        numbers.update(_numbers(text))
    rest = _without(reply, sorted(texts, key=len, reverse=True))
    surplus = []
    for value in expected.avoid:
        surplus += [value for _ in _occurrences(rest, _folded(value))]
    for match in _NUMBER.finditer(rest):
        digits = match[0]
        if len(digits) > MAX_DIGITS or _decimal(digits) not in numbers:
            surplus.append(digits)
    return surplus


def _without(text: str, parts: Iterable[str]) -> str:
    """Return a text with the parts, one after the other, replaced by spaces."""
    for part in parts:
        remains, end = [], 0
        for start in _occurrences(text, part):
            remains.append(text[end:start])
            end = start + len(part)
        text = " ".join([*remains, text[end:]])
    return text


def _occurrences(text: str, part: str) -> Iterator[int]:
    """Yield the indices at which a part begins, without overlaps.

    A part inside a longer word or number does not count.
    """
    start = text.find(part)
    while part and start >= 0:
        end = start + len(part)
        alone = not (_joined(text, start) or _joined(text, end))
        if alone:
            yield start
        start = text.find(part, end if alone else start + 1)


def _joined(text: str, index: int) -> bool:
    """Return whether a word or number goes on across an index: `b|c`, `2|.5`, `1,|250`."""
    if not 0 < index < len(text):
        return False
    if text[index - 1].isalnum() and text[index].isalnum():
        return True
    starts = (index - 2, index - 1)
    return any(_POINT.match(text, start) for start in starts if start >= 0)
