"""FunctionGemma: a tagged block per call, texts between `<escape>` marks, keys without quotes.

<start_function_call>call:f{city:<escape>Paris<escape>,days:[1,2],at:{lat:48.9}}<end_function_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.bounded_json import MAX_DEPTH
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable
from rlcall.wire.reading.typed import PYTHON_WORDS

_OPENING = re.compile("<start_function_call>")
_ESCAPE = "<escape>"
_NAME = re.compile(r"\s*call:([^{}\n<]+)(?=\{)")
_KEY = re.compile(r"([^\s:,{}\[\]<][^:,{}\[\]<]*+):")
_SCALAR = re.compile(r"\s*([^\s,{}\[\]<]+)")
_NEXT = re.compile(r"\s*([,}\]])")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    name = _NAME.match(text, start)
    if name is None:
        raise Unreadable("unreadable", "no call:name{")
    arguments, end = _value(text, name.end(), 0)
    return call_of({"name": name[1].strip(), "arguments": arguments}), end


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    if depth > MAX_DEPTH:
        raise Unreadable("too_large", f"deeper than {MAX_DEPTH} levels", at)
    at = bounded_json.skip_space(text, at)
    if text.startswith(_ESCAPE, at):
        return _text(text, at)
    if text.startswith("{", at):
        return _object(text, at + 1, depth)
    if text.startswith("[", at):
        return _list(text, at + 1, depth)
    return _scalar(text, at)


def _text(text: str, at: int) -> tuple[str, int]:
    start = at + len(_ESCAPE)
    end = text.find(_ESCAPE, start)
    if end < 0:
        raise Unreadable("truncated", "a text without its end mark")
    return text[start:end], end + len(_ESCAPE)


def _key(text: str, at: int) -> tuple[str, int]:
    """Return a key and the position after its colon."""
    at = bounded_json.skip_space(text, at)
    if text.startswith(_ESCAPE, at):
        key, at = _text(text, at)
        if text.startswith(":", at):
            return key, at + 1
    elif match := _KEY.match(text, at):
        return match[1].strip(), match.end()
    raise Unreadable("unreadable", f"no key at character {at}", at)


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    value: dict[str, Any] = {}
    after, mark = _mark(text, at, "}")
    while mark != "}":
        key, at = _key(text, after)
        if key in value:
            raise Unreadable("duplicate_key", "an object gives the same key twice", at)
        value[key], at = _value(text, at, depth + 1)
        after, mark = _mark(text, at, ",}")
    return value, after


def _list(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    after, mark = _mark(text, at, "]")
    while mark != "]":
        value, at = _value(text, after, depth + 1)
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


def _write(calls: Sequence[Call]) -> str:
    text = ""
    for call in calls:
        arguments = _text_of(encode(call.arguments))
        text += f"<start_function_call>call:{call.name}{arguments}<end_function_call>"
    return text


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return f"<escape>{value}<escape>"
    if isinstance(value, list):
        return "[" + ",".join(_text_of(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_text_of(item)}" for key, item in value.items()) + "}"
    return bounded_json.dump(value)


FORMAT = Format(
    name="functiongemma",
    order=120,
    opening=_OPENING,
    markers=("<start_function_call>", "<end_function_call>", "<escape>"),
    turn_ends=("<start_function_response>",),
    read=Blocks(_OPENING, "<end_function_call>", _read).read,
    write=_write,
    labels=False,
    models="FunctionGemma",
    source='ai.google.dev, "FunctionGemma formatting and best practices"',
    vllm=("functiongemma",),
    special_tokens=("<start_function_call>", "<end_function_call>", "<escape>"),
)
