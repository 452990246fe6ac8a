"""Texts for a JSON Schema: by `format`, by `pattern`, by length, by what their parameter is called.

    texts({"type": "string", "pattern": "^ORD-[0-9]{4}$"}, ["order"], "")      # Texts(draw, quoted=False)
    texts({"type": "string", "pattern": "^ORD-[0-9]{4}$"}, ["order"], "").draw(draw)     # "ORD-7205"

No two splits meet the same text, as far as there are enough of them. ValueError says why none can be drawn.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from random import Random
from typing import Any
from zlib import crc32

import jsonschema
import regex
import rstr
from rstr.xeger import sre_parse

from rlcall.tasks.draw import SPLITS, Draw
from rlcall.tasks.own.values import Make, Source, general, moment, text_source
from rlcall.tasks.own.words import name_words
from rlcall.tasks.shared_kinds import DATE, EMAIL

_FORMAT_CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER
TRIES = 40
LONGEST = 400  # characters that a request can reasonably hold of one argument
MOST_REPEATS = 6  # of what a pattern repeats without end
READABLE = string.ascii_letters + string.digits + string.punctuation.replace("\\", "") + " \\\n\t"


def _uuid(draw: Draw) -> str:
    digits = f"{draw.rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _slug(draw: Draw) -> str:
    return general(draw).replace(" ", "-")


# JSON Schema's formats, and some that are common though they are none of its own.
FORMATS: Mapping[str, Callable[[Draw], str]] = {
    "date": lambda draw: str(DATE.draw(draw).value),
    "date-time": lambda draw: moment(draw, "%Y-%m-%dT%H:%M:%S") + draw.choice(("Z", "+02:00", "-05:00")),
    "datetime": lambda draw: moment(draw, "%Y-%m-%dT%H:%M:%S"),
    "time": lambda draw: moment(draw, "%H:%M:%S") + draw.choice(("Z", "+02:00", "-05:00")),
    "duration": lambda draw: draw.choice(("P{}D", "PT{}H", "PT{}M", "P{}W")).format(draw.between(2, 40)),
    "email": lambda draw: str(EMAIL.draw(draw).value),
    "idn-email": lambda draw: str(EMAIL.draw(draw).value),
    "hostname": lambda draw: f"{_slug(draw)}.example.com",
    "idn-hostname": lambda draw: f"{_slug(draw)}.example.com",
    "ipv4": lambda draw: f"10.{draw.between(0, 255)}.{draw.between(0, 255)}.{draw.between(1, 254)}",
    "ipv6": lambda draw: f"2001:db8::{draw.between(1, 65535):x}:{draw.between(1, 65535):x}",
    "uri": lambda draw: f"https://example.com/{_slug(draw)}",
    "url": lambda draw: f"https://example.com/{_slug(draw)}",
    "iri": lambda draw: f"https://example.com/{_slug(draw)}",
    "uri-reference": lambda draw: f"/{_slug(draw)}",
    "iri-reference": lambda draw: f"/{_slug(draw)}",
    "uri-template": lambda draw: f"https://example.com/{_slug(draw)}/list",
    "json-pointer": lambda draw: f"/{_slug(draw)}/{draw.between(0, 9)}",
    "relative-json-pointer": lambda draw: f"{draw.between(0, 3)}/{_slug(draw)}",
    "regex": lambda draw: f"^{_slug(draw)}$",
    "uuid": _uuid,
    "byte": lambda draw: f"{draw.rng.getrandbits(96):024x}",
    "binary": lambda draw: f"{draw.rng.getrandbits(64):064b}",
}  # fmt: skip


def texts(schema: Mapping[str, Any], words: Sequence[str], description: str) -> Source:
    """Texts that keep the schema's `format`, `pattern` and lengths. ValueError where none is found."""
    low, high = schema.get("minLength", 0), min(schema.get("maxLength", LONGEST), LONGEST)
    if low > high:
        raise ValueError(
            f"no text has from {low} to {schema.get('maxLength', LONGEST)} characters here"
        )
    pattern, form = schema.get("pattern"), str(schema.get("format", ""))
    if form in FORMATS and not pattern:
        return Source(FORMATS[form])
    source = text_source([*words, *name_words(form).split()], description)

    def fits(text: str) -> bool:
        matches = not pattern or bool(_search(pattern, text))
        return low <= len(text) <= high and matches and _FORMAT_CHECKER.conforms(text, form)

    if not pattern:
        fallback = _of_length(low, high)
        return Source(lambda draw: _first(source.draw, fits, draw) or fallback(draw), source.quoted)
    return _matching(
        str(pattern), FORMATS.get(form, source.draw), fits, source.quoted and form not in FORMATS
    )


