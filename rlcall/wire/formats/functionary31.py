"""Functionary 3.1: a tag that names the function, around its arguments in JSON.

Llama 3.1 writes the same when its prompt asks for custom tags.

<function=f>{"a": 1}</function><function=g>{}</function>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_NAME = re.compile(r"([^<>\n]*+)>")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    name = _NAME.match(text, start)
    if name is None:
        raise Unreadable("not_a_call", "a tag without a function's name")
    value, end = bounded_json.read(text, name.end())
    return call_of({"name": name[1], "arguments": value}), end


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        blocks.append(f"<function={call.name}>{arguments}</function>")
    return "".join(blocks)


FORMAT = Format(
    name="functionary31",
    order=260,
    opening=re.compile(r"<function=(?=[^<>\n]*+>\s*+\{)"),
    markers=("<function=", "</function>"),
    read=Blocks(re.compile("<function="), "</function>", _read).read,
    write=_write,
    labels=False,
    models="Functionary 3.1, Llama 3.1 where prompted for custom tags",
    source="llama.cpp's parser of it",
)
