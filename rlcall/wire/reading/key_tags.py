"""A call as a name, and tags around each key and each value; GLM-4.5's, LongCat's and Hunyuan's.

    <tool_call>f
    <arg_key>city</arg_key>
    <arg_value>Paris</arg_value>
    </tool_call>

KeyTags("").write(calls)      # that text
KeyTags("longcat_")           # <longcat_tool_call>, <longcat_arg_key> and so on
KeyTags(after_name="<tool_sep>")
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.objects import bare_value, call_of_pairs
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_NAME = r"\s*+([^\s<{\[][^\n<]*+)\s*+"


class KeyTags:
    """The tags of one family, each with the same `prefix`, and the mark `after_name`, if any."""

    def __init__(self, prefix: str = "", after_name: str = "") -> None:
        self._prefix, self._after_name = prefix, after_name
        self._name = re.compile(_NAME + (re.escape(after_name) or "(?=<)"))
        self._key = re.compile(
            rf"\s*<{prefix}arg_key>([^<\n]*)</{prefix}arg_key>\s*<{prefix}arg_value>"
        )
        self._value_end = f"</{prefix}arg_value>"

    def read(self, text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
        """Return what is inside a block as a call, typed by its schema, and where it ends."""
        name = self._name.match(text, start)
        if name is None:
            raise Unreadable("not_a_call", "a block without a name")
        at, pairs = name.end(), []
        while key := self._key.match(text, at):
            end = text.find(self._value_end, key.end())
            if end < 0:
                raise Unreadable("truncated", f"no {self._value_end}")
            pairs.append((key[1].strip(), text[key.end() : end]))
            at = end + len(self._value_end)
        return call_of_pairs(name[1].strip(), pairs, tools), at

    def write(self, calls: Sequence[Call]) -> str:
        """Return the calls, each in a block of its own."""
        return "\n".join(map(self._block, calls))

    def _block(self, call: Call) -> str:
        prefix = self._prefix
        lines = [f"<{prefix}tool_call>{call.name}{self._after_name}"]
        for key, value in call.arguments.items():
            lines.append(f"<{prefix}arg_key>{key}</{prefix}arg_key>")
            lines.append(f"<{prefix}arg_value>{bare_value(value)}</{prefix}arg_value>")
        return "\n".join([*lines, f"</{prefix}tool_call>"])
