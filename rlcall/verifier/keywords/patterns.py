r"""Patterns of JSON Schema, which are ECMA's regular expressions, for the library `regex`.

translate(r"^\d+$")             # ^[0-9]+\Z
compile_pattern(r"^\w+$")       # finds "abc", but neither "é" nor "abc\n"

ECMA's `\d` and `\w` are ASCII's, its `$` is the very end, and it has escapes of its own (`\cA`,
`\u{1F600}`, `\k<name>`). What both dialects share, and what only Python has, stays as it is; a
pattern with flags of Python's, `(?i)`, is read as Python's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import regex

# What stands between the brackets of a class.
_CLASSES = {
    "d": "0-9",
    "D": r"\x00-\x2f\x3a-\U0010ffff",
    "w": "0-9A-Z_a-z",
    "W": r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\U0010ffff",
    "s": r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
    "S": (
        r"\x00-\x08\x0e-\x1f\x21-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e"
        r"\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
    ),
}
_FLAGS = regex.compile(r"\(\?[a-zA-Z]+[-:)]")
_TOKEN = regex.compile(
    r"""
    \\(?P<class>[dDwWsS])
    | \\c(?P<control>[A-Za-z])
    | \\u\{(?P<point>[0-9A-Fa-f]{1,6})\}
    | \\u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})
    | \\k<(?P<group>\w+)>
    | (?P<other>\\.|.)
    """,
    regex.VERBOSE | regex.DOTALL,
)


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Any:
    """Compile a pattern; regex.error where it is none."""
    return regex.compile(translate(pattern))


def translate(pattern: str) -> str:
    """Return the pattern in the dialect of `regex`."""
    if _FLAGS.search(pattern):
        return pattern
    written: list[str] = []
    in_class = False
    for match in _TOKEN.finditer(pattern):
        token = _translate_token(match, in_class)
        if match["class"] and in_class and written[-1] == "-":
            written[-1] = r"\-"  # `[+-\d]` is no range
        elif match["other"] == "-" and in_class and written[-1] in _CLASSES.values():
            token = r"\-"
        written.append(token)
        if match["other"] == "[":
            in_class = True
        elif match["other"] == "]":
            in_class = False
    return "".join(written)


def _translate_token(match: Any, in_class: bool) -> str:
    if name := match["class"]:
        return _CLASSES[name] if in_class else f"[{_CLASSES[name]}]"
    if match["control"]:
        return f"\\x{ord(match['control']) % 32:02x}"
    if match["point"]:
        return _escape_point(int(match["point"], 16), match[0])
    if match["high"]:
        high, low = int(match["high"], 16), int(match["low"], 16)
        return _escape_point(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00, match[0])
    if match["group"]:
        return f"(?P={match['group']})"
    return r"\Z" if match[0] == "$" and not in_class else match[0]


def _escape_point(point: int, text: str) -> str:
    return f"\\U{point:08x}" if point <= 0x10FFFF else text
