"""A record: a request with the calls it asks for, before it becomes a row of one task or another.

writer = Writer(worlds, Options(), Draw(Random("seed"), "train"))
record = writer.nested()
record.text               # "Please convert the price of the red lamp to euros."
record.steps[1].arguments # {"amount": "$var1.price$", "to": "EUR"}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from rlcall.calls import Reference, decode
from rlcall.data.rows import plain
from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind
from rlcall.tasks.manners import MANNERS
from rlcall.tasks.options import Options
from rlcall.tasks.world import Tool, World, is_clause, slots

TRIES = 200
TWICE = 0.3  # share of parallel requests that ask one tool for two things


class WorldError(ValueError):
    """The worlds at hand have no such record; the message says what they lack."""


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
        return Record(self.frame([self.parts[0].text]), self.parts[:1], False, self.split, self.frame)


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
    return {key: _filled(item, results) for key, item in value.items()} if isinstance(value, dict) else value


class Source(NamedTuple):
    """A result that can stand in the place of an argument."""

    tool: Tool
    field: str
    named: Sequence[str]


class Writer:
    """Puts calls into words. All choices come from one stream, so equal seeds give equal records."""

    def __init__(self, worlds: Sequence[World], options: Options, draw: Draw) -> None:
        self.worlds, self.options, self.draw = worlds, options, draw
        self.manners = MANNERS[draw.split]
        self.home = {tool.name: world for world in worlds for tool in world.tools}
        self.tools = [tool for world in worlds for tool in world.tools]
        self.sources: dict[str, list[Source]] = {}
        for tool in self.tools:
            for name, result in tool.gives.items():
                self.sources.setdefault(result.kind.name, []).append(Source(tool, name, result.named))
        self.chainable = [tool for tool in self.tools if any(self._sources(tool, slot) for slot in tool.needs)]

    def single(self, tool: Tool | None = None) -> Record:
        """One call."""
        tool = tool or self.draw.choice(self.tools)
        return self._record([self._part(tool, self.draw.choice(tool.say), 0)])

    def vague(self) -> tuple[str, Tool]:
        """A request that lacks what its tool needs, and the tool."""
        tool = self.draw.choice(self.tools)
        for _ in range(TRIES):
            if tool.vague:
                break
            tool = self.draw.choice(self.tools)
        else:
            raise WorldError("no tool of these worlds has a request that leaves something out")
        phrase = self.draw.choice(tool.vague)
        values = {slot: tool.needs[slot].draw(self.draw) for slot in slots(phrase)}
        return self.ask([phrase.format(**{slot: value.spoken for slot, value in values.items()})]), tool

    def parallel(self) -> Record:
        """Independent calls, of one tool or several, in one request."""
        count = self.draw.between(*self.options.calls)
        return self._once_different(lambda: [self._clause(tool) for tool in self._some_twice(count)], count)

    def sequence(self) -> Record:
        """Calls in an order that the words give, without results passed on."""
        count = self.draw.between(*self.options.calls)
        parts = [self._clause(tool) for tool in self._tools_of_one_world(count)]
        return self._record(parts, ordered=True)

    def nested(self) -> Record:
        """A call whose arguments are results of other calls, as deep as the options say."""
        for _ in range(TRIES):
            if not self.chainable:
                break
            tool = self.draw.choice(self.chainable)
            part = self._part(tool, self.draw.choice(tool.say), self.draw.between(*self.options.depth) - 1)
            if len(part.steps) > 1:
                return self._record([part])
        raise WorldError("no tool of these worlds gives what another one needs, so nothing can be nested")

    def ask(self, clauses: Sequence[str]) -> str:
        """One clause, or several independent ones, as a person might put them."""
        return self._framer(False, len(clauses))(clauses)

    def _tools_of_one_world(self, count: int) -> list[Tool]:
        """Different tools, mostly of one world, as what people ask for at one time."""
        world = self.draw.choice(self.worlds)
        tools = list(world.tools if len(world.tools) >= count and self.draw.chance(0.7) else self.tools)
        if len(tools) < count:
            raise WorldError(f"these worlds have {len(tools)} tools, and {count} different ones were asked for")
        return self.draw.sample(tools, count)

    def _some_twice(self, count: int) -> list[Tool]:
        tools = self._tools_of_one_world(count)
        return [*tools[:-1], tools[-2]] if self.draw.chance(TWICE) else tools

    def _clause(self, tool: Tool) -> Part:
        return self._part(tool, self.draw.choice(tool.clauses), 0)

    def _once_different(self, make: Callable[[], list[Part]], count: int) -> Record:
        """Independent requests, some as "the same for ...". No two of their calls are equal."""
        for _ in range(TRIES):
            parts = make()
            if self.draw.chance(self.options.ellipsis_share) and (again := self._same_again(parts[-2])):
                parts = [*parts[:-2], parts[-2], again]
            calls = [(step.tool.name, repr(step.arguments)) for part in parts for step in part.steps]
            if len(set(calls)) == count:
                return self._record(parts)
        raise WorldError(f"these worlds have no {count} different calls for one request")

    def _same_again(self, part: Part) -> Part | None:
        """The part's call once more, with one argument changed: said by that argument alone."""
        (step,) = part.steps
        named = [slot for slot, kind in step.tool.needs.items() if kind.schema.get("type") == "string"]
        if not named or len(named) > 1:
            return None  # of two texts it would not be clear which one is meant
        value = step.tool.needs[named[0]].draw(self.draw)
        changed = _step(step.tool, {**_unread(step), named[0]: value})
        return Part(self.draw.choice(self.manners.same).format(value.spoken), (changed,))

    def _part(self, tool: Tool, phrase: str, depth: int) -> Part:
        steps: list[Step] = []
        text = self._write(tool, phrase, depth, steps, with_options=True)
        return Part(text, tuple(steps))

    def _write(self, tool: Tool, phrase: str, depth: int, steps: list[Step], with_options: bool = False) -> str:
        """Fill a phrase; the steps that its values come from are appended, then the step itself."""
        chain = self._slot_to_nest(tool, steps) if depth > 0 else None
        values: dict[str, Value] = {}
        for slot in tool.needs:
            nested = self._nest(tool, slot, depth, steps) if slot == chain else None
            values[slot] = nested or self._different(tool, slot, values)
        said = phrase.format(**{slot: value.spoken for slot, value in values.items()})
        if with_options and is_clause(phrase):
            for name, words in tool.add.items():
                if self.draw.chance(self.options.optional_share):
                    values[name] = tool.takes[name].draw(self.draw)
                    said += " " + self.draw.choice(words).format(**{name: values[name].spoken})
        steps.append(_step(tool, values))
        return said

    def _different(self, tool: Tool, slot: str, values: Mapping[str, Value]) -> Value:
        """A value for a slot, other than those of the slots of the same kind: nothing is converted into itself."""
        kind = tool.needs[slot]
        taken = [value.value for other, value in values.items() if tool.needs[other].name == kind.name]
        for _ in range(TRIES):
            value = kind.draw(self.draw)
            if value.value not in taken:
                break
        return value

    def _slot_to_nest(self, tool: Tool, steps: Sequence[Step]) -> str | None:
        fitting = [slot for slot in tool.needs if self._sources(tool, slot)]
        return self.draw.choice(fitting) if fitting else None

    def _nest(self, tool: Tool, slot: str, depth: int, steps: list[Step]) -> Value:
        """A value that is the result of a further call, which is appended to the steps."""
        sources = self._sources(tool, slot)
        own = self.home[tool.name]
        near = [source for source in sources if self.home[source.tool.name] is own]
        source = self.draw.choice(near if near and self.draw.chance(0.8) else sources)
        spoken = self._write(source.tool, self.draw.choice(source.named), depth - 1, steps)
        return Value(spoken, Reference(f"var{len(steps)}", (source.field,)))

    def _sources(self, tool: Tool, slot: str) -> list[Source]:
        return [source for source in self.sources.get(tool.needs[slot].name, ()) if source.tool is not tool]

    def _record(self, parts: Sequence[Part], ordered: bool = False) -> Record:
        renumbered = tuple(_renumbered(parts))
        frame = self._framer(ordered, len(parts))
        return Record(frame([part.text for part in parts]), renumbered, ordered, self.draw.split, frame)

    def _framer(self, ordered: bool, count: int) -> Callable[[Sequence[str]], str]:
        """Choose the words around the clauses now, and put clauses into them later."""
        manners, draw = self.manners, self.draw
        asked = draw.choice(manners.asked)
        between = draw.choice(manners.joined)
        order = [
            draw.choice(manners.first),
            *(draw.choice(manners.then) for _ in range(count - 2)),
            draw.choice(manners.last),
        ]

        def frame(clauses: Sequence[str]) -> str:
            if len(clauses) == 1:
                return _sentence(asked, clauses[0])
            if ordered:
                return _sentence("{}", ", ".join(words.format(c) for words, c in zip(order, clauses, strict=True)))
            return _sentence(asked, between[0].join(clauses[:-1]) + between[1] + clauses[-1])

        return frame


