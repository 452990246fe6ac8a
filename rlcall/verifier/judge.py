"""The verifier: one completion, the row's tools and its answer in; everything known about it out.

    verdict = verify('<tool_call>{"name": "f", "arguments": {"a": 2}}</tool_call>', tools, {"calls": [...]})
    verdict.correct                 # the strict outcome: every due call made rightly, and nothing else done
    verdict.errors[0].code          # "wrong_value"; the closed list is rlcall.verifier.codes.CODES
    verdict.share("values")         # 0.5: of the expected calls' leaves, or None where the row has none

No completion makes it raise. A tool or an answer that cannot be used raises SchemaError or AnswerError: that is a
mistake of the data set, which `rlcall.data` finds when the rows are read.
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
from rlcall.verifier.grade import Grade, Tally
from rlcall.verifier.graph import resolve
from rlcall.verifier.keywords import Budget
from rlcall.verifier.match import CallPair, Matching, match
from rlcall.verifier.schema import Tool, Violation, compile_tools
from rlcall.verifier.values import canonical
from rlcall.verifier.verdict import Due, Verdict

__all__ = ["WEIGHTS", "Verdict", "verify"]

# What a pair of calls is worth while they are matched, unless a reward brings its own weights.
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

    `tools` (OpenAI form) and `answer` (DESIGN's row) may be JSON text, which saves their encoding: what depends on
    the row alone is compiled once and cached on it. `weights` steer the matching of calls to expected calls only.
    """
    tools_text = tools if isinstance(tools, str) else json.dumps(tools)
    wanted = read_answer(answer if isinstance(answer, str) else json.dumps(answer))
    definitions = _definitions(tools_text)
    if wanted.granular:
        return granular.judge(completion, wanted, compile_tools(tools_text), definitions)
    examined = _Examined(
        wires.parse(completion, definitions, wire), compile_tools(tools_text), wanted
    )
    if wanted.calls is None:
        return examined.verdict("unknown", None, examined.errors())
    if wanted.calls == "any":
        return _judge_any(examined)
    if not wanted.calls:
        return _judge_none(examined, wires.attempts_call(completion, definitions, examined.parsed))
    return _judge_calls(examined, weights)


@lru_cache(maxsize=4096)
def _definitions(tools: str) -> list[dict[str, Any]]:
    """The tools in OpenAI form with their dialects normalised, for formats whose values have no types of their own."""
    return [
        {"type": "function", "function": {"name": tool.name, "parameters": tool.parameters}}
        for tool in compile_tools(tools).values()
    ]


class _Examined:
    """A parsed completion with what its tools' schemas say of it, whatever the answer is."""

    def __init__(self, parsed: wires.Parse, tools: Mapping[str, Tool], answer: Answer) -> None:
        self.parsed, self.tools, self.answer = parsed, tools, answer
        self.calls = parsed.calls
        self.graph = resolve(self.calls)
        budget = Budget()
        self.violations = [self._violations(call, budget) for call in self.calls]
        self.unreadable = sum(problem.code in wires.SURPLUS for problem in parsed.problems)

    def _violations(self, call: Call, budget: Budget) -> list[Violation]:
        tool = self.tools.get(call.name)
        return tool.violations(call.arguments, budget) if tool else []

    def errors(self) -> list[Error]:
        """What is wrong without looking at the answer: problems of form, of the schemas, of the references."""
        form = [Error(problem.code, problem.message) for problem in self.parsed.problems]
        calls = [error for index in range(len(self.calls)) for error in self._call_errors(index)]
        return form + calls + self._graph_errors()

    def _call_errors(self, index: int) -> list[Error]:
        if self.calls[index].name not in self.tools:
            known = ", ".join(self.tools) or "none"
            return [
                Error(
                    "unknown_tool",
                    f"{self.calls[index].name!r} is not among the row's tools: {known}",
                    index,
                )
            ]
        return [Error(v.code, v.message, index, show_path(v.path)) for v in self.violations[index]]

    def _graph_errors(self) -> list[Error]:
        faults = [
            (f.code, f"{f.reference} {_FAULTS[f.code]}", f.user, f.path) for f in self.graph.faults
        ]
        for edge in self.graph.edges:
            user, source = (
                self.tools.get(self.calls[index].name) for index in (edge.user, edge.source)
            )
            if (
                user
                and source
                and (fault := source.output_fault(edge.result_path, user.types(edge.path)))
            ):
                faults.append((*fault, edge.user, edge.path))
        return [Error(code, message, user, show_path(path)) for code, message, user, path in faults]

    def verdict(
        self, due: Due, correct: bool | None, errors: Sequence[Error], **known: Any
    ) -> Verdict:
        parsed = self.parsed
        return Verdict(
            parsed.wire,
            due,
            self.calls,
            parsed.problems,
            tuple(errors),
            correct,
            self.answer,
            **known,
        )


