"""The words of a request, searched for values: as they are written, in words, in other notations.

spoken = SpokenText("Wake me at half past six on May 4th, in two hours it is late, with 1,500 ml")
spoken.has_text("wake me"), spoken.has_number(1500), spoken.has_number(2)     # True, True, True
spoken.has_time(6, 30), spoken.has_date(2026, 5, 4), spoken.has_number(120)   # True, True, True
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
OTHER_WORDS = {
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
    "%": (0.01,), "percent": (0.01,),
    "minute": (60,), "minutes": (60,), "hour": (60, 3600), "hours": (60, 3600), "day": (24, 1440),
    "days": (24, 1440), "week": (7,), "weeks": (7,), "year": (12, 365), "years": (12, 365),
    "decade": (10,), "dozen": (12,), "hundred": (100,), "k": (1e3,), "thousand": (1e3,),
    "m": (1e6,), "mn": (1e6,), "million": (1e6,), "bn": (1e9,), "billion": (1e9,),
    "trillion": (1e12,),
    "km": (1e3,), "kilometers": (1e3,), "kilometres": (1e3,), "feet": (12,), "foot": (12,),
    "kg": (1e3,), "kilogram": (1e3,), "kilograms": (1e3,),
}  # fmt: skip
# Words instead of a date: which one they mean depends on a calendar that only the user sees.
RELATIVE = frozenset((
    "today", "tonight", "tomorrow", "yesterday", "now", "weekend", "week", "weeks", "month",
    "months", "year", "day", "days", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "christmas", "easter",
))  # fmt: skip
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
MONTHS["sept"] = 9
LARGE = 10**14  # numbers from here on are codes, said digit by digit
_NUMBER = regex.compile(r"(?<!\d\.?)(\d{1,3}(?:,\d{3})+|\d+)((?:[.,]\d+)?)(?:e([+-]?\d{1,2})\b)?")
_WORD = regex.compile(r"\d+|[^\W\d_]+|%")
_AFTERNOON = regex.compile(r"\b(\d{1,2})(?::\d\d)?\s?p\.?m\b")
_DATE = regex.compile(r"\b(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})\b")
_ORDINAL = regex.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_ESCAPE = regex.compile(r"\\[nrt]")  # line breaks as text, since somebody encoded twice
_ACRONYM = regex.compile(r"\b[A-Z]{2,5}\b")
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "e", "y")


def words_of(text: str) -> list[str]:
    """Return the words of a folded text: two of `wi-fi`, two of `5cm`, and `4` of `4th`."""
    return _WORD.findall(_ORDINAL.sub("", text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a word without its ending, roughly: the same for `run` and `running`."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word.removesuffix(suffix)
            break
    doubled = len(word) > 3 and word[-1] == word[-2]
    return word[:-1] if doubled else word


class SpokenText:
    """A text that knows whether a value is in it. Built once per row."""

    def __init__(self, text: str) -> None:
        self.acronyms = frozenset(map(str.lower, _ACRONYM.findall(text)))
        self.text = fold(_ESCAPE.sub(" ", text))
        words = words_of(self.text)
        self.words = frozenset(words)
        self.stems = frozenset(map(stem, words))
        # All words as one, with the offsets at which one ends and the next begins.
        self.squeezed = "".join(words)
        self._word_bounds = frozenset(accumulate(map(len, words), initial=0))
        # All words with spaces around each; without "and", as in "two hundred and five".
        self.spaced = f" {' '.join(word for word in words if word != 'and')} "
        self.numbers = frozenset(map(_rounded, _numbers(self.text)))
        self.afternoon_hours = frozenset(int(hour) + 12 for hour in _AFTERNOON.findall(self.text))
        self.dates = [frozenset(map(int, parts)) for parts in _DATE.findall(self.text)]
        self.months = frozenset(MONTHS[word] for word in self.words & MONTHS.keys())
        self._unit_factors: set[float] = set()
        for word in self.words & UNITS.keys():
            self._unit_factors.update(UNITS[word])

    def has_text(self, text: str) -> bool:
        """Return whether the text is there, whatever its case, accents, spaces and punctuation."""
        words = words_of(fold(text))
        if not words:
            return fold(text).strip() in self.text
        squeezed = "".join(words)
        if len(squeezed) > 3 or not squeezed.isascii():
            return self.has_squeezed(squeezed)
        return f" {' '.join(words)} " in self.spaced or squeezed in self.acronyms

    def has_squeezed(self, squeezed: str) -> bool:
        """Return whether words written as one are there: `wifi` in `Wi-Fi`, not `ate` in `late`."""
        if not squeezed.isascii():
            return squeezed in self.squeezed  # Chinese and others have no spaces
        start = self.squeezed.find(squeezed)
        while start >= 0:
            if start in self._word_bounds and start + len(squeezed) in self._word_bounds:
                return True
            start = self.squeezed.find(squeezed, start + 1)
        return False

    def has_acronym(self, words: list[str]) -> bool:
        """Return whether the initials are there, in capitals: LA for Los Angeles."""
        return len(words) > 1 and "".join(word[0] for word in words) in self.acronyms

    def has_word(self, word: str) -> bool:
        """Return whether a folded word is there in some form, or as a number."""
        if word in self.words or stem(word) in self.stems:
            return True
        return word.isdecimal() and len(word) < len(str(LARGE)) and self.has_number(int(word))

    def has_number(self, value: float) -> bool:
        """Return whether a number is there, in digits or words, as it is or in another unit."""
        value = abs(value)
        if value >= LARGE:
            return str(value) in self.text
        if value in self.afternoon_hours or self._says(value):
            return True
        return any(value == factor or self._says(value / factor) for factor in self._unit_factors)

    def _says(self, value: float) -> bool:
        """Return whether a number that is not negative is there as it is."""
        value = _rounded(value)
        if value in self.numbers:
            return True
        return any(f" {words} " in self.spaced for words in _in_words(value))

    def has_date(self, year: int, month: int, day: int) -> bool:
        """Return whether a day is there: `May 4`, `the fourth of May`, `5/4/2026`, `tomorrow`."""
        # In any order: which of the numbers is the month cannot be known.
        if {year, month, day} in self.dates or {year % 100, month, day} in self.dates:
            return True
        if not self.words.isdisjoint(RELATIVE):
            return True
        if month in self.months:
            # The beginning and the end of a month that is named need no day.
            return day in (1, calendar.monthrange(year, month)[1]) or self._says(day)
        # The same for a year.
        return (month, day) in ((1, 1), (12, 31)) and self.has_number(year)

    def has_time(self, hour: int, minute: int) -> bool:
        """Return whether a time of day is there: `6:30 pm`, `half past six`, `noon`."""
        if minute == 0 and hour % 12 == 0 and not self.words.isdisjoint(("noon", "midnight")):
            return True
        hours = {hour, hour % 12 or 12}
        if minute == 0:
            return any(map(self._says, hours))
        if self._says_minutes(hours, minute):
            return True
        next_hours = {clock_hour % 12 + 1 for clock_hour in hours}
        return minute > 30 and "to" in self.words and self._says_minutes(next_hours, 60 - minute)

    def _says_minutes(self, hours: set[int], minute: int) -> bool:
        """Return whether one of the hours is there, and the minutes, or them as part of an hour."""
        return any(map(self._says, hours)) and (self._says(minute) or self._says(minute / 60))


def _rounded(value: float) -> float:
    return float(f"{value:.14g}")


def _numbers(text: str) -> Iterator[float]:
    """Yield the numbers written in digits: `1,500.5`, `3,5`, `2e6`, and those between commas."""
    for integer, fraction, power in _NUMBER.findall(text):
        factor = 10.0 ** int(power or 0)
        yield float(integer.replace(",", "") + fraction.replace(",", ".")) * factor
        digits = integer + fraction
        if "," in digits:
            yield from map(float, filter(None, digits.split(",")))


@lru_cache(maxsize=16384)
def _in_words(value: float) -> tuple[str, ...]:
    """Return English words for a number that is not negative, without hyphens, commas and `and`."""
    if round(value, 6) != value:
        return ()  # nobody says that many digits
    forms = []
    if value == int(value):
        integer = int(value)
        forms += [num2words(integer), num2words(integer, to="ordinal")]
        if 1000 <= integer < 3000:
            forms.append(num2words(integer, to="year"))
    else:
        forms.append(num2words(value))
        if value % 1 == 0.5:
            integer = num2words(int(value))
            forms += [f"{integer} {unit}and a half" for unit in ("", "hours ", "days ", "years ")]
    spoken = list(map(_without_joints, forms))
    for words in list(spoken):
        if words.startswith(("one hundred", "one thousand")):
            spoken.append(words.replace("one ", "a ", 1))
    return (*spoken, *OTHER_WORDS.get(value, ()))


def _without_joints(words: str) -> str:
    words = words.replace("-", " ").replace(",", "")
    return " ".join(word for word in words.split() if word != "and")
