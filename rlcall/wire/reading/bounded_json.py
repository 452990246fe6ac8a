"""JSON as models write it, read strictly and within limits.

    read('x {"a": 1} y', 2)     # ({"a": 1}, 10): the value that begins at 2, and where it ends

Raises `Unreadable`, and nothing else, for whatever is not JSON. Stricter than the standard library:
a key given twice, NaN, Infinity, numbers beyond a double and lone surrogates are refused, and depth
is checked by a linear scan before the parser, which recurses, sees the text. Files, which may be of
any size, are read by rlcall.files.strict_json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any

from rlcall.wire.reading.parsed import Unreadable

MAX_CHARS = 65_536  # of a completion without its reasoning, and of one JSON text
MAX_VALUES = 2_048  # of all calls together; each takes some 20 microseconds to check and compare
MAX_DEPTH = 64
MAX_DIGITS = 300  # of an integer; more than that leaves the range of a double

_SCAN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SPACE = re.compile(r"[ \t\r\n]*")


def load(text: str) -> Any:
    """Return the value of a whole JSON text."""
    value, end = read(text, 0)
    if end != len(text.rstrip()):
        raise Unreadable("unreadable", f"there is more after the JSON value, at character {end}")
    return value


def read(text: str, start: int) -> tuple[Any, int]:
    """Return the value that begins at `start`, or after white space there, and where it ends."""
    if len(text) > MAX_CHARS:
        raise Unreadable("too_large", f"more than {MAX_CHARS} characters")
    start = reach = skip_space(text, start)
    if text.count("[", start) + text.count("{", start) > MAX_DEPTH:
        reach = _check_depth(text, start)
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise _unreadable(error, text, reach) from None
    except RecursionError:
        raise Unreadable("too_large", "deeper than this thread's stack") from None
    if end - start > 2 * MAX_VALUES or _SURROGATE_ESCAPE.search(text, start, end):
        check(value)  # a value takes at least two characters, as in [0,0]
    return value, end


def _unreadable(error: json.JSONDecodeError, text: str, reach: int) -> Unreadable:
    """Return what is wrong with a text: it is cut off, or not JSON."""
    unterminated = error.msg.startswith("Unterminated string")
    cut_off = unterminated or error.pos >= len(text.rstrip())
    reach = max(reach, len(text) if unterminated else error.pos)
    message = f"not JSON: {error.msg} at character {error.pos}"
    return Unreadable("truncated" if cut_off else "unreadable", message, reach)


def skip_space(text: str, start: int) -> int:
    """Return the position after the white space at `start`."""
    match = _SPACE.match(text, start)
    assert match is not None  # it matches the empty string
    return match.end()


def dump(value: Any, *, sort_keys: bool = False) -> str:
    """Return JSON text that `load` gives back."""
    return json.dumps(value, ensure_ascii=False, sort_keys=sort_keys)


def check(value: Any) -> int:
    """Return the number of values in a Python value.

    Raises `Unreadable` where `load` could not have given it.
    """
    level, count = [value], 0
    for _ in range(MAX_DEPTH + 2):
        count += len(level)
        if not level or count > MAX_VALUES:
            break
        level = [inner for item in level for inner in check_one(item)]
    if level:
        message = f"deeper than {MAX_DEPTH} levels, or more than {MAX_VALUES} values"
        raise Unreadable("too_large", message)
    return count


def check_one(value: Any) -> Iterable[Any]:
    """Check one value, and return what is inside it."""
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key in value:
            check_text(key)
        return value.values()
    elif isinstance(value, list):
        return value
    else:
        _check_scalar(value)
    return ()


def check_text(text: Any) -> None:
    """Raise `Unreadable` for what is no text, or holds half a character."""
    if not isinstance(text, str):
        raise Unreadable("unreadable", f"a key of type {type(text).__name__}")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unreadable("not_text", "a lone surrogate") from None


def _check_scalar(value: Any) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise Unreadable("not_json", f"the number {value}")
    if isinstance(value, int) and value.bit_length() > MAX_DIGITS * 3.3219:  # bits per digit
        raise Unreadable("too_large", f"an integer of more than {MAX_DIGITS} digits")
    if value is not None and not isinstance(value, bool | int | float):
        raise Unreadable("unreadable", f"a value of type {type(value).__name__}")


def _check_depth(text: str, start: int) -> int:
    """Refuse a value deeper than MAX_DEPTH; otherwise return how far the text was read."""
    depth = 0
    for match in _SCAN.finditer(text, start):
        char = match[0]
        if char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable("too_large", f"deeper than {MAX_DEPTH} levels", match.end())
        elif char in "]}":
            depth -= 1
            if depth <= 0:
                return match.end()
    return len(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Unreadable("duplicate_key", "an object gives the same key twice")
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS + digits.startswith("-"):
        raise Unreadable("too_large", f"an integer of more than {MAX_DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise Unreadable("not_json", f"a number beyond the range of a double: {digits[:20]}")
    return value


def _constant(word: str) -> None:
    raise Unreadable("not_json", f"{word} is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
