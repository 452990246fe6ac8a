"""A call as a tag with the function's name around a tag for each parameter.

    <function=f>
    <parameter=city>
    Paris
    </parameter>
    </function>

read_function(text, 0, tools)     # ([Call("f", {"city": "Paris"})], the end)

One line break after a parameter's opening tag and one before its closing tag are no part of the
value.
"""

from __future__ import annotations

import re

from rlcall.wire.reading.objects import call_of_pairs
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_FUNCTION = re.compile(r"\s*<function=([^>\n]*)>")
_PARAMETER = re.compile(r"\s*<parameter=([^>\n]*)>\n?")
_END = re.compile(r"\s*</function>")


def read_function(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    """Return the function at a position as a call, typed by its schema, and where it ends."""
    function = _FUNCTION.match(text, start)
    if function is None:
        raise Unreadable("not_a_call", "a block without a function")
    at, pairs = function.end(), []
    while parameter := _PARAMETER.match(text, at):
        end = text.find("</parameter>", parameter.end())
        if end < 0:
            raise Unreadable("truncated", "no </parameter>")
        pairs.append((parameter[1], text[parameter.end() : end].removesuffix("\n")))
        at = end + len("</parameter>")
    ending = _END.match(text, at)
    if ending is None:
        message = f"neither a parameter nor the function's end at character {at}"
        raise Unreadable("unreadable", message)
    return call_of_pairs(function[1], pairs, tools), ending.end()
