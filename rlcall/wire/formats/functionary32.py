"""Functionary 3.2: a recipient on a line after `>>>`, and the arguments as JSON below it.

>>>f
{"a": 1}>>>g
{}

The recipient `all` is the user: `>>>all` before the calls begins text. Prompts may end with the
first `>>>`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.blocks import stray
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable
from rlcall.wire.reading.syntax import tool_names

_OPENING = re.compile(r"\s*>>>(?:all\n|[\w.:/-]+\n\s*\{)")
_RECIPIENT = re.compile(r"\s*+(?:>>>)?([^\n{}>]+)\n")
_TO_ALL = re.compile(r"\s*(?:>>>)?all\n")
_NEXT = re.compile(r">>>(?=[^\n{}>]+\n\s*\{)")
_PLAIN = re.compile(r"[^\W\d][\w.:/-]*")


def _read(text: str, tools: Tools) -> list[Item]:
    items: list[Item] = []
    at = 0
    if prose := _TO_ALL.match(text):
        following = _NEXT.search(text, prose.end())
        at = following.start() if following else len(text)
        items += stray(text[prose.end() : at], tools, before=True)
        if following is None:
            return []
    names = tool_names(tools)
    while at < len(text):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls")
        recipient = _RECIPIENT.match(text, at)
        if recipient is None or not (_PLAIN.fullmatch(recipient[1]) or recipient[1] in names):
            raise Unreadable("unreadable", f"no recipient at character {at}")
        value, end = bounded_json.read(text, recipient.end())
        items += call_of({"name": recipient[1], "arguments": value})
        at = bounded_json.skip_space(text, end)
        if at < len(text) and not text.startswith(">>>", at):
            raise Unreadable("text_around", f"there is more after the arguments, at character {at}")
    return items


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for call in calls:
        blocks.append(f">>>{call.name}\n{bounded_json.dump(encode(call.arguments))}")
    return "".join(blocks)


FORMAT = Format(
    name="functionary32",
    order=535,
    bare_opening=_OPENING,
    read=Bare(_OPENING, _read).read,
    write=_write,
    labels=False,
    models="Functionary 3.2",
    source="llama.cpp's parser of it",
    also_reads="text after `>>>all`; the first recipient without `>>>`",
)