_FAULTS = {
    "dangling_reference": "refers to no call",
    "forward_reference": "refers to this call or a later one",
    "cyclic_reference": "closes a circle of calls that wait for one another",
}


def _judge_none(examined: _Examined, attempted: bool) -> Verdict:
    called = attempted or bool(examined.calls)
    errors = [Error("call_not_due", "no call is due")] if called else []
    surplus = max(len(examined.calls) + examined.unreadable, 1) if called else 0
    return examined.verdict("none", not called, errors, surplus=surplus)


def _judge_any(examined: _Examined) -> Verdict:
    """Some valid call is due, one: the best of those made answers for it, the others are surplus."""
    errors = examined.errors()
    grades = [_grade_validity(examined, index) for index in range(len(examined.calls))]
    best = max(range(len(grades)), key=lambda i: _validity(grades[i]), default=None)
    pair = CallPair(0, best, None if best is None else grades[best])
    surplus = max(len(examined.calls) - 1, 0) + examined.unreadable
    if best is None:
        errors.append(Error("no_call", "some call is due and none was made"))
    correct = (
        best is not None
        and _validity(grades[best]) == 3
        and not surplus
        and not examined.graph.faults
    )
    return examined.verdict("any", correct, errors, surplus=surplus, pairs=(pair,))


def _grade_validity(examined: _Examined, index: int) -> Grade | None:
    """A grade from the schema alone; None for a tool that the row does not have."""
    call = examined.calls[index]
    tool = examined.tools.get(call.name)
    if tool is None:
        return None
    missing = sum(violation.code == "missing_parameter" for violation in examined.violations[index])
    known = sum(tool.declares((key,)) for key in call.arguments)
    invalid = {
        v.path[0] for v in examined.violations[index] if v.path and v.code != "missing_parameter"
    }
    sound = sum(key not in invalid and tool.declares((key,)) for key in call.arguments)
    total = len(call.arguments) + missing
    return Grade(Tally(known, total), Tally(sound, total), Tally(0, 0), None)


def _validity(grade: Grade | None) -> float:
    return 0.0 if grade is None else 1.0 + grade.parameters.ratio + grade.types.ratio


def _judge_calls(examined: _Examined, weights: Mapping[str, float]) -> Verdict:
    matching = match(
        examined.calls,
        examined.graph,
        examined.violations,
        examined.answer,
        examined.tools,
        weights,
    )
    errors = without_repeats(examined.errors() + list(_matching_errors(examined, matching)))
    surplus = len(matching.surplus) + examined.unreadable
    faultless = not surplus and all(error.code in wires.NOTES for error in errors)
    has_links = bool(matching.links.total)
    return examined.verdict(
        "calls",
        faultless,
        errors,
        surplus=surplus,
        pairs=matching.pairs,
        links=matching.links if has_links else None,
    )


def _matching_errors(examined: _Examined, matching: Matching) -> Iterator[Error]:
    assert isinstance(examined.answer.calls, tuple)
    for pair in matching.pairs:
        wanted = examined.answer.calls[pair.expected]
        if not examined.calls:
            continue
        if pair.emitted is None:
            yield Error(
                "missing_call",
                f"no call to {wanted.name!r} answers to expected call {pair.expected + 1}",
            )
        elif pair.grade is None:
            given = examined.calls[pair.emitted].name
            yield Error(
                "wrong_name", f"expected a call to {wanted.name!r}, got {given!r}", pair.emitted
            )
        else:
            for fault in pair.grade.errors:
                yield Error(fault.code, fault.message, pair.emitted, show_path(fault.path))
    if not examined.calls:
        yield Error("no_call", "a call is due and none was made")
    yield from _surplus_errors(examined, matching)
    yield from _link_errors(matching)


def _surplus_errors(examined: _Examined, matching: Matching) -> Iterator[Error]:
    if not matching.surplus:
        return
    used = {
        _identity(examined.calls[pair.emitted])
        for pair in matching.pairs
        if pair.emitted is not None
    }
    for index in matching.surplus:
        call = examined.calls[index]
        code = "duplicate_call" if _identity(call) in used else "surplus_call"
        yield Error(code, f"{call.name!r} is called once more than is due", index)


def _identity(call: Call) -> str:
    return canonical([call.name, call.arguments])


def _link_errors(matching: Matching) -> Iterator[Error]:
    for edge in matching.wrong_edges:
        pair = matching.pairs[edge.user]
        if pair.grade is not None and not any(
            v.path == edge.path[: len(v.path)] for v in pair.grade.errors
        ):
            yield Error(
                "wrong_source",
                "refers to the result of another call",
                pair.emitted,
                show_path(edge.path),
            )
    if matching.wrong_order:
        yield Error("wrong_order", "the row's sequence asks for another order")
