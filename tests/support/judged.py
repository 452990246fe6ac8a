"""Rows and judged completions for tests of the metrics, made by hand.

judge_all(ROWS, ['f(a=1)', "[]"])     # as an evaluation would
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rlcall.data.rows import Row
from rlcall.metrics.judged_completion import Completion, JudgedCompletion, judge_completion
from rlcall.reward import load_reward

GRADED = load_reward("graded")


def tool(name: str, **properties: Any) -> dict[str, Any]:
    """A tool whose parameters are all required; `{"a": "integer"}` is a type."""
    schemas = {
        key: {"type": value} if isinstance(value, str) else value
        for key, value in properties.items()
    }
    parameters = {"type": "object", "properties": schemas, "required": list(schemas)}
    return {
        "type": "function",
        "function": {"name": name, "description": f"Do {name}.", "parameters": parameters},
    }


def row(
    answer: Any,
    tools: Sequence[dict[str, Any]],
    id: str,
    task: str | None = None,
    asked: str = "Please",
) -> Row:
    return Row(
        [{"role": "user", "content": f"{asked} {id}"}], list(tools), answer, id=id, task=task
    )


def due(name: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": name, "arguments": arguments}]}


def judge_all(
    rows: Sequence[Row], completions: Sequence[Any], wire: str = "auto"
) -> list[JudgedCompletion]:
    """Judge each completion; a list of completions for a row is its samples."""
    judged: list[JudgedCompletion] = []
    for index, (row, completion) in enumerate(zip(rows, completions, strict=True)):
        samples: list[Completion] = completion if isinstance(completion, list) else [completion]
        for sample, text in enumerate(samples):
            judged.append(judge_completion(index, sample, row, text, wire, GRADED))
    return judged
