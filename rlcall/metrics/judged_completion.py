"""One completion with all that metrics need to know: a line of an evaluation's `verdicts.jsonl`.

text = '<tool_call>[{"name": "call", "arguments": {}}]</tool_call>'
completion = judge_completion(0, 0, row, text, "smollm2", reward)
completion.correct, completion.form, completion.is_malformed      # False, "smollm2", False
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rlcall import wire as wires
from rlcall.calls import encode
from rlcall.data.rows import Row
from rlcall.reward import Reward
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.verifier.verdict import Verdict

Completion = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JudgedCompletion:
    """A completion, its verdict and its score.

    `row` counts the rows from 0, `sample` a row's completions. `form` is the wire format that the
    completion is written in, whatever format was asked for; "text" where it holds no call. `calls`
    are those that could be read.
    """

    row: int
    sample: int
    id: str | None
    completion: Completion
    due: str
    correct: bool | None
    reward: float | None
    rules: dict[str, float | None]
    form: str
    calls: list[dict[str, Any]]
    is_valid: bool
    """It holds calls, nothing that cannot be read, and every call keeps to its tool's schema."""
    is_malformed: bool
    """Something in it is meant as a call, or as the list or object asked for, and is unreadable."""
    is_made_up: bool
    """It names a tool that the row does not have."""
    surplus: int
    errors: list[dict[str, Any]]
    failures: dict[str, str]
    """The reason why a rule of the reward failed, by its name; such a rule gave nothing."""

    def to_json(self) -> dict[str, Any]:
        """Return the completion as its JSON object; `JudgedCompletion(**value)` is the inverse."""
        return asdict(self)


def judge_completion(
    row_index: int, sample: int, row: Row, completion: Completion, wire: str, reward: Reward
) -> JudgedCompletion:
    """Verify and score one completion, which was asked for in the format `wire`."""
    verdict = reward.verify(completion, row.tools_text, row.answer_text, wire)
    score = reward.score(verdict)
    tools = compile_tools(row.tools_text)
    called_names = [call.name for call in verdict.calls] or verdict.names
    return JudgedCompletion(
        row=row_index,
        sample=sample,
        id=row.id,
        completion=completion,
        due=verdict.due,
        correct=verdict.correct,
        reward=score.reward,
        rules=score.rules,
        form="text" if verdict.answer.granular else _form(completion, row),
        calls=[{"name": call.name, "arguments": encode(call.arguments)} for call in verdict.calls],
        is_valid=_is_valid(verdict, tools),
        is_malformed=_is_malformed(verdict),
        is_made_up=any(name not in tools for name in called_names),
        surplus=verdict.surplus,
        errors=[error.to_json() for error in verdict.errors],
        failures=score.failures,
    )


def _form(completion: Completion, row: Row) -> str:
    parsed = wires.parse(completion, row.tools)
    has_block = any(problem.code in wires.SURPLUS for problem in parsed.problems)
    return parsed.wire if parsed.calls or has_block else "text"


def _is_malformed(verdict: Verdict) -> bool:
    if verdict.answer.granular:
        return verdict.has("wrong_form", *wires.SURPLUS)
    if verdict.due == "none" and verdict.surplus > 0 and not verdict.calls:
        return True  # an attempt that no format could read as a call
    return any(problem.code in wires.SURPLUS for problem in verdict.problems)


def _is_valid(verdict: Verdict, tools: Mapping[str, Tool]) -> bool:
    if not verdict.calls or _is_malformed(verdict):
        return False
    for call in verdict.calls:
        tool = tools.get(call.name)
        if tool is None or tool.violations(call.arguments):
            return False
    return True
