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
from rlcall.tasks.kinds import Kind
from rlcall.tasks.world import Tool


@dataclass(frozen=True)
class Step:
    """One call, as an answer writes it: arguments with references as text, and what else is right."""

    tool: Tool
    arguments: dict[str, Any]
    accept: dict[str, list[Any]] = field(default_factory=dict)
    compare: dict[str, str] = field(default_factory=dict)

    def to_answer(self, label: str | None = None) -> dict[str, Any]:
        call: dict[str, Any] = {"name": self.tool.name, "arguments": self.arguments}
        given = {"label": label, "accept": self.accept, "compare": self.compare}
        return {**call, **{key: value for key, value in given.items() if value}}


class Part(NamedTuple):
    """One request of a record: its words, and the steps that serve it (the last one is what was asked)."""

    text: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Record:
    """Requests put into words, and the calls they ask for in an order in which they can be made."""

    text: str
    parts: tuple[Part, ...]
    ordered: bool = False
    """Whether the words ask for this order."""
    split: str = "train"
    frame: Callable[[Sequence[str]], str] | None = None
    """Turns the parts' words into the text, so that it can be said again with fewer parts."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for part in self.parts for step in part.steps)

    def results(self) -> list[dict[str, Any]]:
        """What the tools give back, each step with the true results of those before it."""
        results: list[dict[str, Any]] = []
        for step in self.steps:
            results.append(step.tool.execute(filled(step.arguments, results), self.split))
        return results

    def first_part(self) -> Record:
        """The record with its first request only."""
        assert self.frame is not None
        return Record(
            self.frame([self.parts[0].text]), self.parts[:1], False, self.split, self.frame
        )


def filled(arguments: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Arguments with the results of earlier steps in the place of their references: `$var1.price$` -> 12.5."""
    return {name: _filled(value, results) for name, value in arguments.items()}


def _filled(value: Any, results: Sequence[Mapping[str, Any]]) -> Any:
    if isinstance(value, str):
        read = value[1:] if value.startswith("$$") else decode(value)
        if isinstance(read, Reference):
            return results[int(read.label.removeprefix("var")) - 1][str(read.path[0])]
        return read
    if isinstance(value, list):
        return [_filled(item, results) for item in value]
    return (
        {key: _filled(item, results) for key, item in value.items()}
        if isinstance(value, dict)
        else value
    )


def step_of(tool: Tool, values: Mapping[str, Value]) -> Step:
    """The step that these values make, its arguments in the schema's order."""
    given = {name: values[name] for name in tool.kinds if name in values}
    arguments = {
        name: str(value.value) if isinstance(value.value, Reference) else plain(value.value)
        for name, value in given.items()
    }
    accept = {
        f"$.{name}": [plain(other) for other in value.accept]
        for name, value in given.items()
        if value.accept
    }
    return Step(tool, arguments, accept, _comparators(tool.kinds, arguments))


def _comparators(kinds: Mapping[str, Kind], arguments: Mapping[str, Any]) -> dict[str, str]:
    """Lists that were said as `a, b and c` are compared without their order."""
    return {f"$.{name}": "set" for name in arguments if kinds[name].schema.get("uniqueItems")}


def values_of(step: Step) -> dict[str, Value]:
    """The step's arguments as values again."""
    return {
        name: Value(
            "", _filled(value, ()), [_filled(v, ()) for v in step.accept.get(f"$.{name}", ())]
        )
        for name, value in step.arguments.items()
    }