def _matching(pattern: str, usual: Make, fits: Callable[[str], bool], quoted: bool) -> Source:
    """What is usual, where it matches the pattern; else texts drawn from the pattern."""
    if all(_first(usual, fits, Draw(Random("trial"), split)) for split in SPLITS):
        return Source(lambda draw: _first(usual, fits, draw) or usual(draw), quoted)
    make = _drawer_of(pattern)
    if _first(make, fits, Draw(Random("trial"), "train")):
        return Source(_divided(make, fits))
    raise ValueError(f"no text that matches {pattern!r} was found in {TRIES} tries")


def _search(pattern: str, text: str) -> Any:
    try:
        return regex.search(pattern, text, timeout=1)
    except TimeoutError:
        return None


def _first(make: Make, fits: Callable[[str], bool], draw: Draw) -> str | None:
    return next((text for text in (make(draw) for _ in range(TRIES)) if fits(text)), None)


def _divided(make: Make, fits: Callable[[str], bool]) -> Make:
    """Texts that fit, and of those the ones that are this split's, while there are any."""

    def drawn(draw: Draw) -> str:
        other = None
        for text in (make(draw) for _ in range(TRIES)):
            if fits(text):
                if crc32(text.encode()) % 5 in SPLITS[draw.split]:
                    return text
                other = other or text
        return other or make(draw)

    return drawn


def _of_length(low: int, high: int) -> Make:
    """Words of at least `low` and at most `high` characters together; of very few characters, letters."""

    def drawn(draw: Draw) -> str:
        text = general(draw)
        while len(text) < low:
            text += f" {general(draw)}"
        cut = text[:high].strip()
        letters = "".join(
            draw.choice(string.ascii_uppercase) for _ in range(max(low, min(high, 4)))
        )
        return cut if low <= len(cut) and high > 8 else letters

    return drawn


class _Drawer(rstr.Rstr):
    """Draws from a pattern. rstr's own choices are out of all printable signs, and of sets, whose order changes."""

    def _handle_in(self, value: Any) -> Any:
        """One sign of a class; a letter or a digit where the class has any."""
        found = list(chain(*map(self._handle_state, value)))
        negated = found[:1] == [False]
        among = set(found[1:] if negated else found)
        signs = [sign for sign in READABLE if (sign in among) != negated]
        return self._random.choice(
            [sign for sign in signs if sign.isalnum()] or signs or sorted(among)
        )

    def _handle_repeat(self, start_range: int, end_range: int, value: Any) -> str:
        times = self._random.randint(start_range, min(end_range, start_range + MOST_REPEATS))
        return "".join("".join(map(self._handle_state, value)) for _ in range(times))

    def printable(self, *args: Any, **kwargs: Any) -> str:
        return str(self._random.choice(string.ascii_lowercase))


@lru_cache(maxsize=4096)
def _drawer_of(pattern: str) -> Make:
    """ValueError for a pattern that Python's `re` cannot read, or whose shortest text is too long."""
    try:
        parsed = sre_parse.parse(pattern)
    except (sre_parse.error, OverflowError, RecursionError) as error:
        raise ValueError(f"its pattern {pattern!r} cannot be drawn from: {error}") from None
    if parsed.getwidth()[0] > LONGEST:
        raise ValueError(f"a text that matches {pattern!r} has more than {LONGEST} characters")

    def drawn(draw: Draw) -> str:
        try:
            return str(_Drawer(draw.rng).xeger(pattern))
        except (KeyError, IndexError, RecursionError):  # parts of a pattern that rstr does not know
            return ""

    return drawn
