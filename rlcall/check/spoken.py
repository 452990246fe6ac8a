"""What a request says, ready to be asked whether a value stands in it: as it is written, in words, in other notations.

said = Said("Wake me at half past six on May 4th, in two hours it is too late, and set 1,500 ml")
said.has_text("wake me"), said.has_number(1500), said.has_number(2)     # True, True, True
said.has_time(6, 30), said.has_date(2026, 5, 4), said.has_number(120)   # True, True, True: two hours
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

import regex
from num2words import num2words

from rlcall.check.texts import fold

# Ways to say a number that num2words does not write.
SAID_OTHERWISE = {
    0: ("no", "none", "without", "nothing"),
    1: ("a", "an", "once", "single"),
    2: ("couple", "pair", "twice", "double", "both"),
    3: ("triple", "thrice"),
    4: ("quadruple",),
    12: ("dozen",),
    0.25: ("quarter",),
    0.5: ("half",),
    0.75: ("three quarters",),
    1.5: ("hour a half", "day a half", "year a half"),
}
# word of a unit -> what a number before it may have been multiplied by in the call
UNITS = {
    "%": (0.01,), "percent": (0.01,), "hour": (60, 3600), "hours": (60, 3600), "minute": (60,), "minutes": (60,),
    "day": (24, 1440), "days": (24, 1440), "week": (7,), "weeks": (7,), "year": (12, 365), "years": (12, 365),
    "dozen": (12,), "hundred": (100,), "k": (1e3,), "thousand": (1e3,), "m": (1e6,), "million": (1e6,), "mn": (1e6,),
    "billion": (1e9,), "bn": (1e9,), "trillion": (1e12,), "km": (1e3,), "kilometers": (1e3,), "kilometres": (1e3,),
    "kg": (1e3,), "kilograms": (1e3,), "kilogram": (1e3,), "feet": (12,), "foot": (12,), "decade": (10,),
}  # fmt: skip
# Said in place of a date: which one it is depends on a calendar that only the asker sees.
RELATIVE = frozenset((
    "today", "tonight", "tomorrow", "yesterday", "now", "weekend", "week", "weeks", "month", "months", "year",
    "day", "days", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "christmas", "easter",
))  # fmt: skip
MONTHS = {name.lower(): number for names in (calendar.month_name, calendar.month_abbr)
          for number, name in enumerate(names) if name} | {"sept": 9}  # fmt: skip
LARGE = 10**14  # numbers from here on are codes, said digit by digit
_NUMBER = regex.compile(r"(?<!\d\.?)(\d{1,3}(?:,\d{3})+|\d+)((?:[.,]\d+)?)(?:e([+-]?\d{1,2})\b)?")
_WORD = regex.compile(r"\d+|[^\W\d_]+|%")
_AFTERNOON = regex.compile(r"\b(\d{1,2})(?::\d\d)?\s?p\.?m\b")
_DATE = regex.compile(r"\b(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})\b")
_ORDINAL = regex.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_ESCAPE = regex.compile(r"\\[nrt]")  # line breaks that stand as text, since somebody encoded twice
_ACRONYM = regex.compile(r"\b[A-Z]{2,5}\b")
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "e", "y")


def words_of(text: str) -> list[str]:
    """The words of a folded text, of letters or of digits: `wi-fi` is two, `5cm` is two, `4th` is `4`."""
    return _WORD.findall(_ORDINAL.sub("", text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its ending, roughly: `run` and `running`, `parties` and `party` are the same."""
    suffix = next(
        (end for end in _SUFFIXES if word.endswith(end) and len(word) - len(end) >= 3), ""
    )
    short = word.removesuffix(suffix)
    return short[:-1] if len(short) > 3 and short[-1] == short[-2] else short


