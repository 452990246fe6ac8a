"""The values of phone requests: each slot draws from a split's part of the pools.

SLOTS["date"](draw)   # Value(spoken="May 4, 2026", value="2026-05-04", accept=())
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from rlcall.tasks.draw import CYCLE, SPLITS, Value, is_of_split
from rlcall.tasks.phone import pools

T = TypeVar("T")


class PhoneDraw:
    """Seeded choices from one split's part of the pools."""

    def __init__(self, rng: Random, split: str) -> None:
        self.rng, self.split = rng, split
        self.remainders = SPLITS[split]
        self.pools = {name: self.of_split(entries) for name, entries in pools.POOLS.items()}

    def of_split(self, entries: Sequence[T]) -> list[T]:
        """Return the entries that belong to this split."""
        return [entry for index, entry in enumerate(entries) if is_of_split(index, self.split)]

    def number(self, stop: int) -> int:
        """Draw a number below `stop`, a multiple of five, that belongs to this split."""
        first_of_cycle = CYCLE * self.rng.randrange(stop // CYCLE)
        return first_of_cycle + self.rng.choice(self.remainders)

    def of(self, pool: str) -> str:
        """Draw one of this split's entries of a pool."""
        return self.rng.choice(self.pools[pool])


Slot = Callable[[PhoneDraw], Value]


def _same(text: str, *accept: str) -> Value:
    return Value(text, text, accept)


def _phrase(text: str) -> Value:
    """Return a noun phrase, whose capitals and article are a matter of taste."""
    bare = text.removeprefix("the ")
    spellings = dict.fromkeys((bare, bare[0].upper() + bare[1:], string.capwords(bare)))
    spellings.pop(text, None)
    return _same(text, *spellings)


def _sentence(text: str) -> Value:
    capital = text[0].upper() + text[1:]
    return _same(text, *dict.fromkeys((capital, f"{capital}.")))


def _phone(draw: PhoneDraw) -> Value:
    number = f"555-01{draw.number(100):02}"  # 555-0100 to 555-0199 belong to nobody
    number = draw.rng.choice(["", "212-", "415-"]) + number
    return _same(number, number.replace("-", ""), number.replace("-", " "))


def _email(draw: PhoneDraw) -> Value:
    first = draw.of("first").lower()
    last = draw.of("last").lower()
    local = draw.rng.choice([first, f"{first}.{last}", f"{first[0]}.{last}"])
    domain = draw.rng.choice(["com", "org", "net"])
    return _same(f"{local}@example.{domain}")


def _name(draw: PhoneDraw) -> Value:
    first, last = draw.of("first"), draw.of("last")
    return _same(f"{first} {last}")


def _who(draw: PhoneDraw) -> Value:
    draw_value = draw.rng.choice([_name, _name, _from("first"), _phone])
    return draw_value(draw)


def _date(draw: PhoneDraw) -> Value:
    day = date(2026, 1, 1) + timedelta(days=draw.number(365))
    month = pools.MONTHS[day.month - 1]
    forms = [
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{month[:3]} {day.day} {day.year}",
        day.isoformat(),
    ]
    return Value(draw.rng.choice(forms), day.isoformat())


def _time(draw: PhoneDraw) -> Value:
    hour = draw.rng.randint(7, 21)
    minute = draw.rng.choice([0, 0, 15, 30, 45])
    clock = str(hour % 12 or 12)
    if minute:
        clock += f":{minute:02}"
    half = "am" if hour < 12 else "pm"
    value = f"{hour:02}:{minute:02}"
    spoken = draw.rng.choice([f"{clock} {half}", value])
    without_zero = [value[1:]] if hour < 10 else ()
    return Value(spoken, value, without_zero)


def _minutes(draw: PhoneDraw) -> Value:
    minutes, spoken = draw.rng.choice(draw.of_split(pools.MINUTES))
    return Value(draw.rng.choice(spoken.split("; ")), minutes)


def _brightness(draw: PhoneDraw) -> Value:
    words = draw.rng.choice(draw.of_split(pools.FIVES))
    percent = 5 * (pools.FIVES.index(words) + 1)
    forms = [f"{percent} percent", f"{percent}%", f"{words} percent"]
    return Value(draw.rng.choice(forms), percent)


def _number(draw: PhoneDraw) -> Value:
    return _same(str(draw.number(100)))


def _one_of(spoken: dict[str, Any]) -> Slot:
    pairs = list(spoken.items())
    return lambda draw: Value(*draw.rng.choice(pairs))


def _from(pool: str, as_value: Callable[[str], Value] = _same) -> Slot:
    return lambda draw: as_value(draw.of(pool))


SLOTS: dict[str, Slot] = {
    "on": _one_of(pools.ON),
    "brightness": _brightness,
    "name": _name,
    "phone": _phone,
    "group": _one_of(pools.GROUPS),
    "to": _email,
    "subject": _from("subject", _phrase),
    "body": _from("body", _sentence),
    "place": _from("place", _phrase),
    "mode": _one_of(pools.MODES),
    "network": _from("network"),
    "title": _from("title", _phrase),
    "date": _date,
    "time": _time,
    "minutes": _minutes,
    "who": _who,
    "n": _number,
    "m": _number,
    "city": _from("city"),
    "country": _from("country"),
    "genre": _from("genre"),
    "word": _from("word"),
    "language": _from("language"),
}
