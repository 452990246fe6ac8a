"""Arguments that are nowhere in the messages: `{"city": "Paris"}` for "What is the weather like?".

    ungrounded(row)     # [(("calls", 0, "arguments", "city"), "Paris")]

A value is there where some message says it: as it is written, in other case and punctuation, word
by word in any order and form, as a number in words or in another unit, as a date or a time in
another notation. Not looked for: references, null, booleans, empty values, values of an `enum` or
`const`, the schema's default, what may be left out, what is compared as `ignore`; `strict` looks
for booleans and words of an `enum` too. docs/check.md says what it cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import regex

from rlcall.calls import Path, Reference
from rlcall.check.spoken import MONTHS, SpokenText, words_of
from rlcall.check.texts import fold, texts_of
from rlcall.data.rows import Row
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.verifier.values import same

Ungrounded = list[tuple[Path, Any]]

# Words that a value may have although no message does.
FILLERS = frozenset((
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "not",
    "is", "are", "was", "be", "been", "am", "will", "would", "has", "have", "had", "do", "does",
    "did", "i", "me", "my", "mine", "you", "your", "we", "us", "our", "he", "him", "his", "she",
    "her", "it", "its", "they", "them", "their", "this", "that", "these", "those", "s", "t", "ll",
    "ve", "re", "d", "m",
))  # fmt: skip
_ISO_DATE = regex.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=\b|T)")
_DAY_FIRST = regex.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b")
_TIME = regex.compile(
    r"(?<![\d:])T?(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?"  # 18:30, 18:30:00.000
    r"(?:Z|[+-]\d{2}:?\d{2})?(?![\d:])\s*(am|pm)?",
    regex.I,
)
_CHOICE = regex.compile(
    r"one of|either|\bor\b|options?\b|possible|allowed|valid|default|choose|supported|values?\b"
)
_CAMEL = regex.compile(r"(?<=[a-z])(?=[A-Z])")


def ungrounded(row: Row, *, strict: bool = False) -> Ungrounded:
    """Return the literal values of a row's answer that no message says, with their paths in it.

    `strict` also asks that an enum's value, or a boolean parameter's name, share a word with the
    messages.
    """
    spoken = SpokenText(" \n".join(texts_of(row.messages)))
    result: Ungrounded = []
    for path, expected, tool in _expected_calls(row):
        search = _ValueSearch(spoken, tool, expected, strict)
        for key, value in expected.arguments.items():
            for inner_path, item in search.missing((key,), value):
                result.append(((*path, *inner_path), item))
    return result


def _expected_calls(row: Row) -> Iterator[tuple[Path, ExpectedCall, Tool | None]]:
    """Yield what the answer asks for: calls, one tool's arguments, or the values of a reply."""
    answer, tools = row.wanted, compile_tools(row.tools_text)
    if isinstance(answer.calls, tuple):
        for index, call in enumerate(answer.calls):
            yield ("calls", index, "arguments"), call, tools.get(call.name)
    if answer.arguments:
        yield ("arguments",), answer.arguments, tools.get(answer.arguments.name)
    if answer.reply:
        values: dict[Any, Any] = {}
        accept: dict[Path, tuple[Any, ...]] = {}
        for slot in answer.reply.slots:
            key = slot.path[0]
            values[key] = slot.values[0]
            accept[(key,)] = slot.values[1:]
        yield ("slots",), ExpectedCall("", values, "", accept), None


