"""Policies that need no model, without which a table misleads.

    complete("random valid call", row, seed=0)
    # a message with one call, its arguments drawn from the schema

Who never calls is right wherever no call is due. Policies write messages with `tool_calls`, which
are read as they are under every wire format. Asked for names, arguments or a reply, they give the
nearest thing that they can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from rlcall.data.rows import Row
from rlcall.metrics.judged_completion import Completion, JudgedCompletion, judge_completion
from rlcall.reward import Reward
from rlcall.tasks.draw import Draw
from rlcall.tasks.own.place import CannotDraw, ParameterPlace
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
    """Return what a policy writes for a row: the same for the same seed and row."""
    prompt = json.dumps([row.messages, row.tools])
    rng = Random(f"{seed} {policy} {prompt}")
    tools = compile_tools(row.tools_text)
    names = POLICIES[policy](list(tools), rng)
    answer = row.answer or {}
    if "names" in answer:
        return json.dumps(names)
    if "arguments" in answer:
        tool = tools.get(answer["name"])
        return json.dumps(arguments_for(tool, rng) if names and tool else {})
    calls = []
    for name in names:
        function = {"name": name, "arguments": arguments_for(tools[name], rng)}
        calls.append({"type": "function", "function": function})
    if "slots" in answer or not calls:
        return ""
    return {"role": "assistant", "content": "", "tool_calls": calls}


def arguments_for(tool: Tool, rng: Random) -> dict[str, Any]:
    """Return arguments that the tool's schema permits, or what the last of a few tries gave."""
    try:
        draw_arguments = Drawers(tool.parameters).of(
            {"type": "object", **tool.parameters}, ParameterPlace("arguments")
        )
    except CannotDraw:
        return {}
    draw = Draw(rng, "train")
    arguments: dict[str, Any] = {}
    for _ in range(TRIES):
        arguments = draw_arguments(draw).value
        if not tool.violations(arguments):
            break
    return arguments


def baseline_completions(
    policy: str, rows: Sequence[Row], wire: str, reward: Reward, seed: int = 0, samples: int = 1
) -> list[JudgedCompletion]:
    """Return a policy's completions of each row, `samples` of them, judged."""
    completions = []
    for index, row in enumerate(rows):
        for sample in range(samples):
            text = complete(policy, row, seed + sample)
            completions.append(judge_completion(index, sample, row, text, wire, reward))
    return completions
