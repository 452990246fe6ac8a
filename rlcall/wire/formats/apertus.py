"""Apertus: all calls as a JSON list between control tokens, each an object whose key is the name.

<|tools_prefix|>[{"f": {"a": 1}}, {"g": {}}]<|tools_suffix|>
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import calls_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r"<\|tools_prefix\|>")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    values, end = bounded_json.read(text, start)
    if not isinstance(values, list):
        raise Unreadable("not_a_call", "not a list of calls")
    return calls_of(map(_named, values)), end


def _named(value: Any) -> Any:
    """Return `{"f": {...}}` as an object with name and arguments, anything else as it is."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(name, arguments)] = value.items()
    return {"name": name, "arguments": arguments}


def _write(calls: Sequence[Call]) -> str:
    objects = [{call.name: encode(call.arguments)} for call in calls]
    return f"<|tools_prefix|>{bounded_json.dump(objects)}<|tools_suffix|>"


FORMAT = Format(
    name="apertus",
    order=250,
    opening=_OPENING,
    markers=("<|tools_prefix|>", "<|tools_suffix|>"),
    turn_ends=("<|assistant_end|>",),
    read=Blocks(_OPENING, "<|tools_suffix|>", _read).read,
    write=_write,
    labels=False,
    models="Apertus",
    source="SGLang's parser, apertus2509_detector.py",
    also_reads="objects with `name` and `arguments`",
    vllm=("apertus",),
)
