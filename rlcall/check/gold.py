"""Answers that are not right by their own tools: the gold completion must be correct and earn 1.0.

    list(faults(row))
    # [RowFault("gold_impossible", "answer.calls[0].arguments.rooms",
    #           "the gold is not right: 2 is not of type 'string' (wrong_type); ...")]

Where the gold is not right, the other choices of the answer are tried: the values that it also
accepts, and leaving out what may be left out. If they are right, the fault is `gold_wrong`, else
`gold_impossible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, show_path
from rlcall.check.choices import MAX_CHOICES, UNDECLARED, mend_call, rule_out, violations
from rlcall.check.finding import RowFault, RowFaults, field_path, shorten
from rlcall.data.gold import render_calls
from rlcall.data.rows import Row
from rlcall.reward import Reward, load_reward
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.verifier.codes import Error
from rlcall.verifier.granular import gold_text
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.wire.reading.format import Format

MAX_FAULTS = 3  # reported of one answer


def faults(row: Row) -> RowFaults:
    """Yield what is wrong with the row's answer. AnswerError where it cannot be read."""
    answer = row.wanted
    if answer.calls == "any":
        if not row.tools:
            message = "some call is due, and there is no tool; list one"
            yield RowFault("gold_impossible", "tools", message)
    elif isinstance(answer.calls, tuple):
        yield from _call_faults(row, answer.calls)
        yield from _accept_faults(answer.calls, compile_tools(row.tools_text))
    elif answer.has_gold:
        yield from _granular_faults(row, answer)


def _granular_faults(row: Row, answer: Answer) -> RowFaults:
    field = "reply" if answer.granular == "slots" else answer.granular
    for error in _errors(row, gold_text(answer)):
        yield RowFault("gold_impossible", f"answer.{field}", _gold_message(error))


def _call_faults(row: Row, expected_calls: Sequence[ExpectedCall]) -> RowFaults:
    calls = row.wanted.gold_calls()
    completion = _completion(calls, row.tools)
    if completion is None:
        reason = "a name or a value holds what a format needs for itself"
        message = f"no wire format can write these calls; {reason}"
        yield RowFault("no_format", "answer.calls", message)
        return
    tools = compile_tools(row.tools_text)
    errors = [*_errors(row, completion), *_undeclared(calls, tools)]
    if not errors:
        return
    if _other_choice_is_right(row, expected_calls, tools):
        code, remedy = "gold_wrong", "write another of its choices, which is right"
    else:
        code, remedy = "gold_impossible", "nothing that the answer accepts is right"
    for error in errors[:MAX_FAULTS]:
        call_path = () if error.call is None else (error.call, "arguments")
        field = field_path("answer", "calls", *call_path) + (error.path or "").removeprefix("$")
        yield RowFault(code, field, f"{_gold_message(error)}; {remedy}")


def _undeclared(calls: Sequence[Call], tools: dict[str, Tool]) -> Iterator[Error]:
    """Yield the arguments that no tool declares, so that no model could think of them.

    The verifier lets them pass where the answer has them.
    """
    for index, call in enumerate(calls):
        if call.name not in tools:
            continue
        for violation in violations(tools[call.name], call.arguments):
            if violation.code == UNDECLARED:
                path = show_path(violation.path)
                yield Error(violation.code, violation.message, index, path)


def _other_choice_is_right(
    row: Row, expected_calls: Sequence[ExpectedCall], tools: dict[str, Tool]
) -> bool:
    """Return whether the calls are right with other choices for what breaks their schemas."""
    mended_calls = []
    for expected in expected_calls:
        call = mend_call(expected, tools)
        if call is None:
            return False
        mended_calls.append(call)
    completion = _completion(mended_calls, row.tools)
    return completion is not None and not _errors(row, completion)


def _gold_message(error: Error) -> str:
    return f"the gold is not right: {shorten(error.message)} ({error.code})"


def _completion(calls: Sequence[Call], tools: list[dict[str, Any]]) -> Any:
    """Render calls in the first format that can: a message, which leaves no doubt, before texts."""
    for form in _formats():
        text = render_calls(calls, form, tools)
        if text is not None:
            return json.loads(text) if form.name == "openai" and calls else text
    return None


@cache
def _formats() -> tuple[Format, ...]:
    return (wires.get("openai"), wires.get("hermes"), *wires.FORMATS.values())


@cache
def _graded() -> Reward:
    return load_reward("graded")


def _errors(row: Row, completion: Any) -> list[Error]:
    """Return what the verifier has against the gold; nothing where it is correct and earns 1.0."""
    verdict = _graded().verify(completion, row.tools_text, row.answer_text)
    reward = _graded().score(verdict).reward
    if verdict.correct and reward == 1.0:
        return []
    return list(verdict.errors) or [Error("wrong_value", f"it earns {reward} of 1.0")]


def _accept_faults(calls: Sequence[ExpectedCall], tools: dict[str, Tool]) -> RowFaults:
    for index, expected in enumerate(calls):
        tool = tools.get(expected.name)
        for path, values in expected.accept.items():
            accept = field_path("answer", "calls", index, "accept")
            field = f"{accept}['{show_path(path)}']"
            for value in values[:MAX_CHOICES]:
                if violation := rule_out(tool, expected.arguments, path, value):
                    reason = shorten(violation.message)
                    message = f"{reason}; the schema rules the value out, so leave it out"
                    yield RowFault("accept_invalid", field, message)
