"""Whether an answer is right by its own tools: its gold, written as a completion, must verify as correct and earn 1.0.

    list(faults(row))
    # [RowFault("gold_impossible", "answer.calls[0].arguments.rooms", "the gold is not right: 2 is not of type ...")]

Where the gold is wrong, the other choices of the answer are tried in its place: the accepted values of each place, and
leaving it out where that may be. A right one makes it `gold_wrong`, else it is `gold_impossible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, show_path
from rlcall.check.choices import MAX_CHOICES, UNDECLARED, mended, ruled_out, violations
from rlcall.check.finding import RowFault, RowFaults, field_path, shorten
from rlcall.data.gold import render_calls
from rlcall.data.rows import Row
from rlcall.reward import Reward, load_reward
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.verifier.codes import Error
from rlcall.verifier.granular import gold_text
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.wire.reading.format import Format

MAX_FAULTS = 3  # of one answer that are told


def faults(row: Row) -> RowFaults:
    """What is wrong with the row's answer. AnswerError where it cannot be read."""
    tools, text = row.tools_text, row.answer_text
    answer = row.wanted
    if answer.calls == "any":
        if not row.tools:
            yield RowFault(
                "gold_impossible", "tools", "some call is due, and there is no tool; list one"
            )
    elif isinstance(answer.calls, tuple):
        yield from _call_faults(row, answer, tools, text)
        yield from _accept_faults(answer.calls, compile_tools(tools))
    elif answer.has_gold:
        yield from _granular_faults(answer, tools, text)


def _granular_faults(answer: Answer, tools: str, text: str) -> RowFaults:
    for error in _errors(gold_text(answer), tools, text):
        place = f"answer.{'reply' if answer.granular == 'slots' else answer.granular}"
        yield RowFault("gold_impossible", place, _said(error))


def _call_faults(row: Row, answer: Answer, tools: str, text: str) -> RowFaults:
    calls = answer.gold_calls()
    completion = _completion(calls, row.tools)
    if completion is None:
        message = "no wire format can write these calls; a name or a value holds what a format needs for itself"
        yield RowFault("no_format", "answer.calls", message)
        return
    compiled = compile_tools(tools)
    errors = [*_errors(completion, tools, text), *_undeclared(calls, compiled)]
    if not errors:
        return
    others = [call for expected in _expected(answer) if (call := mended(expected, compiled))]
    other = _completion(others, row.tools) if len(others) == len(calls) else None
    right = other is not None and not _errors(other, tools, text)
    rest = (
        "write another of its choices, which is right"
        if right
        else "nothing that the answer accepts is right"
    )
    for error in errors[:MAX_FAULTS]:
        place = field_path(
            "answer", "calls", *(() if error.call is None else (error.call, "arguments"))
        )
        field = place + (error.path or "").removeprefix("$")
        yield RowFault(
            "gold_wrong" if right else "gold_impossible", field, f"{_said(error)}; {rest}"
        )


def _undeclared(calls: Sequence[Call], tools: dict[str, Tool]) -> Iterator[Error]:
    """Arguments that no reader of the tools could think of. The verifier lets them pass where the answer has them."""
    for index, call in enumerate(calls):
        for fault in violations(tools[call.name], call.arguments) if call.name in tools else ():
            if fault.code == UNDECLARED:
                yield Error(fault.code, fault.message, index, show_path(fault.path))


def _expected(answer: Answer) -> tuple[ExpectedCall, ...]:
    assert isinstance(answer.calls, tuple)
    return answer.calls


def _said(error: Error) -> str:
    return f"the gold is not right: {shorten(error.message)} ({error.code})"


def _completion(calls: Sequence[Call], tools: list[dict[str, Any]]) -> Any:
    """Render calls in the first format that can; a message, which says what it means, before any text."""
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


def _errors(completion: Any, tools: str, answer: str) -> list[Error]:
    """What the verifier has against the gold. [] where it is correct and earns 1.0."""
    verdict = _graded().verify(completion, tools, answer)
    if verdict.correct and _graded().score(verdict).reward == 1.0:
        return []
    return list(verdict.errors) or [
        Error("wrong_value", f"it earns {_graded().score(verdict).reward} of 1.0")
    ]


def _accept_faults(calls: Sequence[ExpectedCall], tools: dict[str, Tool]) -> RowFaults:
    for index, expected in enumerate(calls):
        tool = tools.get(expected.name)
        for path, values in expected.accept.items():
            for value in values[:MAX_CHOICES]:
                if fault := ruled_out(tool, expected.arguments, path, value):
                    message = (
                        f"{shorten(fault.message)}; the schema rules the value out, so leave it out"
                    )
                    yield RowFault(
                        "accept_invalid",
                        f"{field_path('answer', 'calls', index, 'accept')}['{show_path(path)}']",
                        message,
                    )
