"""gpt-oss, in Harmony: a message per call, to the function by its name.

<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"city": "Paris"}<|call|>

The model's template puts the name before the channel, ` to=functions.f<|channel|>commentary json`;
that is read, too. What ends the last message may be missing, since generation ends there.
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

_NAME = r"[\w.:/-]{1,256}"
_OPENING = re.compile(
    r"(?:<\|start\|>assistant)?"
    rf"(?:<\|channel\|>commentary to=functions\.|\s?to=functions\.(?={_NAME}<\|channel\|>))"
)
_HEADER = re.compile(
    rf"({_NAME})(?:<\|channel\|>commentary)?\s?(?:<\|constrain\|>)?(?:json)?<\|message\|>"
)


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    header = _HEADER.match(text, start)
    if header is None:
        raise Unreadable("unreadable", "no name and <|message|>", start)
    arguments, end = bounded_json.read(text, header.end())
    after = bounded_json.skip_space(text, end)
    if text.startswith("<|call|>", after):
        end = after + len("<|call|>")
    return call_of({"name": header[1], "arguments": arguments}), end


def _write(calls: Sequence[Call]) -> str:
    messages = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        header = f"<|channel|>commentary to=functions.{call.name} <|constrain|>json"
        messages.append(f"{header}<|message|>{arguments}<|call|>")
    return "<|start|>assistant".join(messages)


FORMAT = Format(
    name="harmony",
    order=160,
    opening=_OPENING,
    markers=("<|channel|>commentary to=functions.", "to=functions.", "<|call|>"),
    turn_ends=("<|call|>",),
    read=Blocks(_OPENING, "", _read).read,
    write=_write,
    labels=False,
    models="gpt-oss",
    source="the chat template that TRL ships, gptoss.jinja",
    also_reads="the name before the channel, as the template writes it",
)
