"""A worked example in the prompts of rows that the model gets all wrong.

    examples = WorkedExamples(rows, "smollm2", seed=0)
    examples.shown(rows[7])          # the same row after another's request and its right calls

    user: Ring Bo.            assistant: <tool_call>[{"name": "call", ...}]</tool_call>
    user: Ring Anna, please.

The idea is ToolExpander's (arXiv 2510.07737). The example is another row of the same task whose
calls are to tools that the row shows, defined alike, so that what it calls could be called here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from rlcall.data.gold import gold_completion
from rlcall.data.rows import Row

EXAMPLE = "worked_example"
"""The column with the prompt of a row after a worked example; "" where it has none."""


class WorkedExamples:
    """Finds an example for each row; the same ones for the same rows and seed."""

    def __init__(self, rows: Sequence[Row], wire: str, seed: int) -> None:
        self._wire, self._seed = wire, seed
        self._examples: dict[str, list[Row]] = {}
        """The rows that can be examples, by one of the tools that they call."""
        for row in rows:
            tools = _called_tools(row)
            if tools and len(row.messages) == 1:
                self._examples.setdefault(min(tools), []).append(row)

    def shown(self, row: Row) -> Row | None:
        """Return the row with an example before its request; None where no row fits.

        None, too, for a row that asks for no call, or for something else than calls.
        """
        own = {_text(tool) for tool in row.tools} if _called_tools(row) else set()
        candidates = []
        for tool in sorted(own):
            for example in self._examples.get(tool, ()):
                if example.task == row.task and _called_tools(example) <= own:
                    candidates.append(example)
        rng = Random(f"example {self._seed} {row.id} {row.last_request}")
        rng.shuffle(candidates)
        for example in candidates:
            completion = gold_completion(example, self._wire)
            if completion and example.messages[-1] != row.messages[-1]:
                return replace(row, messages=_with_example(row, example, completion))
        return None


def _with_example(row: Row, example: Row, completion: str) -> list[dict[str, Any]]:
    """Return the row's messages with the example after its system messages."""
    begin = 0
    while row.messages[begin]["role"] in ("system", "developer"):
        begin += 1
    answer = {"role": "assistant", "content": completion}
    return [*row.messages[:begin], *example.messages, answer, *row.messages[begin:]]


def _called_tools(row: Row) -> set[str]:
    """Return the definitions of the tools that a row's answer calls; none where it lists none."""
    calls = (row.answer or {}).get("calls")
    names = {call["name"] for call in calls} if isinstance(calls, list) else set()
    return {_text(tool) for tool in row.tools if tool["function"]["name"] in names}


def _text(tool: dict[str, Any]) -> str:
    return json.dumps(tool, sort_keys=True)
