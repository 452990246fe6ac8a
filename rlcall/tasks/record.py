"""A record: a request with the calls it asks for, before it becomes a row of one task or another.

writer = Writer(worlds, Options(), Draw(Random("seed"), "train"))
record = writer.nested()
record.text               # "Please convert the price of the red lamp to euros."
record.steps[1].arguments # {"amount": "$var1.price$", "to": "EUR"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from rlcall.calls import Reference, decode
from rlcall.data.rows import plain
from rlcall.tasks.draw import Value
from rlcall.tasks.world import WorldTool


@dataclass(frozen=True)
class CallStep:
    """One call, as an answer writes it: references in its arguments are text."""

    tool: WorldTool
    arguments: dict[str, Any]
    accept: dict[str, list[Any]] = field(default_factory=dict)
    compare: dict[str, str] = field(default_factory=dict)

    def to_answer(self, label: str | None = None) -> dict[str, Any]:
        """Write the call as an answer has it, without what is empty."""
        call: dict[str, Any] = {"name": self.tool.name, "arguments": self.arguments}
        extras = {"label": label, "accept": self.accept, "compare": self.compare}
        call.update((key, value) for key, value in extras.items() if value)
        return call


class RequestPart(NamedTuple):
    """One request of a record: its words, and the steps that serve it, what was asked for last."""

    text: str
    steps: tuple[CallStep, ...]


@dataclass(frozen=True)
class RequestRecord:
    """Requests in words, and the calls they ask for in an order in which they can be made."""

    text: str
    parts: tuple[RequestPart, ...]
    ordered: bool = False
    """Whether the words ask for this order."""
    split: str = "train"
    frame: Callable[[Sequence[str]], str] | None = None
    """Makes the text of the parts' words, so that it can be said again with fewer parts."""

    @cached_property
    def steps(self) -> tuple[CallStep, ...]:
        """The calls of all parts."""
        return tuple(step for part in self.parts for step in part.steps)

    @cached_property
    def tools(self) -> list[WorldTool]:
        """The tools of the calls, each once."""
        by_name = {step.tool.name: step.tool for step in self.steps}
        return list(by_name.values())

    def calls(self) -> list[dict[str, Any]]:
        """Write the calls as an answer has them, labelled where one may use another's result."""
        if len(self.steps) == len(self.parts):
            return [step.to_answer() for step in self.steps]
        return self.labelled_calls()

    def labelled_calls(self) -> list[dict[str, Any]]:
        """Write the calls as an answer has them, each with its label."""
        return [step.to_answer(f"var{number}") for number, step in enumerate(self.steps, 1)]

    def results(self) -> list[dict[str, Any]]:
        """Work out what the tools give back, each step with the true results of those before it."""
        results: list[dict[str, Any]] = []
        for step in self.steps:
            results.append(step.tool.execute(resolved(step.arguments, results), self.split))
        return results

    def first_part(self) -> RequestRecord:
        """Return the record with its first request only."""
        assert self.frame is not None
        first = self.parts[:1]
        return RequestRecord(self.frame([first[0].text]), first, False, self.split, self.frame)


def resolved(arguments: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Replace references by the results of earlier steps: `$var1.price$` -> 12.5."""
    return {name: _resolved(value, results) for name, value in arguments.items()}


def _resolved(value: Any, results: Sequence[Mapping[str, Any]]) -> Any:
    if isinstance(value, str):
        literal = value[1:] if value.startswith("$$") else decode(value)
        if isinstance(literal, Reference):
            position = int(literal.label.removeprefix("var"))
            return results[position - 1][str(literal.path[0])]
        return literal
    if isinstance(value, list):
        return [_resolved(item, results) for item in value]
    if isinstance(value, dict):
        return {key: _resolved(item, results) for key, item in value.items()}
    return value


def step_of(tool: WorldTool, values: Mapping[str, Value]) -> CallStep:
    """Return the step that these values make, its arguments in the schema's order."""
    arguments: dict[str, Any] = {}
    accept: dict[str, list[Any]] = {}
    compare: dict[str, str] = {}
    for name, kind in tool.kinds.items():
        if name not in values:
            continue
        value = values[name]
        is_reference = isinstance(value.value, Reference)
        arguments[name] = str(value.value) if is_reference else plain(value.value)
        if value.accept:
            accept[f"$.{name}"] = [plain(other) for other in value.accept]
        if kind.schema.get("uniqueItems"):  # said as `a, b and c`, where the order means nothing
            compare[f"$.{name}"] = "set"
    return CallStep(tool, arguments, accept, compare)


def values_of(step: CallStep) -> dict[str, Value]:
    """Return the step's arguments as values again."""
    values = {}
    for name, value in step.arguments.items():
        accept = [_resolved(other, ()) for other in step.accept.get(f"$.{name}", ())]
        values[name] = Value("", _resolved(value, ()), accept)
    return values
