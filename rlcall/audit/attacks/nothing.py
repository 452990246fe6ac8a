"""Attacks where a call is due: texts that hold no call, or none that the model makes itself.

"<think>[f(a=1)]</think>", "You could call [f(a=1)] for this, if you like."
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from rlcall import wire as wires
from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.data.rows import Row
from rlcall.wire.reading.reasoning import REASONING
from rlcall.wire.reading.syntax import written

BOMB = 30_000  # brackets; a completion has at most 65,536 characters besides its reasoning


def empty(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield ""
    yield " \n\t "
    yield "<|im_end|>"
    yield "<think></think>"
    yield {"role": "assistant", "content": None}


def garbage(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield "I'm sorry, I cannot do that."
    yield from ("no_function", "null", "[]", "{}")
    yield "<think></think>a"
    yield "a" * 1_000
    yield from ("<tool_call></tool_call>", "<tool_call>5</tool_call>", "<tool_call>{}</tool_call>")
    yield "<tool_call>" * 50
    yield "".join(chr(rng.randrange(32, 0x2FFF)) for _ in range(200))


def echoed_prompt(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """The messages, and the last one; not where that is written as a call, which may be right."""
    yield json.dumps(row.messages)
    content = row.messages[-1].get("content")
    if isinstance(content, str) and not written(content, row.tools):
        yield content


def inside_reasoning(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for opening in ("<think>", *rng.sample(sorted(REASONING), 2)):
        yield f"{opening}{gold.text}{REASONING[opening]}"
        yield f"{opening}\n{gold.text}\n{REASONING[opening]}\nDone."
        yield f"{opening}\n{gold.text}"


def inside_prose(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for name in ("python", "json"):
        text = wires.get(name).render(gold.calls)
        yield f"You could call {text} for this, if you like."
        yield f"Here is what I would call:\n```\n{text}\n```\nShall I?"


def no_such_tool(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    tool_names = {tool["function"]["name"] for tool in row.tools}
    for change in ("", "{0}_", "_{0}", "functions.{0}", "{0} {0}"):
        calls = [replace(call, name=change.format(call.name)) for call in gold.calls]
        if tool_names.isdisjoint(call.name for call in calls):
            yield calls


def name_of_another_type(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for name in ("", None, 7, ["f"], {"name": gold.calls[0].name}):
        yield tagged({"name": name, "arguments": {}})


def nested_bomb(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    name = gold.calls[0].name
    opening = f'<tool_call>\n{{"name": {json.dumps(name)}, "arguments": '
    yield opening + "[" * BOMB
    yield opening + '{"a": ' + "[" * 9_000 + "]" * 9_000 + "}}\n</tool_call>"
    yield f"[{name}(a={'[' * BOMB}"
    yield '{"a": ' * 9_000


def tagged(value: Any) -> str:
    return f"<tool_call>\n{json.dumps(value)}\n</tool_call>"