class _ValueSearch:
    """The search for one call's values in what was said."""

    def __init__(
        self, spoken: SpokenText, tool: Tool | None, expected: ExpectedCall, strict: bool
    ) -> None:
        self.spoken = spoken
        self.tool = tool
        self.expected = expected
        self.strict = strict

    def missing(self, path: Path, value: Any) -> Ungrounded:
        """Return what of a value is not said; nothing where another accepted value is said."""
        if self.expected.may_be_left_out(path) or self.expected.comparator(path)[0] == "ignore":
            return []
        result = self._missing(path, value)
        if result:
            for other in self.expected.accepted(path):
                if not self._missing(path, other):
                    return []
        return result

    def _missing(self, path: Path, value: Any) -> Ungrounded:
        if isinstance(value, Reference) or value in (None, "", [], {}):
            return []
        if self._is_default(path, value):
            return []
        if isinstance(value, dict | list):
            result: Ungrounded = []
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                result += self.missing((*path, key), item)
            return result
        return [] if self._is_said(path, value) else [(path, value)]

    def _is_default(self, path: Path, value: Any) -> bool:
        return self.tool is not None and same(self.tool.default(path), value)

    def _is_said(self, path: Path, value: Any) -> bool:
        if isinstance(value, bool):
            return not self.strict or self._shares_a_word(str(path[-1]))
        if self._is_a_choice(path):
            return not self.strict or self._shares_a_word(str(value))
        if isinstance(value, int | float):
            if "month" in str(path[-1]).lower() and value in self.spoken.months:
                return True
            return self.spoken.has_number(value)
        return says(self.spoken, value) or self._is_offered(path, value)

    def _is_a_choice(self, path: Path) -> bool:
        nodes = self.tool.nodes(path) if self.tool else ()
        return any("enum" in node or "const" in node for node in nodes)

    def _shares_a_word(self, text: str) -> bool:
        words = _content_words(text)
        return not words or any(map(self.spoken.has_word, words))

    def _is_offered(self, path: Path, value: str) -> bool:
        """Return whether the description lists the value among its choices: an enum in prose."""
        if len(value) >= 40:
            return False
        for node in self.tool.nodes(path) if self.tool else ():
            text = node.get("description")
            if isinstance(text, str) and _CHOICE.search(text := fold(text)):
                return f" {' '.join(_split(value))} " in f" {' '.join(words_of(text))} "
        return False


def says(spoken: SpokenText, value: str) -> bool:
    """Return whether a text says a string as it is or bit by bit, or the two share no script."""
    if spoken.has_text(value):
        return True
    rest = value
    for pattern, is_said in (
        (_ISO_DATE, _says_date),
        (_DAY_FIRST, _says_date),
        (_TIME, _says_time),
    ):
        for match in pattern.finditer(rest):
            if not is_said(spoken, match.groups()):
                return False
        rest = pattern.sub(" ", rest)
    words = _content_words(rest)
    if not words:
        return rest != value  # dates and times, all said
    if all(_says_word(spoken, word) for word in words) or spoken.has_acronym(words):
        return True
    # "Paris, France" for Paris: what comes after the comma tells which Paris.
    before, comma, _ = rest.partition(",")
    if comma and before.strip() and says(spoken, before):
        return True
    return not _share_script(spoken, rest)


def _split(text: str) -> list[str]:
    return words_of(fold(_CAMEL.sub(" ", text)))


def _content_words(text: str) -> list[str]:
    return [word for word in _split(text) if word not in FILLERS]


def _says_word(spoken: SpokenText, word: str) -> bool:
    if spoken.has_word(word) or MONTHS.get(word) in spoken.months:
        return True
    return len(word) > 3 and spoken.has_squeezed(word)


def _says_date(spoken: SpokenText, parts: tuple[str, str, str]) -> bool:
    first, middle, last = map(int, parts)
    if first > 31:
        year, readings = first, [(middle, last)]
    else:  # 4/5/2026 may be the fourth of May or the fifth of April
        year, readings = last, [(middle, first), (first, middle)]
    for month, day in readings:
        if _is_day(year, month, day) and spoken.has_date(year, month, day):
            return True
    return False


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _says_time(spoken: SpokenText, parts: tuple[str, str, str | None]) -> bool:
    hour, minute = int(parts[0]), int(parts[1])
    # Midnight is what a date has for its time where none was said.
    return (hour, minute) == (0, 0) or spoken.has_time(hour, minute)


_LATIN = regex.compile(r"\p{Latin}")
_OTHER = regex.compile(r"[\p{L}--\p{Latin}]", regex.V1)


def _share_script(spoken: SpokenText, text: str) -> bool:
    """Return whether both are in Latin letters, or both are not, or the text has no letters.

    Where they are not, nobody finds `Beijing` in Chinese without a dictionary.
    """
    other = len(_OTHER.findall(spoken.squeezed))
    request_is_latin = other * 3 < len(spoken.squeezed)
    return bool(_LATIN.search(text)) == request_is_latin or not regex.search(r"\p{L}", text)
