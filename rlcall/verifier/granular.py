"""Granular answers: names, the arguments of a given tool, or a reply in words, in the place of calls.

    verdict = judge('["f", "g"]', read_answer('{"names": ["f"]}'), tools, definitions)
    verdict.names, verdict.surplus, verdict.overlap     # ("f", "g"), 1, GranularOverlap(right=1, due=1, given=2)

The form is strict, reasoning and one code fence aside: a JSON list of names (for one name also `"f"` or f itself), a
JSON object of arguments, or text that holds neither data nor calls. Whatever else is `wrong_form` and earns nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, show_path
from rlcall.verifier.answer import Answer, AnswerError, ExpectedCall
from rlcall.verifier.codes import Error, without_repeats
from rlcall.verifier.grade import Grade, ValueDifference, grade_call
from rlcall.verifier.match import CallPair
from rlcall.verifier.replies import read_reply
from rlcall.verifier.schema import Tool, Violation
from rlcall.verifier.values import Absent
from rlcall.verifier.verdict import GranularOverlap, Verdict
from rlcall.wire.formats import openai
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bare import unfence
from rlcall.wire.reading.parsed import Unreadable
from rlcall.wire.reading.turn import own_text


def judge(
    completion: str | Mapping[str, Any],
    answer: Answer,
    tools: Mapping[str, Tool],
    definitions: wires.Tools,
) -> Verdict:
    """The verdict on a completion where names, arguments or a reply are due. `definitions`: the tools, OpenAI form."""
    try:
        text = _text(completion)
        if answer.granular == "names":
            return _judge_names(_read_names(text, tools), answer, tools)
        if answer.granular == "arguments":
            return _judge_arguments(_read_arguments(text), answer, tools)
        if wires.attempts_call(text, definitions):
            raise Unreadable("wrong_form", "a call, where a reply in words is asked for")
        return _judge_reply(text, answer)
    except Unreadable as error:
        return _unreadable(error, answer)


def _text(completion: str | Mapping[str, Any]) -> str:
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
    found = tuple(errors)
    return Verdict(
        "text",
        answer.granular,
        calls,
        (),
        found,
        not found,
        answer,
        surplus,
        pairs,
        names=names,
        overlap=overlap,
    )


def _unreadable(error: Unreadable, answer: Answer) -> Verdict:
    due = {"names": len(answer.names), "slots": len(answer.reply.slots) if answer.reply else 0}
    code = "wrong_form" if error.code in ("unreadable", "truncated") else error.code
    return _verdict(
        answer,
        [Error(code, error.message)],
        GranularOverlap(0, due.get(str(answer.granular), 1), 1),
        surplus=1,
    )


def gold_text(answer: Answer) -> str:
    """The right completion of a granular answer. AnswerError where it has no `reply` to imitate."""
    if answer.granular == "names":
        return json.dumps(answer.names, ensure_ascii=False)
    if answer.arguments is not None:
        return json.dumps(answer.arguments.arguments, ensure_ascii=False)
    if answer.reply is None or answer.reply.text is None:
        raise AnswerError("this answer has no `reply`, so there is no gold to render")
    return answer.reply.text


# Names


def _read_names(text: str, tools: Mapping[str, Tool]) -> tuple[str, ...]:
    source = unfence(text)
    if source in tools:
        return (source,)
    value = bounded_json.load(source)
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Unreadable("wrong_form", "JSON, but no list of names")
    return tuple(names)


def _judge_names(given: tuple[str, ...], answer: Answer, tools: Mapping[str, Tool]) -> Verdict:
    due, made = Counter(answer.names), Counter(given)
    errors = [*_name_errors(due, made, tools)]
    if due == made and answer.order == "sequence" and given != answer.names:
        errors.append(Error("wrong_order", f"expected {', '.join(answer.names)}"))
    overlap = GranularOverlap((due & made).total(), len(answer.names), len(given))
    return _verdict(answer, errors, overlap, max(len(given) - len(answer.names), 0), names=given)


def _name_errors(
    due: Counter[str], made: Counter[str], tools: Mapping[str, Tool]
) -> Iterator[Error]:
    for name in due - made:
        yield Error("missing_name", f"{name!r} is missing")
    for name in made:
        if name not in tools:
            yield Error(
                "unknown_tool",
                f"{name[:80]!r} is not among the row's tools: {', '.join(tools) or 'none'}",
            )
        elif made[name] > due[name]:
            yield Error(
                "surplus_name", f"{name!r} stands in the list {made[name]}x and is due {due[name]}x"
            )


# Arguments


def _read_arguments(text: str) -> dict[str, Any]:
    value = bounded_json.load(unfence(text))
    if not isinstance(value, dict):
        raise Unreadable("wrong_form", "JSON, but no object of arguments")
    return value


def _judge_arguments(given: dict[str, Any], answer: Answer, tools: Mapping[str, Tool]) -> Verdict:
    """As one call to the tool that the answer names; values are literal, since there is no call to refer to."""
    assert answer.arguments is not None
    expected, tool = answer.arguments, tools.get(answer.arguments.name)
    violations = tool.violations(given) if tool else []
    grade = grade_call(expected, given, tool, violations)
    errors = [
        *_argument_errors(expected, tool),
        *(Error(v.code, v.message, 0, show_path(v.path)) for v in violations),
    ]
    errors += [Error(fault.code, fault.message, 0, show_path(fault.path)) for fault in grade.errors]
    call, pair = Call(expected.name, given), CallPair(0, 0, grade)
    return _verdict(
        answer, without_repeats(errors), _pairs(grade, violations), calls=(call,), pairs=(pair,)
    )


def _argument_errors(expected: ExpectedCall, tool: Tool | None) -> Iterator[Error]:
    if tool is None:
        yield Error(
            "unknown_tool",
            f"{expected.name!r}, which the answer names, is not among the row's tools",
            0,
        )


def _pairs(grade: Grade, violations: list[Violation]) -> GranularOverlap:
    """Pairs of parameter and value. One left out, or added, with the effect of a default is no pair on either side."""
    faults: list[ValueDifference | Violation] = [*grade.errors, *violations]
    wrong = {fault.path[:1] for fault in faults}
    whole = [fault for fault in grade.errors if len(fault.path) == 1]
    missing = sum(fault.given is Absent for fault in whole)
    surplus = sum(fault.wanted is Absent for fault in whole)
    pairs = int(grade.parameters.total)
    right = pairs - len(
        wrong
    )  # below 0 where a required parameter may be left out by the answer, and is no pair
    return GranularOverlap(max(right, 0), pairs - surplus + max(-right, 0), pairs - missing)


# Replies


def _judge_reply(text: str, answer: Answer) -> Verdict:
    assert answer.reply is not None
    found = read_reply(text, answer.reply)
    due = len(answer.reply.slots)
    right = due - found.missing
    return _verdict(
        answer, found.errors, GranularOverlap(right, due, right + found.surplus), found.surplus
    )
