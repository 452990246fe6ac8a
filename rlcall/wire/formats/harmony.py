"""gpt-oss (Harmony): a message per call, to the function by its name.

 to=functions.f<|channel|>commentary json<|message|>{"city": "Paris"}<|call|>

So writes the model's template, after `<|start|>assistant`. The model itself often names the channel
first, `<|channel|>commentary to=functions.f <|constrain|>json<|message|>`, which is read, too.
`<|call|>` ends the turn and is part of the call: without it, the call was cut off.
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
_CHANNEL = r"<\|channel\|>(?:commentary|analysis)"
_OPENING = re.compile(r"to=functions\.")
_MESSAGE = re.compile(
    r"(?:<\|start\|>assistant)?"
    rf"(?:{_CHANNEL} to=functions\.|\s?to=functions\.(?={_NAME}<\|channel\|>))"
)
_HEADER = re.compile(
    rf"({_NAME})(?:{_CHANNEL})?\s?(?:<\|constrain\|>)?(?:json|code)?\s?<\|message\|>"
)
_CALL = "<|call|>"


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    header = _HEADER.match(text, start)
    if header is None:
        raise Unreadable("unreadable", "no name and <|message|>", start)
    arguments, end = bounded_json.read(text, header.end())
    return call_of({"name": header[1], "arguments": arguments}), end


def _write(calls: Sequence[Call]) -> str:
    messages = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        header = f" to=functions.{call.name}<|channel|>commentary json"
        messages.append(f"{header}<|message|>{arguments}{_CALL}")
    return "<|start|>assistant".join(messages)


FORMAT = Format(
    name="harmony",
    order=160,
    opening=_OPENING,
    markers=("to=functions.", "<|constrain|>", _CALL),
    call_ends=(_CALL,),
    read=Blocks(_MESSAGE, _CALL, _read).read,
    write=_write,
    labels=False,
    models="gpt-oss, which writes one call a turn",
    source="the chat template that TRL ships, gptoss.jinja",
    also_reads="the channel before the name, as the model writes it; `<|constrain|>json`",
    vllm=("openai",),
    special_tokens=("<|constrain|>", _CALL),
)