def _sentence(asked: str, clause: str) -> str:
    if not is_clause(clause):
        return clause
    said = asked.format(clause)
    return said[0].upper() + said[1:] if said[-1] in ".?" else said


def _step(tool: Tool, values: Mapping[str, Value]) -> Step:
    """The step that these values make, its arguments in the schema's order."""
    given = {name: values[name] for name in tool.kinds if name in values}
    arguments = {
        name: str(value.value) if isinstance(value.value, Reference) else plain(value.value)
        for name, value in given.items()
    }
    accept = {f"$.{name}": [plain(other) for other in value.accept] for name, value in given.items() if value.accept}
    return Step(tool, arguments, accept, _comparators(tool.kinds, arguments))


def _comparators(kinds: Mapping[str, Kind], arguments: Mapping[str, Any]) -> dict[str, str]:
    """Lists that were said as `a, b and c` are compared without their order."""
    return {f"$.{name}": "set" for name in arguments if kinds[name].schema.get("uniqueItems")}


def _unread(step: Step) -> dict[str, Value]:
    """The step's arguments as values again."""
    return {
        name: Value("", _filled(value, ()), [_filled(v, ()) for v in step.accept.get(f"$.{name}", ())])
        for name, value in step.arguments.items()
    }


def _renumbered(parts: Sequence[Part]) -> Iterator[Part]:
    """Labels count through the whole record; within a part they were counted from 1."""
    before = 0
    for part in parts:
        steps = tuple(_shifted(step, before) for step in part.steps)
        before += len(steps)
        yield Part(part.text, steps)


def _shifted(step: Step, by: int) -> Step:
    if not by or not any(
        isinstance(decode(value), Reference) for value in step.arguments.values() if isinstance(value, str)
    ):
        return step
    moved = {}
    for name, value in step.arguments.items():
        read = decode(value) if isinstance(value, str) and not value.startswith("$$") else value
        moved[name] = (
            str(Reference(f"var{int(read.label[3:]) + by}", read.path)) if isinstance(read, Reference) else value
        )
    return Step(step.tool, moved, step.accept, step.compare)
