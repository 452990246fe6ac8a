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
from rlcall.tasks.record import CallStep, RequestPart, RequestRecord, step_of, values_of
from rlcall.tasks.world import World, WorldTool, slots

TRIES = 200
ONE_WORLD = 0.7  # share of requests for several calls whose tools are all of one world
SAME_TOOL = 0.3  # share of parallel requests that ask one tool for two things
NEAR_SOURCE = 0.8  # share of nested calls that are to the same world, where that has any


class WorldError(UserError):
    """Worlds that have no such record; the message says what they lack."""


class ResultSource(NamedTuple):
    """A result that can take the place of an argument, and noun phrases for it."""

    tool: WorldTool
    field: str
    named: Sequence[str]


class Writer:
    """Words for calls. All choices come from one stream, so equal seeds give equal records."""

    def __init__(self, worlds: Sequence[World], options: Options, draw: Draw) -> None:
        self.worlds, self.options, self.draw = worlds, options, draw
        self.manners = MANNERS[draw.split]
        self.home = {tool.name: world for world in worlds for tool in world.tools}
        self.tools = [tool for world in worlds for tool in world.tools]
        self.sources: dict[str, list[ResultSource]] = {}
        for tool in self.tools:
            for name, result in tool.gives.items():
                source = ResultSource(tool, name, result.named)
                self.sources.setdefault(result.kind.name, []).append(source)
        self.chainable = [tool for tool in self.tools if self._nestable_slots(tool)]

    def kin(self, world: World) -> list[World]:
        """List the other worlds that may serve this one's requests, or this one theirs."""
        kin = []
        for other in self.worlds:
            is_kin = other.name in world.kin or world.name in other.kin
            if is_kin and other is not world:
                kin.append(other)
        return kin

    def single(self, tool: WorldTool | None = None) -> RequestRecord:
        """Ask for one call."""
        tool = tool or self.draw.choice(self.tools)
        phrase = self.draw.choice(tool.say)
        return self._record([self._part(tool, phrase)])

    def vague(self) -> tuple[str, WorldTool]:
        """Return a request that lacks what its tool needs, and the tool. WorldError."""
        tool = self._vague_tool()
        phrase = self.draw.choice(tool.vague)
        spoken = {}
        for slot in slots(phrase):
            spoken[slot] = tool.needs[slot].draw(self.draw).spoken
        return self.ask([phrase.format(**spoken)]), tool

    def parallel(self) -> RequestRecord:
        """Ask for independent calls, of one tool or several, in one request. WorldError."""
        count = self.draw.between(*self.options.calls)
        for _ in range(TRIES):
            parts = [self._clause(tool) for tool in self._tools_some_twice(count)]
            if self.draw.chance(self.options.ellipsis_share):
                parts = self._with_ellipsis(parts)
            steps = [step for part in parts for step in part.steps]
            calls = {(step.tool.name, repr(step.arguments)) for step in steps}
            if len(calls) == count:
                return self._record(parts)
        raise WorldError(f"these worlds have no {count} different calls for one request")

    def sequence(self) -> RequestRecord:
        """Ask for calls in an order that the words give; none uses another's result. WorldError."""
        count = self.draw.between(*self.options.calls)
        parts = [self._clause(tool) for tool in self._tools_of_one_world(count)]
        return self._record(parts, ordered=True)

    def nested(self) -> RequestRecord:
        """Ask for a call whose arguments are results of others, nested by `depth`. WorldError."""
        for _ in range(TRIES):
            if not self.chainable:
                break
            tool = self.draw.choice(self.chainable)
            phrase = self.draw.choice(tool.say)
            part = self._part(tool, phrase, self.draw.between(*self.options.depth) - 1)
            if len(part.steps) > 1:
                return self._record([part])
        raise WorldError(
            "no tool of these worlds gives what another one needs, so nothing can be nested"
        )

    def ask(self, clauses: Sequence[str]) -> str:
        """Put one clause, or several independent ones, as a person might."""
        return self._framer(False, len(clauses))(clauses)

    def _vague_tool(self) -> WorldTool:
        tool = self.draw.choice(self.tools)
        for _ in range(TRIES):
            if tool.vague:
                return tool
            tool = self.draw.choice(self.tools)
        raise WorldError("no tool of these worlds has a request that leaves something out")

    def _tools_of_one_world(self, count: int) -> list[WorldTool]:
        """Draw different tools, mostly of one world, as what people ask for at one time."""
        world = self.draw.choice(self.worlds)
        is_large = len(world.tools) >= count
        tools = list(world.tools if is_large and self.draw.chance(ONE_WORLD) else self.tools)
        if len(tools) < count:
            raise WorldError(
                f"these worlds have {len(tools)} tools, and {count} different ones were asked for"
            )
        return self.draw.sample(tools, count)

    def _tools_some_twice(self, count: int) -> list[WorldTool]:
        tools = self._tools_of_one_world(count)
        if self.draw.chance(SAME_TOOL):
            tools[-1] = tools[-2]
        return tools

    def _clause(self, tool: WorldTool) -> RequestPart:
        return self._part(tool, self.draw.choice(tool.clauses))

    def _with_ellipsis(self, parts: list[RequestPart]) -> list[RequestPart]:
        """Ask for "the same for ..." in the last place, where the part before it allows that."""
        (step,) = parts[-2].steps
        needs = step.tool.needs
        texts = [slot for slot, kind in needs.items() if kind.schema.get("type") == "string"]
        if len(texts) != 1:  # of two texts it would not be clear which one is meant
            return parts
        value = needs[texts[0]].draw(self.draw)
        changed = step_of(step.tool, {**values_of(step), texts[0]: value})
        words = self.draw.choice(self.manners.same).format(value.spoken)
        return [*parts[:-1], RequestPart(words, (changed,))]

    def _part(self, tool: WorldTool, phrase: str, depth: int = 0) -> RequestPart:
        steps: list[CallStep] = []
        text = self._write(tool, phrase, depth, steps, with_options=is_clause(phrase))
        return RequestPart(text, tuple(steps))

    def _write(
        self,
        tool: WorldTool,
        phrase: str,
        depth: int,
        steps: list[CallStep],
        with_options: bool = False,
    ) -> str:
        """Fill a phrase. The steps that its values come from are appended, then the step itself."""
        nestable = self._nestable_slots(tool) if depth > 0 else []
        chain = self.draw.choice(nestable) if nestable else None
        values: dict[str, Value] = {}
        for slot in tool.needs:
            if slot == chain:
                values[slot] = self._nest(tool, slot, depth, steps)
            else:
                values[slot] = self._different(tool, slot, values)
        text = phrase.format(**{slot: value.spoken for slot, value in values.items()})
        if with_options:
            for name, words in tool.add.items():
                if self.draw.chance(self.options.optional_share):
                    values[name] = tool.takes[name].draw(self.draw)
                    text += " " + self.draw.choice(words).format(**{name: values[name].spoken})
        steps.append(step_of(tool, values))
        return text

    def _different(self, tool: WorldTool, slot: str, values: Mapping[str, Value]) -> Value:
        """Draw a value that no slot of the same kind has: nothing is converted into itself."""
        kind = tool.needs[slot]
        same_kind = [name for name in values if tool.needs[name].name == kind.name]
        taken = [values[name].value for name in same_kind]
        for _ in range(TRIES):
            value = kind.draw(self.draw)
            if value.value not in taken:
                break
        return value

    def _nest(self, tool: WorldTool, slot: str, depth: int, steps: list[CallStep]) -> Value:
        """Return a value that is the result of a further call, which is appended to the steps."""
        sources = self._sources(tool, slot)
        home = self.home[tool.name]
        near = [source for source in sources if self.home[source.tool.name] is home]
        if near and self.draw.chance(NEAR_SOURCE):
            sources = near
        source = self.draw.choice(sources)
        phrase = self.draw.choice(source.named)
        spoken = self._write(source.tool, phrase, depth - 1, steps)
        label = f"var{len(steps)}"
        return Value(spoken, Reference(label, (source.field,)))

    def _nestable_slots(self, tool: WorldTool) -> list[str]:
        return [slot for slot in tool.needs if self._sources(tool, slot)]

    def _sources(self, tool: WorldTool, slot: str) -> list[ResultSource]:
        """List the results of other tools that fit a slot."""
        fitting = self.sources.get(tool.needs[slot].name, ())
        return [source for source in fitting if source.tool is not tool]

    def _record(self, parts: Sequence[RequestPart], ordered: bool = False) -> RequestRecord:
        frame = self._framer(ordered, len(parts))
        text = frame([part.text for part in parts])
        return RequestRecord(text, tuple(parts), ordered, self.draw.split, frame)

    def _framer(self, ordered: bool, count: int) -> Callable[[Sequence[str]], str]:
        """Choose the words around the clauses now; the function returned puts clauses into them."""
        manners, draw = self.manners, self.draw
        request = draw.choice(manners.requests)
        between, before_last = draw.choice(manners.conjunctions)
        places = [draw.choice(manners.first)]
        places += [draw.choice(manners.then) for _ in range(count - 2)]
        places.append(draw.choice(manners.last))

        def frame(clauses: Sequence[str]) -> str:
            if len(clauses) == 1:
                return _put(request, clauses[0])
            if ordered:
                steps = [place.format(step) for place, step in zip(places, clauses, strict=True)]
                return _put("{}", ", ".join(steps))
            return _put(request, between.join(clauses[:-1]) + before_last + clauses[-1])

        return frame


def _put(frame: str, phrase: str) -> str:
    """Put a clause into a frame; leave a sentence as it is."""
    return sentence(frame, phrase) if is_clause(phrase) else phrase
