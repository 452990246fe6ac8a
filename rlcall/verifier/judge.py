"""The verifier: one completion, the row's tools and its answer in; everything known about it out.

    completion = '<tool_call>{"name": "f", "arguments": {"a": 2}}</tool_call>'
    verdict = verify(completion, tools, {"calls": [...]})
    verdict.correct             # the strict outcome: every due call made rightly, and nothing else
    verdict.errors[0].code      # "wrong_value"; the closed list is rlcall.verifier.codes.CODES
    verdict.share("values")     # 0.5: of the expected calls' leaves, or None where there are none

No completion makes it raise. A tool or an answer that cannot be used raises SchemaError or
AnswerError: that is a mistake of the data set, which `rlcall.data` finds when the rows are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, show_path
from rlcall.verifier import granular
from rlcall.verifier.answer import Answer, read_answer
from rlcall.verifier.codes import Error, without_repeats
from rlcall.verifier.comparison import Tally
from rlcall.verifier.examination import Examination
from rlcall.verifier.grade import Grade
from rlcall.verifier.match import CallPair, Matching, match
from rlcall.verifier.schema import compile_tools
from rlcall.verifier.values import canonical
from rlcall.verifier.verdict import Due, Verdict
from rlcall.wire.reading.parsed import EXCERPT

# What a pair of calls is worth while they are matched, unless a reward brings its own weights. They
# are those of the preset `graded`, written here as well so that `verify` reads no file; a test
# (tests/rules/test_bad_rewards.py) holds the two together.
WEIGHTS = {
    "name": 1.0,
    "parameters": 1.0,
    "types": 1.0,
    "values": 2.0,
    "nesting": 1.0,
    "chaining": 1.0,
}


def verify(
    completion: str | Mapping[str, Any],
    tools: str | Sequence[Mapping[str, Any]],
    answer: str | Mapping[str, Any] | None,
    *,
    wire: str = "auto",
    weights: Mapping[str, float] = WEIGHTS,
) -> Verdict:
    """Verify one completion (text, or an assistant message with `tool_calls`).

    `tools` (OpenAI form) and `answer` (as docs/rows.md has it) may be JSON text, which saves their
    encoding: what depends on the row alone is compiled once and cached on it. `weights` steer the
    matching of calls to expected calls only. Raises SchemaError or AnswerError for a row that
    cannot be used, ValueError for a `wire` that is not known.
    """
    tools_text = tools if isinstance(tools, str) else json.dumps(tools)
    wanted = read_answer(answer if isinstance(answer, str) else json.dumps(answer))
    definitions = _definitions(tools_text)
    compiled = compile_tools(tools_text)
    if wanted.granular:
        return granular.judge(completion, wanted, compiled, definitions)
    parsed = wires.parse(completion, definitions, wire)
    examination = Examination(parsed, compiled, None if wanted.calls is None else wanted)
    if wanted.calls is None:
        return _verdict(examination.parsed, wanted, "unknown", None, examination.errors())
    if wanted.calls == "any":
        return _judge_any(examination, wanted)
    if not wanted.calls:
        attempted = wires.attempts_call(completion, definitions, examination.parsed)
        return _judge_none(examination, wanted, attempted)
    return _judge_calls(examination, wanted, weights)


@lru_cache(maxsize=4096)
def _definitions(tools: str) -> list[dict[str, Any]]:
    """Return the tools in OpenAI form, with their dialects put right.

    Formats whose values have no types of their own read them by the tools'.
    """
    definitions = []
    for tool in compile_tools(tools).values():
        function = {"name": tool.name, "parameters": tool.parameters}
        definitions.append({"type": "function", "function": function})
    return definitions


def _verdict(
    parsed: wires.Parse,
    answer: Answer,
    due: Due,
    correct: bool | None,
    errors: Sequence[Error],
    surplus: int = 0,
    pairs: tuple[CallPair, ...] = (),
    links: Tally | None = None,
) -> Verdict:
    return Verdict(
        parsed.wire,
        due,
        parsed.calls,
        parsed.problems,
        tuple(errors),
        correct,
        answer,
        surplus,
        pairs,
        links,
    )


def _judge_none(examination: Examination, answer: Answer, attempted: bool) -> Verdict:
    parsed = examination.parsed
    errors: list[Error] = []
    surplus = 0
    if attempted or parsed.calls:
        errors.append(Error("call_not_due", "no call is due"))
        surplus = max(len(parsed.calls) + examination.unreadable, 1)
    return _verdict(parsed, answer, "none", not errors, errors, surplus)


def _judge_any(examination: Examination, answer: Answer) -> Verdict:
    """Judge where some valid call is due: the best one counts, and the others are surplus."""
    parsed = examination.parsed
    errors = examination.errors()
    surplus = max(len(parsed.calls) - 1, 0) + examination.unreadable
    if parsed.calls:
        grades = [_grade_validity(examination, index) for index in range(len(parsed.calls))]
        best = max(range(len(grades)), key=lambda index: _validity(grades[index]))
        pair = CallPair(0, best, grades[best])
        is_valid = _validity(grades[best]) == 3 and not examination.violations[best]
        errors = without_repeats([*errors, *_surplus_of_any(examination, best)])
    else:
        errors.append(Error("no_call", "some call is due and none was made"))
        pair = CallPair(0)
        is_valid = False
    correct = is_valid and not surplus and not examination.graph.faults
    return _verdict(parsed, answer, "any", correct, errors, surplus, (pair,))


def _surplus_of_any(examination: Examination, best: int) -> Iterator[Error]:
    """Yield what is beyond one valid call: arguments that its tool does not declare, and calls."""
    for index, call in enumerate(examination.calls):
        tool = examination.tools.get(call.name)
        if tool is None:
            continue
        for key, value in call.arguments.items():
            if not tool.declares((key,)):
                message = f"{value!r} should not be there"[:EXCERPT]
                yield Error("unknown_parameter", message, index, show_path((key,)))
    kept = _identity(examination.calls[best])
    for index, call in enumerate(examination.calls):
        if index != best:
            code = "duplicate_call" if _identity(call) == kept else "surplus_call"
            yield Error(code, f"{call.name!r} is called where one call is due", index)


def _grade_validity(examination: Examination, index: int) -> Grade | None:
    """Grade a call by its schema alone; None for a tool that the row does not have."""
    call = examination.calls[index]
    tool = examination.tools.get(call.name)
    if tool is None:
        return None
    missing = 0
    invalid = set()
    for violation in examination.violations[index]:
        if violation.code == "missing_parameter":
            missing += 1
        else:
            invalid.add(violation.path[:1])  # () of the arguments as a whole
    declared = [key for key in call.arguments if tool.declares((key,))]
    valid = sum((key,) not in invalid for key in declared)
    total = len(call.arguments) + missing + (() in invalid)
    return Grade(Tally(len(declared), total), Tally(valid, total), Tally(0, 0), nesting=None)


def _validity(grade: Grade | None) -> float:
    """Return 0 for no such tool, and 3 for a valid call."""
    return 0.0 if grade is None else 1.0 + grade.parameters.ratio + grade.types.ratio


def _judge_calls(examination: Examination, answer: Answer, weights: Mapping[str, float]) -> Verdict:
    parsed = examination.parsed
    matching = match(
        examination.calls,
        examination.graph,
        examination.violations,
        answer,
        examination.tools,
        weights,
    )
    errors = examination.errors() + _matching_errors(parsed.calls, answer, matching)
    errors = without_repeats(errors)
    surplus = len(matching.surplus) + examination.unreadable
    correct = not surplus and all(error.code in wires.NOTES for error in errors)
    links = matching.links if matching.links.total else None
    return _verdict(parsed, answer, "calls", correct, errors, surplus, matching.pairs, links)


def _matching_errors(calls: Sequence[Call], answer: Answer, matching: Matching) -> list[Error]:
    """Return what the matching shows: wrong pairs, missing and surplus calls, wrong links."""
    errors: list[Error] = []
    if not calls:
        errors.append(Error("no_call", "a call is due and none was made"))
    else:
        for pair in matching.pairs:
            errors += _pair_errors(pair, calls, answer)
    return [*errors, *_surplus_errors(calls, matching), *_link_errors(matching)]


def _pair_errors(pair: CallPair, calls: Sequence[Call], answer: Answer) -> Iterator[Error]:
    assert isinstance(answer.calls, tuple)
    wanted = answer.calls[pair.expected].name
    if pair.emitted is None:
        message = f"no call to {wanted!r} answers to expected call {pair.expected + 1}"
        yield Error("missing_call", message)
    elif pair.grade is None:
        message = f"expected a call to {wanted!r}, got {calls[pair.emitted].name!r}"
        yield Error("wrong_name", message, pair.emitted)
    else:
        for error in pair.grade.errors:
            yield Error(error.code, error.message, pair.emitted, show_path(error.path))


def _surplus_errors(calls: Sequence[Call], matching: Matching) -> Iterator[Error]:
    if not matching.surplus:
        return
    matched = set()
    for pair in matching.pairs:
        if pair.emitted is not None:
            matched.add(_identity(calls[pair.emitted]))
    for index in matching.surplus:
        call = calls[index]
        code = "duplicate_call" if _identity(call) in matched else "surplus_call"
        yield Error(code, f"{call.name!r} is called once more than is due", index)


def _identity(call: Call) -> str:
    return canonical([call.name, call.arguments])


def _link_errors(matching: Matching) -> Iterator[Error]:
    for edge in matching.wrong_edges:
        pair = matching.pairs[edge.user]
        if pair.grade is None:
            continue
        # A value that is wrong for itself has its error already.
        if not any(error.path == edge.path[: len(error.path)] for error in pair.grade.errors):
            message = "refers to the result of another call"
            yield Error("wrong_source", message, pair.emitted, show_path(edge.path))
    if matching.wrong_order:
        yield Error("wrong_order", "the row's sequence asks for another order")
