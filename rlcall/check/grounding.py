"""Arguments that stand nowhere in the request: `{"city": "Paris"}` for "What is the weather like?".

    ungrounded(row)      # [(("calls", 0, "arguments", "city"), "Paris")]; [] where every value is there

A value is there where some message says it: as it is written, in other case and punctuation, word by word in any order
and form, as a number in words or in another unit, as a date or a time in another notation. Not asked for: references,
null, booleans, empty values, values of an `enum` or `const`, the schema's default, what may be left out, what is
compared as `ignore`; `strict` asks for booleans and words of an `enum` too. docs/check.md says what it cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import regex

from rlcall.calls import Path, Reference
from rlcall.check.spoken import MONTHS, Said, words_of
from rlcall.check.texts import fold, texts_of
from rlcall.data.rows import Row
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.verifier.values import same

Ungrounded = list[tuple[Path, Any]]

# Words that a value may have without the request having them.
FILLERS = frozenset((
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "not", "is", "are",
    "was", "be", "been", "am", "will", "would", "has", "have", "had", "do", "does", "did", "i", "me", "my",
    "mine", "you", "your", "we", "us", "our", "he", "him", "his", "she", "her", "it", "its", "they", "them",
    "their", "this", "that", "these", "those", "s", "t", "ll", "ve", "re", "d", "m",
))  # fmt: skip
_ISO_DATE = regex.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=\b|T)")
_DAY_FIRST = regex.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b")
_TIME = regex.compile(
    r"(?<![\d:])T?(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?(?![\d:])\s*(am|pm)?",
    regex.I,
)
_CHOICE = regex.compile(
    r"one of|either|\bor\b|options?\b|possible|allowed|valid|default|choose|supported|values?\b"
)
_CAMEL = regex.compile(r"(?<=[a-z])(?=[A-Z])")


def ungrounded(row: Row, *, strict: bool = False) -> Ungrounded:
    """The literal values of a row's answer that its messages do not say, each with its place in the answer.

    `strict` also asks that an enum's value, or a boolean parameter's name, share a word with the messages.
    """
    said = Said(" \n".join(texts_of(row.messages)))
    tools = compile_tools(row.tools_text)
    found: Ungrounded = []
    for place, expected, tool in _asked(row, tools):
        look = _Look(said, tool, expected, strict)
        for key, value in expected.arguments.items():
            found += [((*place, *path), item) for path, item in look.missing((key,), value)]
    return found


def _asked(row: Row, tools: dict[str, Tool]) -> Iterator[tuple[Path, ExpectedCall, Tool | None]]:
    """What the answer asks for: calls, the arguments of one tool, or the values that a reply must hold."""
    answer = row.wanted
    for index, call in enumerate(answer.calls if isinstance(answer.calls, tuple) else ()):
        yield ("calls", index, "arguments"), call, tools.get(call.name)
    if answer.arguments:
        yield ("arguments",), answer.arguments, tools.get(answer.arguments.name)
    if answer.reply:
        slots: dict[Any, Any] = {slot.path[0]: slot.values for slot in answer.reply.slots}
        accept: dict[Path, tuple[Any, ...]] = {(key,): values[1:] for key, values in slots.items()}
        yield (
            ("slots",),
            ExpectedCall("", {key: values[0] for key, values in slots.items()}, "", accept),
            None,
        )


class _Look:
    """The search for one call's values in what was said."""

    def __init__(self, said: Said, tool: Tool | None, expected: ExpectedCall, strict: bool) -> None:
        self.said, self.tool, self.expected, self.strict = said, tool, expected, strict

    def missing(self, path: Path, value: Any) -> Ungrounded:
        """What of the value at a path is not said; nothing where another accepted value is."""
        if self.expected.may_be_left_out(path) or self.expected.comparator(path)[0] == "ignore":
            return []
        lacking = self._missing(path, value)
        if lacking and not all(
            self._missing(path, other) for other in self.expected.accepted(path)
        ):
            return []
        return lacking

    def _missing(self, path: Path, value: Any) -> Ungrounded:
        if isinstance(value, Reference) or value in (None, "", [], {}):
            return []
        if isinstance(value, dict | list) and not self._is_default(path, value):
            members = value.items() if isinstance(value, dict) else enumerate(value)
            return [found for key, item in members for found in self.missing((*path, key), item)]
        return (
            [] if self._is_default(path, value) or self._is_said(path, value) else [(path, value)]
        )

    def _is_default(self, path: Path, value: Any) -> bool:
        return self.tool is not None and same(self.tool.default(path), value)

    def _is_said(self, path: Path, value: Any) -> bool:
        if isinstance(value, bool):
            return not self.strict or self._shares_a_word(str(path[-1]))
        if self._is_a_choice(path):
            return not self.strict or self._shares_a_word(str(value))
        if isinstance(value, int | float):
            month = "month" in str(path[-1]).lower() and value in self.said.months
            return month or self.said.has_number(value)
        return says(self.said, value) or self._is_offered(path, value)

    def _is_a_choice(self, path: Path) -> bool:
        nodes = self.tool.nodes(path) if self.tool else ()
        return any("enum" in node or "const" in node for node in nodes)

    def _shares_a_word(self, text: str) -> bool:
        words = [word for word in _split(text) if word not in FILLERS]
        return not words or any(self.said.has_word(word) for word in words)

    def _is_offered(self, path: Path, value: str) -> bool:
        """Whether the parameter's description lists the value among its choices: an enum in prose."""
        for node in self.tool.nodes(path) if self.tool else ():
            text = node.get("description")
            if isinstance(text, str) and len(value) < 40 and _CHOICE.search(text := fold(text)):
                return f" {' '.join(_split(value))} " in f" {' '.join(words_of(text))} "
        return False


