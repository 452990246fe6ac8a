"""A reply in words against the details that it must hold, may hold, and must not.

    read_reply("That makes 1,250.50 EUR.", ExpectedReply((Slot(("price",), (1250.5,)),))).missing     # 0

Numbers compare as numbers, however they are written (12.5, 12.50, 1,250); text without case, and never inside a longer
word or number. A number that stands nowhere in the answer is surplus: else a list of all of them would hold any slot.
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

ALLOWANCE = 250  # characters that any reply may have beside three times its gold text or slots
STEP = 100  # every further so many characters, begun, count as one surplus detail
MAX_DIGITS = 40  # a longer number is surplus, whatever it says
SHOWN = 5  # surplus details that an error names

# 1,250 or 1250, 12.50, -3 and +3; not B12, 1.2.3 or 12,50, which is no English number. Any unit may follow.
_NUMBER = re.compile(
    r"(?<![^\W_])(?<![0-9][.,])(?:(?<!\w)[-+−])?(?:[0-9]{1,3}(?:,[0-9]{3})++|[0-9]++)(?:\.[0-9]++)?(?![.,]?[0-9])"
)
_POINT = re.compile(r"[0-9][.,][0-9]")
_DATA = re.compile(r"""[\[{]\s*["'\[{0-9]""")


class ReplyReport(NamedTuple):
    """How many slots a reply lacks, and how much it holds that it should not."""

    missing: int
    surplus: int
    errors: tuple[Error, ...]


def read_reply(text: str, reply: ExpectedReply) -> ReplyReport:
    """Compare a reply with what it must hold. Raises Unreadable where it is data, not words."""
    if _DATA.search(text):
        raise Unreadable("wrong_form", "data, where a reply in words is asked for")
    said = _folded(text)
    numbers = set(_numbers(said))
    missing = [
        slot
        for slot in reply.slots
        if not any(_holds(said, numbers, value) for value in slot.values)
    ]
    surplus = _surplus(said, reply)
    excess = max(len(said) - _limit(reply), 0)
    errors = [
        Error("missing_slot", f"{slot.values[0]!r} is missing", None, show_path(slot.path))
        for slot in missing
    ]
    if surplus:
        shown = ", ".join(part[:MAX_DIGITS] for part in surplus[:SHOWN])
        errors.append(Error("surplus_detail", f"should not be there: {shown}"))
    if excess:
        errors.append(
            Error("too_long", f"{len(said)} characters, {excess} more than the answer allows")
        )
    return ReplyReport(len(missing), len(surplus) + ceil(excess / STEP), tuple(errors))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _limit(reply: ExpectedReply) -> int:
    longest = [max(len(str(value)) for value in slot.values) for slot in reply.slots]
    return ALLOWANCE + 3 * max(len(reply.text or ""), sum(longest))


def _holds(said: str, numbers: set[Decimal], value: Detail) -> bool:
    if isinstance(value, str):
        return next(_places(said, _folded(value)), None) is not None
    return Decimal(str(value)) in numbers


def _numbers(text: str) -> Iterator[Decimal]:
    return (_decimal(match[0]) for match in _NUMBER.finditer(text) if len(match[0]) <= MAX_DIGITS)


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", "").replace("−", "-"))


def _surplus(said: str, reply: ExpectedReply) -> list[str]:
    """What should not be there, in what is left once the texts that may be there are taken out."""
    permitted = [*(value for slot in reply.slots for value in slot.values), *reply.also]
    texts = [_folded(value) for value in permitted if isinstance(value, str)]
    numbers = {Decimal(str(value)) for value in permitted if not isinstance(value, str)}
    # those inside the texts too: a day may be said as 2026-10-04 or as October 4th, 2026
    numbers |= {number for text in (*texts, _folded(reply.text or "")) for number in _numbers(text)}
    rest = _without(said, sorted(texts, key=len, reverse=True))
    found = [match[0] for match in _NUMBER.finditer(rest)]
    wrong = [
        digits for digits in found if len(digits) > MAX_DIGITS or _decimal(digits) not in numbers
    ]
    return [*(value for value in reply.avoid for _ in _places(rest, _folded(value))), *wrong]


def _without(text: str, parts: Iterable[str]) -> str:
    for part in parts:
        starts = [*_places(text, part)]
        ends = [0, *(at + len(part) for at in starts)]
        text = " ".join(text[a:b] for a, b in zip(ends, [*starts, len(text)], strict=True))
    return text


def _places(text: str, part: str) -> Iterator[int]:
    """Where a part stands in a text by itself: not inside a longer word or number, and not overlapping."""
    at = text.find(part)
    while part and at >= 0:
        end = at + len(part)
        alone = not (_joined(text, at) or _joined(text, end))
        if alone:
            yield at
        at = text.find(part, end if alone else at + 1)


def _joined(text: str, at: int) -> bool:
    """Whether a word or a number goes on across this place, as in `b|c`, `2|.5` and `1,|250`."""
    if not 0 < at < len(text):
        return False
    if text[at - 1].isalnum() and text[at].isalnum():
        return True
    return any(_POINT.match(text, start) for start in (at - 2, at - 1) if start >= 0)
