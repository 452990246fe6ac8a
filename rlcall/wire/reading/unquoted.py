"""Calls with texts between marks and keys without quotes, as Gemma's models write them.

UnquotedCalls("<escape>").read("call:f{city:<escape>Paris<escape>,days:[1,2]}", 0, tools)
# ([Call("f", {"city": "Paris", "days": [1, 2]})], 50)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bounded_json import MAX_DEPTH
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable
from rlcall.wire.reading.typed import PYTHON_WORDS

_NAME = re.compile(r"\s*call:([^{}\n<]+)(?=\{)")
_KEY = re.compile(r"([^\s:,{}\[\]<][^:,{}\[\]<]*+):")
_SCALAR = re.compile(r"\s*([^\s,{}\[\]<]+)")
_NEXT = re.compile(r"\s*([,}\]])")


@dataclass(frozen=True, slots=True)
class UnquotedCalls:
    """The reader and the writer of one call, `call:name{...}`, by the mark around texts."""

    quote: str

    def read(self, text: str, start: int, _: Tools) -> tuple[list[Item], int]:
        """Return the call at this position, and where it ends."""
        name = _NAME.match(text, start)
        if name is None:
            raise Unreadable("unreadable", "no call:name{")
        arguments, end = self._value(text, name.end(), 0)
        return call_of({"name": name[1].strip(), "arguments": arguments}), end

    def write(self, call: Call) -> str:
        """Return the call as text, the inverse of `read`."""
        return f"call:{call.name}{self._text_of(encode(call.arguments))}"

    def _text_of(self, value: Any) -> str:
        if isinstance(value, str):
            return f"{self.quote}{value}{self.quote}"
        if isinstance(value, list):
            return "[" + ",".join(map(self._text_of, value)) + "]"
        if isinstance(value, dict):
            pairs = [f"{key}:{self._text_of(item)}" for key, item in value.items()]
            return "{" + ",".join(pairs) + "}"
        return bounded_json.dump(value)

    def _value(self, text: str, at: int, depth: int) -> tuple[Any, int]:
        if depth > MAX_DEPTH:
            raise Unreadable("too_large", f"deeper than {MAX_DEPTH} levels", at)
        at = bounded_json.skip_space(text, at)
        if text.startswith(self.quote, at):
            return self._text(text, at)
        if text.startswith("{", at):
            return self._object(text, at + 1, depth)
        if text.startswith("[", at):
            return self._list(text, at + 1, depth)
        return _scalar(text, at)

    def _text(self, text: str, at: int) -> tuple[str, int]:
        start = at + len(self.quote)
        end = text.find(self.quote, start)
        if end < 0:
            raise Unreadable("truncated", "a text without its end mark")
        return text[start:end], end + len(self.quote)

    def _key(self, text: str, at: int) -> tuple[str, int]:
        """Return a key and the position after its colon."""
        at = bounded_json.skip_space(text, at)
        if text.startswith(self.quote, at):
            key, at = self._text(text, at)
            if text.startswith(":", at):
                return key, at + 1
        elif match := _KEY.match(text, at):
            return match[1].strip(), match.end()
        raise Unreadable("unreadable", f"no key at character {at}", at)

    def _object(self, text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
        value: dict[str, Any] = {}
        after, mark = _mark(text, at, "}")
        while mark != "}":
            key, at = self._key(text, after)
            if key in value:
                raise Unreadable("duplicate_key", "an object gives the same key twice", at)
            value[key], at = self._value(text, at, depth + 1)
            after, mark = _mark(text, at, ",}")
        return value, after

    def _list(self, text: str, at: int, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        after, mark = _mark(text, at, "]")
        while mark != "]":
            value, at = self._value(text, after, depth + 1)
            values.append(value)
            after, mark = _mark(text, at, ",]")
        return values, after


def _mark(text: str, at: int, marks: str) -> tuple[int, str]:
    """Return the position after the next of these marks, and the mark.

    At the start of a container, where one mark is asked for, it may be missing.
    """
    match = _NEXT.match(text, at)
    if match and match[1] in marks:
        return match.end(), match[1]
    if len(marks) == 1:
        return at, ""
    raise Unreadable("unreadable", f"neither {' nor '.join(marks)} at character {at}", at)


def _scalar(text: str, at: int) -> tuple[Any, int]:
    match = _SCALAR.match(text, at)
    if match is None:
        raise Unreadable("unreadable", f"no value at character {at}", at)
    word = match[1]
    return (PYTHON_WORDS[word] if word in PYTHON_WORDS else bounded_json.load(word)), match.end()
