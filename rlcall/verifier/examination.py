"""A completion examined without its answer: calls under their schemas, references as a graph.

examination = Examination(wire.parse(completion, definitions), compile_tools(tools))
examination.errors()    # [Error("missing_parameter", "'city' is a required property", 0, "$.city")]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rlcall import wire as wires
from rlcall.calls import Call, show_path, without_reference_texts
from rlcall.verifier.answer import Answer
from rlcall.verifier.codes import Error
from rlcall.verifier.graph import resolve
from rlcall.verifier.keywords.budget import Budget
from rlcall.verifier.schema import Tool
from rlcall.verifier.violations import Violation

_FAULTS = {
    "dangling_reference": "refers to no call",
    "forward_reference": "refers to this call or a later one",
    "cyclic_reference": "closes a circle of calls that wait for one another",
}


def _without_reference_texts(parsed: wires.Parse) -> wires.Parse:
    calls = []
    for call in parsed.calls:
        calls.append(replace(call, arguments=without_reference_texts(call.arguments)))
    return replace(parsed, calls=tuple(calls))


class Examination:
    """A completion's `calls`, the `violations` of each, their `graph`, and `unreadable` blocks.

    Where the answer is known and has no `chains`, a text such as "$x$" is that text, as LaTeX and
    shells write it.
    """

    def __init__(
        self, parsed: wires.Parse, tools: Mapping[str, Tool], answer: Answer | None = None
    ) -> None:
        self.tools = tools
        self.graph = resolve(parsed.calls)
        has_references = bool(self.graph.edges or self.graph.faults)
        if has_references and answer is not None and not answer.chains:
            parsed = _without_reference_texts(parsed)
            self.graph = resolve(parsed.calls)
        self.parsed = parsed
        self.calls = parsed.calls
        budget = Budget()  # one for all calls: more of them may not take longer
        self.violations = [self._violations(call, budget) for call in self.calls]
        self.unreadable = sum(problem.code in wires.SURPLUS for problem in parsed.problems)

    def _violations(self, call: Call, budget: Budget) -> list[Violation]:
        tool = self.tools.get(call.name)
        return tool.violations(call.arguments, budget) if tool else []

    def errors(self) -> list[Error]:
        """Return what is wrong whatever the answer: in the text, by the schemas, in references."""
        errors = [Error(problem.code, problem.message) for problem in self.parsed.problems]
        for index in range(len(self.calls)):
            errors += self._call_errors(index)
        return errors + self._graph_errors()

    def _call_errors(self, index: int) -> list[Error]:
        name = self.calls[index].name
        if name not in self.tools:
            tools = ", ".join(self.tools) or "none"
            return [Error("unknown_tool", f"{name!r} is not among the row's tools: {tools}", index)]
        violations = self.violations[index]
        return [Error(v.code, v.message, index, show_path(v.path)) for v in violations]

    def _graph_errors(self) -> list[Error]:
        errors = []
        for fault in self.graph.faults:
            message = f"{fault.reference} {_FAULTS[fault.code]}"
            errors.append(Error(fault.code, message, fault.user, show_path(fault.path)))
        for edge in self.graph.edges:
            user = self.tools.get(self.calls[edge.user].name)
            source = self.tools.get(self.calls[edge.source].name)
            if user is None or source is None:
                continue
            fault_of_output = source.output_fault(edge.result_path, user.types(edge.path))
            if fault_of_output is not None:
                errors.append(Error(*fault_of_output, edge.user, show_path(edge.path)))
        return errors
