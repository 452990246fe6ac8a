"""Requests put into words: one call, several at once or in turn, or calls inside calls.

writer = Writer(worlds, Options(), Draw(Random("seed"), "train"))
writer.nested().text        # "Please convert the price of the red lamp to euros."
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rlcall.calls import Reference
from rlcall.errors import UserError
from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.manners import MANNERS, is_clause, sentence
from rlcall.tasks.options import Options
from rlcall.tasks.record import Part, Record, Step, step_of, values_of
from rlcall.tasks.world import Tool, World, slots

TRIES = 200
TWICE = 0.3  # share of parallel requests that ask one tool for two things


class WorldError(UserError):
    """The worlds at hand have no such record; the message says what they lack."""


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
                self.sources.setdefault(result.kind.name, []).append(
                    Source(tool, name, result.named)
                )
        self.chainable = [
            tool for tool in self.tools if any(self._sources(tool, slot) for slot in tool.needs)
        ]

    def kin(self, world: World) -> list[World]:
        """The other worlds that have tools which could serve a request of this one, or the other way round."""
        return [
            w
            for w in self.worlds
            if w is not world and (w.name in world.kin or world.name in w.kin)
        ]

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
        return self.ask(
            [phrase.format(**{slot: value.spoken for slot, value in values.items()})]
        ), tool

    def parallel(self) -> Record:
        """Independent calls, of one tool or several, in one request."""
        count = self.draw.between(*self.options.calls)
        return self._once_different(
            lambda: [self._clause(tool) for tool in self._some_twice(count)], count
        )

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
            part = self._part(
                tool, self.draw.choice(tool.say), self.draw.between(*self.options.depth) - 1
            )
            if len(part.steps) > 1:
                return self._record([part])
        raise WorldError(
            "no tool of these worlds gives what another one needs, so nothing can be nested"
        )

    def ask(self, clauses: Sequence[str]) -> str:
        """One clause, or several independent ones, as a person might put them."""
        return self._framer(False, len(clauses))(clauses)

    def _tools_of_one_world(self, count: int) -> list[Tool]:
        """Different tools, mostly of one world, as what people ask for at one time."""
        world = self.draw.choice(self.worlds)
        tools = list(
            world.tools if len(world.tools) >= count and self.draw.chance(0.7) else self.tools
        )
        if len(tools) < count:
            raise WorldError(
                f"these worlds have {len(tools)} tools, and {count} different ones were asked for"
            )
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
            if self.draw.chance(self.options.ellipsis_share) and (
                again := self._same_again(parts[-2])
            ):
                parts = [*parts[:-2], parts[-2], again]
            calls = [
                (step.tool.name, repr(step.arguments)) for part in parts for step in part.steps
            ]
            if len(set(calls)) == count:
                return self._record(parts)
        raise WorldError(f"these worlds have no {count} different calls for one request")

    def _same_again(self, part: Part) -> Part | None:
        """The part's call once more, with one argument changed: said by that argument alone."""
        (step,) = part.steps
        named = [
            slot for slot, kind in step.tool.needs.items() if kind.schema.get("type") == "string"
        ]
        if not named or len(named) > 1:
            return None  # of two texts it would not be clear which one is meant
        value = step.tool.needs[named[0]].draw(self.draw)
        changed = step_of(step.tool, {**values_of(step), named[0]: value})
        return Part(self.draw.choice(self.manners.same).format(value.spoken), (changed,))

    def _part(self, tool: Tool, phrase: str, depth: int) -> Part:
        steps: list[Step] = []
        text = self._write(tool, phrase, depth, steps, with_options=True)
        return Part(text, tuple(steps))

    def _write(
        self, tool: Tool, phrase: str, depth: int, steps: list[Step], with_options: bool = False
    ) -> str:
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
        steps.append(step_of(tool, values))
        return said

    def _different(self, tool: Tool, slot: str, values: Mapping[str, Value]) -> Value:
        """A value for a slot, other than those of the slots of the same kind: nothing is converted into itself."""
        kind = tool.needs[slot]
        taken = [
            value.value for other, value in values.items() if tool.needs[other].name == kind.name
        ]
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
        return [
            source
            for source in self.sources.get(tool.needs[slot].name, ())
            if source.tool is not tool
        ]

    def _record(self, parts: Sequence[Part], ordered: bool = False) -> Record:
        frame = self._framer(ordered, len(parts))
        return Record(
            frame([part.text for part in parts]), tuple(parts), ordered, self.draw.split, frame
        )

    def _framer(self, ordered: bool, count: int) -> Callable[[Sequence[str]], str]:
        """Choose the words around the clauses now, and put clauses into them later."""
        manners, draw = self.manners, self.draw
        asked = draw.choice(manners.requests)
        between = draw.choice(manners.conjunctions)
        order = [
            draw.choice(manners.first),
            *(draw.choice(manners.then) for _ in range(count - 2)),
            draw.choice(manners.last),
        ]

        def frame(clauses: Sequence[str]) -> str:
            if len(clauses) == 1:
                return _request(asked, clauses[0])
            if ordered:
                return _request(
                    "{}",
                    ", ".join(words.format(c) for words, c in zip(order, clauses, strict=True)),
                )
            return _request(asked, between[0].join(clauses[:-1]) + between[1] + clauses[-1])

        return frame


def _request(frame: str, clause: str) -> str:
    return sentence(frame, clause) if is_clause(clause) else clause
