"""Texts for a JSON Schema: by `format`, by `pattern`, by length, by what their parameter is called.

    source = texts({"type": "string", "pattern": "^ORD-[0-9]{4}$"}, ["order"], "")
    source.draw(draw), source.quoted     # "ORD-7205", False

No two splits meet the same text, as far as there are enough of them.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import jsonschema
import regex
import rstr
from rstr.xeger import sre_parse

from rlcall.tasks.draw import SPLITS, Draw, is_of_split
from rlcall.tasks.own.text_values import DrawText, TextSource, general, moment, text_source
from rlcall.tasks.own.words import name_words
from rlcall.tasks.shared_kinds import DATE, EMAIL

_FORMAT_CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER
TRIES = 40
LONGEST = 400  # characters that a request can reasonably hold of one argument
MOST_REPEATS = 6  # of what a pattern repeats without end
PATTERN_SECONDS = 1
SHORT = 8  # characters, up to which a text is letters instead of words cut off
READABLE = string.ascii_letters + string.digits + string.punctuation.replace("\\", "") + " \\\n\t"
_ZONES = ("Z", "+02:00", "-05:00")

Fits = Callable[[str], bool]


class Lengths(NamedTuple):
    """The characters that a text has, at least and at most."""

    least: int
    most: int


def _uuid(draw: Draw) -> str:
    digits = f"{draw.rng.getrandbits(128):032x}"
    version, variant = f"4{digits[13:16]}", f"a{digits[17:20]}"
    return "-".join((digits[:8], digits[8:12], version, variant, digits[20:]))


def _slug(draw: Draw) -> str:
    return general(draw).replace(" ", "-")


def _duration(draw: Draw) -> str:
    form = str(draw.choice(("P{}D", "PT{}H", "PT{}M", "P{}W")))
    return form.format(draw.between(2, 40))


def _url(draw: Draw) -> str:
    return f"https://example.com/{_slug(draw)}"


# JSON Schema's formats, and some that are common though they are none of its own.
FORMATS: Mapping[str, DrawText] = {
    "date": lambda draw: str(DATE.draw(draw).value),
    "date-time": lambda draw: moment(draw, "%Y-%m-%dT%H:%M:%S") + draw.choice(_ZONES),
    "datetime": lambda draw: moment(draw, "%Y-%m-%dT%H:%M:%S"),
    "time": lambda draw: moment(draw, "%H:%M:%S") + draw.choice(_ZONES),
    "duration": _duration,
    "email": lambda draw: str(EMAIL.draw(draw).value),
    "idn-email": lambda draw: str(EMAIL.draw(draw).value),
    "hostname": lambda draw: f"{_slug(draw)}.example.com",
    "idn-hostname": lambda draw: f"{_slug(draw)}.example.com",
    "ipv4": lambda draw: f"10.{draw.between(0, 255)}.{draw.between(0, 255)}.{draw.between(1, 254)}",
    "ipv6": lambda draw: f"2001:db8::{draw.between(1, 65535):x}:{draw.between(1, 65535):x}",
    "uri": _url,
    "url": _url,
    "iri": _url,
    "uri-reference": lambda draw: f"/{_slug(draw)}",
    "iri-reference": lambda draw: f"/{_slug(draw)}",
    "uri-template": lambda draw: f"{_url(draw)}/list",
    "json-pointer": lambda draw: f"/{_slug(draw)}/{draw.between(0, 9)}",
    "relative-json-pointer": lambda draw: f"{draw.between(0, 3)}/{_slug(draw)}",
    "regex": lambda draw: f"^{_slug(draw)}$",
    "uuid": _uuid,
    "byte": lambda draw: f"{draw.rng.getrandbits(96):024x}",
    "binary": lambda draw: f"{draw.rng.getrandbits(64):064b}",
}


def texts(schema: Mapping[str, Any], words: Sequence[str], description: str) -> TextSource:
    """Return texts that keep the schema's `format`, `pattern` and lengths.

    `words` are those of the parameter's name. ValueError says why no text can be drawn.
    """
    low, high = schema.get("minLength", 0), min(schema.get("maxLength", LONGEST), LONGEST)
    if low > high:
        most = schema.get("maxLength", LONGEST)
        raise ValueError(f"no text has from {low} to {most} characters here")
    pattern, form = schema.get("pattern"), str(schema.get("format", ""))
    if form in FORMATS and not pattern:
        return TextSource(FORMATS[form])
    source = text_source([*words, *name_words(form).split()], description)

    def fits(text: str) -> bool:
        if pattern and not _matches(pattern, text):
            return False
        return low <= len(text) <= high and _FORMAT_CHECKER.conforms(text, form)

    if pattern:
        usual = TextSource(FORMATS[form]) if form in FORMATS else source
        return _of_pattern(str(pattern), usual, fits, Lengths(low, high))
    by_length = _of_length(low, high)
    return TextSource(
        lambda draw: _first(source.draw, fits, draw) or by_length(draw), source.quoted
    )


def _of_pattern(pattern: str, usual: TextSource, fits: Fits, lengths: Lengths) -> TextSource:
    """Return what is usual, where it matches the pattern; else texts drawn from the pattern.

    A pattern with an endless repeat says nothing of the length, so the lengths do where its usual
    few repeats give no text that fits.
    """
    if all(_first(usual.draw, fits, Draw(Random("trial"), split)) for split in SPLITS):
        draw_usual = usual.draw
        return usual._replace(draw=lambda draw: _first(draw_usual, fits, draw) or draw_usual(draw))
    for draw_text in (_drawer_of(pattern), _drawer_of(pattern, lengths)):
        if _first(draw_text, fits, Draw(Random("trial"), "train")):
            return TextSource(_divided(draw_text, fits))
    raise ValueError(f"no text that matches {pattern!r} was found in {TRIES} tries")


def _matches(pattern: str, text: str) -> bool:
    try:
        return regex.search(pattern, text, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


def _fitting(draw_text: DrawText, fits: Fits, draw: Draw) -> Iterator[str]:
    """Yield the texts that fit, of some tries."""
    for _ in range(TRIES):
        text = draw_text(draw)
        if fits(text):
            yield text


def _first(draw_text: DrawText, fits: Fits, draw: Draw) -> str | None:
    return next(_fitting(draw_text, fits, draw), None)


def _divided(draw_text: DrawText, fits: Fits) -> DrawText:
    """Return texts that fit, and of those the ones that are this split's, while there are any."""

    def draw_divided(draw: Draw) -> str:
        of_another_split = None
        for text in _fitting(draw_text, fits, draw):
            if is_of_split(crc32(text.encode()), draw.split):
                return text
            of_another_split = of_another_split or text
        return of_another_split or draw_text(draw)

    return draw_divided


