"""Granular answers: names, the arguments of a given tool, or a reply in words, instead of calls.

    verdict = judge('["f", "g"]', read_answer('{"names": ["f"]}'), tools, definitions)
    verdict.names       # ("f", "g")
    verdict.surplus     # 1
    verdict.overlap     # GranularOverlap(right=1, due=1, given=2)

The form is strict, reasoning and one code fence aside: a JSON list of names (for one name also
`"f"` or f itself), a JSON object of arguments, or text that holds neither data nor calls. Whatever
else is `wrong_form` and earns nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, show_path
from rlcall.verifier.answer import Answer, AnswerError
from rlcall.verifier.codes import Error, without_repeats
from rlcall.verifier.comparison import ValueDifference
from rlcall.verifier.grade import Grade, grade_call
from rlcall.verifier.match import CallPair
from rlcall.verifier.replies import read_reply
from rlcall.verifier.schema import Tool
from rlcall.verifier.values import Absent
from rlcall.verifier.verdict import GranularOverlap, Verdict
from rlcall.verifier.violations import Violation
from rlcall.wire.formats import openai
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bare import read_whole
from rlcall.wire.reading.parsed import Unreadable
from rlcall.wire.reading.reasoning import without_reasoning
from rlcall.wire.reading.turn import own_text


def judge(
    completion: str | Mapping[str, Any],
    answer: Answer,
    tools: Mapping[str, Tool],
    definitions: wires.Tools,
) -> Verdict:
    """Judge a completion where names, arguments or a reply are due.

    `definitions` are the tools in OpenAI form.
    """
    try:
        text = _text_of(completion)
        if answer.granular == "names":
            names = read_whole(text, lambda source: _read_names(source, tools))
            return _judge_names(names, answer, tools)
        if answer.granular == "arguments":
            return _judge_arguments(read_whole(text, _read_arguments), answer, tools)
        if wires.attempts_call(text, definitions):
            raise Unreadable("wrong_form", "a call, where a reply in words is asked for")
        return _judge_reply(without_reasoning(text).strip(), answer)
    except Unreadable as error:
        return _unreadable(error, answer)


def _text_of(completion: str | Mapping[str, Any]) -> str:
    if isinstance(completion, str):
        return own_text(completion)
    if completion.get("tool_calls"):
        raise Unreadable("wrong_form", "a call, and none is asked for")
    return own_text(openai.content_of(completion))


def _verdict(
    answer: Answer,
    errors: Iterable[Error],
    overlap: GranularOverlap,
    surplus: int = 0,
    calls: tuple[Call, ...] = (),
    pairs: tuple[CallPair, ...] = (),
    names: tuple[str, ...] = (),
) -> Verdict:
    assert answer.granular is not None
    errors = tuple(errors)
    return Verdict(
        wire="text",
        due=answer.granular,
        calls=calls,
        problems=(),
        errors=errors,
        correct=not errors,
        answer=answer,
        surplus=surplus,
        pairs=pairs,
        names=names,
        overlap=overlap,
    )


def _unreadable(error: Unreadable, answer: Answer) -> Verdict:
    """Judge what cannot be read, which is one thing given and none of those due."""
    if answer.granular == "names":
        due = len(answer.names)
    elif answer.reply is not None:
        due = len(answer.reply.slots)
    else:
        due = 1
    code = "wrong_form" if error.code in ("unreadable", "truncated") else error.code
    overlap = GranularOverlap(right=0, due=due, given=1)
    return _verdict(answer, [Error(code, error.message)], overlap, surplus=1)


def gold_text(answer: Answer) -> str:
    """Return the right completion of a granular answer.

    AnswerError where it has no `reply` to imitate.
    """
    if answer.granular == "names":
        return json.dumps(answer.names, ensure_ascii=False)
    if answer.arguments is not None:
        return json.dumps(answer.arguments.arguments, ensure_ascii=False)
    if answer.reply is None or answer.reply.text is None:
        raise AnswerError("this answer has no `reply`, so there is no gold to render")
    return answer.reply.text


# Names


def _read_names(source: str, tools: Mapping[str, Tool]) -> tuple[str, ...]:
    if source in tools:
        return (source,)
    value = bounded_json.load(source)
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Unreadable("wrong_form", "JSON, but no list of names")
    return tuple(names)


def _judge_names(names: tuple[str, ...], answer: Answer, tools: Mapping[str, Tool]) -> Verdict:
    expected, emitted = Counter(answer.names), Counter(names)
    errors = list(_name_errors(expected, emitted, tools))
    if expected == emitted and answer.order == "sequence" and names != answer.names:
        errors.append(Error("wrong_order", f"expected {', '.join(answer.names)}"))
    right = (expected & emitted).total()
    overlap = GranularOverlap(right, due=len(answer.names), given=len(names))
    surplus = max(len(names) - len(answer.names), 0)
    return _verdict(answer, errors, overlap, surplus, names=names)


def _name_errors(
    expected: Counter[str], emitted: Counter[str], tools: Mapping[str, Tool]
) -> Iterator[Error]:
    for name in expected - emitted:
        yield Error("missing_name", f"{name!r} is missing")
    for name, count in emitted.items():
        if name not in tools:
            names = ", ".join(tools) or "none"
            yield Error("unknown_tool", f"{name[:80]!r} is not among the row's tools: {names}")
        elif count > expected[name]:
            message = f"{name!r} is in the list {count}x and is due {expected[name]}x"
            yield Error("surplus_name", message)


# Arguments


def _read_arguments(source: str) -> dict[str, Any]:
    value = bounded_json.load(source)
    if not isinstance(value, dict):
        raise Unreadable("wrong_form", "JSON, but no object of arguments")
    return value


def _judge_arguments(
    arguments: dict[str, Any], answer: Answer, tools: Mapping[str, Tool]
) -> Verdict:
    """Judge as one call to the tool that the answer names, with literal values.

    There is no other call that a reference could mean.
    """
    assert answer.arguments is not None
    expected = answer.arguments
    tool = tools.get(expected.name)
    violations = tool.violations(arguments) if tool else []
    grade = grade_call(expected, arguments, tool, violations)
    errors = []
    if tool is None:
        message = f"{expected.name!r}, which the answer names, is not among the row's tools"
        errors.append(Error("unknown_tool", message, 0))
    faults: list[Violation | ValueDifference] = [*violations, *grade.errors]
    for fault in faults:
        errors.append(Error(fault.code, fault.message, 0, show_path(fault.path)))
    return _verdict(
        answer,
        without_repeats(errors),
        _overlap(grade, faults),
        calls=(Call(expected.name, arguments),),
        pairs=(CallPair(0, 0, grade),),
    )


def _overlap(grade: Grade, faults: Sequence[Violation | ValueDifference]) -> GranularOverlap:
    """Count pairs of parameter and value.

    One left out, or added, with the effect of a default is no pair on either side.
    """
    missing = surplus = 0
    for error in grade.errors:
        if len(error.path) == 1:
            missing += error.given is Absent
            surplus += error.wanted is Absent
    pairs = int(grade.parameters.total)
    wrong = {fault.path[:1] for fault in faults}
    # Below 0 where the schema requires a parameter that the answer makes optional: that is no pair.
    right = pairs - len(wrong)
    due = pairs - surplus + max(-right, 0)
    return GranularOverlap(max(right, 0), due, given=pairs - missing)


# Replies


def _judge_reply(text: str, answer: Answer) -> Verdict:
    assert answer.reply is not None
    report = read_reply(text, answer.reply)
    due = len(answer.reply.slots)
    right = due - report.missing
    overlap = GranularOverlap(right, due, given=right + report.surplus)
    return _verdict(answer, report.errors, overlap, report.surplus)
