"""Policies that need no model. A table without them misleads: who never calls is right wherever no call is due.

    complete("random valid call", row, seed=0)      # a message with one call, its arguments drawn from the schema

They write messages with `tool_calls`, which are read as they stand under every wire format. Asked for names, arguments
or a reply, they give the nearest thing that they can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from rlcall.data.rows import Row
from rlcall.metrics.record import Completion, Record, observe
from rlcall.reward import Reward
from rlcall.tasks.draw import Draw
from rlcall.tasks.own.place import CannotDraw, SchemaPlace
from rlcall.tasks.own.schema import Drawers
from rlcall.verifier.schema import Tool, compile_tools

TRIES = 8

Choice = Callable[[list[str], Random], list[str]]

# policy -> the tools that it calls, of those shown
POLICIES: dict[str, Choice] = {
    "never calls": lambda names, rng: [],
    "always the first tool": lambda names, rng: names[:1],
    "random valid call": lambda names, rng: [rng.choice(names)] if names else [],
}


def complete(policy: str, row: Row, seed: int) -> Completion:
    """What a policy writes for a row: the same for the same seed and row."""
    rng = Random(f"{seed} {policy} {json.dumps([row.messages, row.tools])}")
    tools = compile_tools(row.tools_text)
    chosen = POLICIES[policy](list(tools), rng)
    answer = row.answer or {}
    if "names" in answer:
        return json.dumps(chosen)
    if "arguments" in answer:
        given = tools.get(answer["name"])
        return json.dumps(arguments_for(given, rng) if chosen and given else {})
    calls = [{"name": name, "arguments": arguments_for(tools[name], rng)} for name in chosen]
    if "slots" in answer or not calls:
        return ""
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": one} for one in calls],
    }


def arguments_for(tool: Tool, rng: Random) -> dict[str, Any]:
    """Arguments that the tool's schema permits, as far as a few tries find any; the last try otherwise."""
    try:
        draw_one = Drawers(tool.parameters).of(
            {"type": "object", **tool.parameters}, SchemaPlace("arguments")
        )
    except CannotDraw:
        return {}
    draw, drawn = Draw(rng, "train"), {}
    for _ in range(TRIES):
        drawn = draw_one(draw).value
        if not tool.violations(drawn):
            break
    return drawn


def baseline_records(
    policy: str, rows: Sequence[Row], wire: str, reward: Reward, seed: int = 0, samples: int = 1
) -> list[Record]:
    """Completions of a policy for each row, `samples` of them, each with its verdict."""
    return [
        observe(index, sample, row, complete(policy, row, seed + sample), wire, reward)
        for index, row in enumerate(rows)
        for sample in range(samples)
    ]