def _of_length(low: int, high: int) -> DrawText:
    """Return words of `low` to `high` characters together; for very few characters, letters."""

    def draw_of_length(draw: Draw) -> str:
        text = general(draw)
        while len(text) < low:
            text += f" {general(draw)}"
        words = text[:high].strip()
        # Drawn even where they are not used: seeds give the same rows as ever.
        count = max(low, min(high, 4))
        letters = "".join(draw.choice(string.ascii_uppercase) for _ in range(count))
        return words if low <= len(words) and high > SHORT else letters

    return draw_of_length


class _PatternTexts(rstr.Rstr):
    """Texts of a pattern. rstr itself draws from all printable signs, and from unordered sets."""

    lengths: Lengths | None = None

    def _handle_in(self, value: Any) -> Any:
        """Draw one sign of a class; a letter or a digit where the class has any."""
        members: list[Any] = []
        for part in value:
            members.extend(self._handle_state(part))
        negated = members[:1] == [False]
        listed = set(members[1:] if negated else members)
        signs = [sign for sign in READABLE if (sign in listed) != negated]
        letters = [sign for sign in signs if sign.isalnum()]
        return self._random.choice(letters or signs or sorted(listed))

    def _handle_repeat(self, start_range: int, end_range: int, value: Any) -> str:
        text = ""
        for _ in range(self._times(start_range, end_range)):
            for part in value:
                text += self._handle_state(part)
        return text

    def _times(self, least: int, most: int) -> int:
        """Draw how often a part is repeated: a few times, or as the lengths of the text ask for."""
        if self.lengths is None:
            return self._random.randint(least, min(most, least + MOST_REPEATS))
        most = max(least, min(most, self.lengths.most))
        if self._random.random() < 1 / 2:
            least = max(least, min(most, self.lengths.least))
        return self._random.randint(least, min(most, max(least, self.lengths.least) + MOST_REPEATS))

    def printable(self, *args: Any, **kwargs: Any) -> str:
        """Draw what `.` stands for: a letter."""
        return str(self._random.choice(string.ascii_lowercase))


@lru_cache(maxsize=4096)
def _drawer_of(pattern: str, lengths: Lengths | None = None) -> DrawText:
    """Return texts of a pattern.

    ValueError for one that Python's `re` cannot read, or whose shortest text is too long.
    """
    try:
        parsed = sre_parse.parse(pattern)
    except (sre_parse.error, OverflowError, RecursionError) as error:
        raise ValueError(f"its pattern {pattern!r} cannot be drawn from: {error}") from None
    if parsed.getwidth()[0] > LONGEST:
        raise ValueError(f"a text that matches {pattern!r} has more than {LONGEST} characters")

    def draw_text(draw: Draw) -> str:
        source = _PatternTexts(draw.rng)
        source.lengths = lengths
        try:
            return str(source.xeger(pattern))
        except (KeyError, IndexError, RecursionError):  # parts of a pattern that rstr does not know
            return ""

    return draw_text