class Said:
    """A text that answers whether a value stands in it. Built once per row."""

    def __init__(self, text: str) -> None:
        self.acronyms = frozenset(map(str.lower, _ACRONYM.findall(text)))
        self.text = text = fold(_ESCAPE.sub(" ", text))
        self.words = words_of(text)
        self.known = frozenset(self.words)
        self.stems = frozenset(map(stem, self.words))
        self.squeezed = "".join(self.words)
        self._bounds = frozenset(accumulate(map(len, self.words), initial=0))
        self.spaced = f" {' '.join(word for word in self.words if word != 'and')} "
        self.numbers = frozenset(map(_rounded, _numbers(text)))
        self.hours = frozenset(int(hour) + 12 for hour in _AFTERNOON.findall(text))
        self.dates = frozenset(_DATE.findall(text))
        self.months = frozenset(MONTHS[word] for word in self.known & MONTHS.keys())
        self._factors = {factor for word in self.known & UNITS.keys() for factor in UNITS[word]}

    def has_text(self, text: str) -> bool:
        """Whether the text stands there, whatever its case, accents, spaces and punctuation."""
        words = words_of(fold(text))
        if not words:
            return fold(text).strip() in self.text
        squeezed = "".join(words)
        if len(squeezed) > 3 or not squeezed.isascii():
            return self.has_squeezed(squeezed)
        return f" {' '.join(words)} " in self.spaced or squeezed in self.acronyms

    def has_squeezed(self, squeezed: str) -> bool:
        """Whether words written as one stand there: `wifi` for `Wi-Fi`, but not `late` for `chocolate`."""
        if not squeezed.isascii():
            return squeezed in self.squeezed  # Chinese and others have no spaces
        start = self.squeezed.find(squeezed)
        while start >= 0 and not self._bounds.issuperset((start, start + len(squeezed))):
            start = self.squeezed.find(squeezed, start + 1)
        return start >= 0

    def has_acronym(self, words: list[str]) -> bool:
        """Whether the initials stand there, in capitals: LA for Los Angeles."""
        return len(words) > 1 and "".join(word[0] for word in words) in self.acronyms

    def has_word(self, word: str) -> bool:
        """Whether a folded word stands there in some form, or as a number."""
        return (
            word in self.known
            or stem(word) in self.stems
            or (word.isdecimal() and self._has_digits(word))
        )

    def _has_digits(self, digits: str) -> bool:
        return len(digits) < len(str(LARGE)) and self.has_number(int(digits))

    def has_number(self, value: float) -> bool:
        """Whether a number stands there, in digits or in English words, as it is or in another unit."""
        value = abs(value)
        if value >= LARGE:
            return str(value) in self.text
        if value in self.hours:
            return True
        return self._has(value) or any(
            value == factor or self._has(value / factor) for factor in self._factors
        )

    def _has(self, value: float) -> bool:
        return _rounded(value) in self.numbers or any(
            f" {said} " in self.spaced for said in _in_words(_rounded(value))
        )

    def has_date(self, year: int, month: int, day: int) -> bool:
        """Whether a day stands there: `May 4`, `the fourth of May`, `5/4/2026`, or a word such as `tomorrow`."""
        written = {frozenset(map(int, date)) for date in self.dates}
        if written & {frozenset((year, month, day)), frozenset((year % 100, month, day))}:
            return True
        if not self.known.isdisjoint(RELATIVE):
            return True
        named = month in self.months
        if named and day in (1, calendar.monthrange(year, month)[1]):
            return True  # the beginning or the end of a month that is named
        bounds = self.has_number(year) and (month, day) in ((1, 1), (12, 31))
        return bounds or (named and self._has(day))

    def has_time(self, hour: int, minute: int) -> bool:
        """Whether a time of day stands there: `6:30 pm`, `half past six`, `noon`."""
        if minute == 0 and hour % 12 == 0 and not self.known.isdisjoint(("noon", "midnight")):
            return True
        hours = {hour, hour % 12 or 12}
        if minute == 0:
            return any(map(self._has, hours))
        return self._has_minutes(hours, minute) or (
            minute > 30
            and "to" in self.known
            and self._has_minutes({one % 12 + 1 for one in hours}, 60 - minute)
        )

    def _has_minutes(self, hours: set[int], minute: int) -> bool:
        return any(map(self._has, hours)) and (self._has(minute) or self._has(minute / 60))


def _rounded(value: float) -> float:
    return float(f"{value:.14g}")


def _numbers(text: str) -> Iterator[float]:
    """The numbers written in digits: `1,500.5`, `3,5`, `2e6`, and those that stand between commas."""
    for whole, part, power in _NUMBER.findall(text):
        factor = 10.0 ** int(power or 0)
        yield float(whole.replace(",", "") + part.replace(",", ".")) * factor
        if "," in whole + part:
            yield from (float(piece) for piece in (whole + part).split(",") if piece)


@lru_cache(maxsize=16384)
def _in_words(value: float) -> tuple[str, ...]:
    """English words for a number that is not negative, without hyphens, commas and `and`."""
    whole = int(value) if value == int(value) else None
    if round(value, 6) != value:
        return ()  # nobody says so many digits
    forms = [num2words(value if whole is None else whole)]
    if whole is not None:
        forms.append(num2words(whole, to="ordinal"))
    if whole and 1000 <= whole < 3000:
        forms.append(num2words(whole, to="year"))
    if whole is None and (half := value - 0.5) == int(half):
        forms += [
            f"{num2words(int(half))} {noun}and a half" for noun in ("", "hours ", "days ", "years ")
        ]
    said = [
        " ".join(w for w in form.replace("-", " ").replace(",", "").split() if w != "and")
        for form in forms
    ]
    hundreds = [
        form.replace("one ", "a ", 1)
        for form in said
        if form.startswith(("one hundred", "one thousand"))
    ]
    return (*said, *hundreds, *SAID_OTHERWISE.get(value, ()))