def says(said: Said, value: str) -> bool:
    """Whether a text says a string: as it is, or piece by piece. True where the two share no script."""
    if said.has_text(value):
        return True
    rest = value
    for pattern, is_said in (
        (_ISO_DATE, _says_date),
        (_DAY_FIRST, _says_date),
        (_TIME, _says_time),
    ):
        if not all(is_said(said, match.groups()) for match in pattern.finditer(rest)):
            return False
        rest = pattern.sub(" ", rest)
    words = [word for word in _split(rest) if word not in FILLERS]
    if not words:
        return rest != value  # dates and times, all said
    if all(_says_word(said, word) for word in words) or said.has_acronym(words):
        return True
    before, comma, _ = rest.partition(
        ","
    )  # "Paris, France" for Paris: what comes after the comma tells which Paris
    return bool(comma and before.strip() and says(said, before)) or not _share_script(said, rest)


def _split(text: str) -> list[str]:
    return words_of(fold(_CAMEL.sub(" ", text)))


def _says_word(said: Said, word: str) -> bool:
    return (
        said.has_word(word)
        or MONTHS.get(word) in said.months
        or (len(word) > 3 and said.has_squeezed(word))
    )


def _says_date(said: Said, parts: tuple[str, str, str]) -> bool:
    first, middle, last = map(int, parts)
    year, rest = (first, (middle, last)) if first > 31 else (last, (middle, first))
    readings = (rest,) if year == first else (rest, rest[::-1])  # 4/5/2026 is read either way
    return any(_is_day(year, *reading) and said.has_date(year, *reading) for reading in readings)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _says_time(said: Said, parts: tuple[str, str, str | None]) -> bool:
    hour, minute = int(parts[0]), int(parts[1])
    midnight = hour == 0 and minute == 0  # what a date has for its time where none was said
    return midnight or said.has_time(hour, minute)


_LATIN, _OTHER = regex.compile(r"\p{Latin}"), regex.compile(r"[\p{L}--\p{Latin}]", regex.V1)


def _share_script(said: Said, text: str) -> bool:
    """Whether both are in Latin letters, or both are not: no one finds `Beijing` in Chinese without a dictionary."""
    other = len(_OTHER.findall(said.squeezed))
    request_is_latin = other * 3 < len(said.squeezed)
    return bool(_LATIN.search(text)) == request_is_latin or not regex.search(r"\p{L}", text)
