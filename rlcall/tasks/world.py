"""A world: a small library of tools, with the words in which people ask for them and what the tools give back.

    Tool(
        "get_forecast",
        "Forecast the weather of one day.",
        needs={"city": CITY.means("where"), "date": DATE.means("which day")},
        takes={"unit": choice("unit", "celsius fahrenheit").means("of temperatures", default="celsius")},
        say=["look up the forecast for {city} on {date}", "How will the weather be in {city} on {date}?"],
        add={"unit": ["in {unit}"]},
        vague=["look up the forecast for {city}"],
        gives={"high": Result(DEGREES, ["the highest temperature in {city} on {date}"])},
    )

A phrase that begins in lower case is a clause: an imperative that can be made polite and joined to another. One that
begins with a capital is a sentence of its own.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from rlcall.tasks.draw import Draw
from rlcall.tasks.kinds import Kind
from rlcall.tasks.manners import is_clause
from rlcall.verifier.values import canonical


@dataclass(frozen=True)
class Result:
    """A field of what a tool gives back: its kind, and noun phrases for it over the tool's required slots."""

    kind: Kind
    named: Sequence[str]


@dataclass(frozen=True)
class Tool:
    """One tool and its words. Phrases hold slots `{parameter}`."""

    name: str
    description: str
    needs: Mapping[str, Kind]
    """Required parameters."""
    say: Sequence[str]
    """Requests. Each names every required parameter."""
    takes: Mapping[str, Kind] = field(default_factory=dict)
    """Optional parameters."""
    add: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Words put after a clause to give an optional parameter."""
    vague: Sequence[str] = ()
    """Requests that leave out a required parameter, so that no call can be made yet."""
    gives: Mapping[str, Result] = field(default_factory=dict)
    """Fields of the result."""
    run: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Works out `gives` from the arguments, where it can be computed; None: made up, the same for the same call."""
    like: Sequence[str] = ()
    """Tools of the same world that are easily taken for this one, and cannot do what it does."""
    given: Mapping[str, Any] | None = None
    """The definition as its author wrote it, for a tool that is not defined here: rows show it as it is."""

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        return {**self.needs, **self.takes}

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The tool in OpenAI's form, with `returns`, the schema of its result."""
        if self.given is not None:
            return dict(self.given)
        properties = {name: dict(kind.schema) for name, kind in self.kinds.items()}
        parameters = {"type": "object", "properties": properties, "required": list(self.needs)}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        if self.gives:
            fields = {
                name: _result_schema(result.kind.schema) for name, result in self.gives.items()
            }
            function["returns"] = {"type": "object", "properties": fields}
        return {"type": "function", "function": function}

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        return tuple(phrase for phrase in self.say if is_clause(phrase))

    def execute(self, arguments: Mapping[str, Any], split: str) -> dict[str, Any]:
        """The result of a call, the same at every time and place. Optional arguments may be left out."""
        if self.run:
            return dict(self.run({**self.defaults, **arguments}))
        draw = Draw(Random(f"{self.name} {canonical({**self.defaults, **arguments})}"), split)
        return {name: result.kind.draw(draw).value for name, result in self.gives.items()} or {
            "status": "done"
        }

    @cached_property
    def defaults(self) -> dict[str, Any]:
        return {
            name: kind.schema["default"]
            for name, kind in self.takes.items()
            if "default" in kind.schema
        }


@dataclass(frozen=True)
class World:
    """Tools that belong together. A world belongs to one split, and shares neither tool nor phrase with another."""

    name: str
    split: str
    tools: Sequence[Tool]
    idle: Sequence[str]
    """Requests that none of its tools can answer, though they are about the same things; without slots."""
    kin: frozenset[str] = frozenset()
    """Worlds of the same split that have tools which could serve requests of this one."""

    @cached_property
    def by_name(self) -> dict[str, Tool]:
        return {tool.name: tool for tool in self.tools}


def _result_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A kind's schema without its bounds: they are for what people say, and a result may lie outside."""
    return {
        key: value for key, value in schema.items() if key not in ("minimum", "maximum", "minItems")
    }


def slots(phrase: str) -> list[str]:
    """The parameters that a phrase names."""
    return [slot for _, slot, _, _ in string.Formatter().parse(phrase) if slot]


def faults(world: World) -> list[str]:
    """What an author should mend: one line each, empty for a sound world."""
    return [
        f"{world.name}.{tool.name}: {fault}"
        for tool in world.tools
        for fault in _tool_faults(world, tool)
    ]


def _tool_faults(world: World, tool: Tool) -> list[str]:
    needs, kinds = set(tool.needs), set(tool.kinds)
    found = [f"say {p!r} must name {needs}" for p in tool.say if set(slots(p)) != needs]
    found += [f"vague {p!r} names all it needs" for p in tool.vague if not set(slots(p)) < needs]
    found += [
        f"{p!r} must name {needs}"
        for r in tool.gives.values()
        for p in r.named
        if set(slots(p)) != needs
    ]
    found += [
        f"add {name!r}: {p!r} must name it"
        for name, ps in tool.add.items()
        for p in ps
        if slots(p) != [name]
    ]
    found += [
        f"add names {name!r}, which it does not take" for name in set(tool.add) ^ set(tool.takes)
    ]
    found += [
        f"like names {name!r}, which is no tool here"
        for name in set(tool.like) - set(world.by_name)
    ]
    found += [
        f"{name!r} has no description"
        for name in kinds
        if "description" not in tool.kinds[name].schema
    ]
    found += [f"{part!r} ends like a sentence" for part in tool.clauses if part[-1] in ".?!"]
    found += [f"{p!r} begins with a slot" for p in (*tool.say, *tool.vague) if p[0] == "{"]
    found += [] if len(tool.clauses) >= 2 else ["needs at least two clauses in say"]
    found += (
        []
        if tool.vague or not any(is_open(kind.schema) for kind in tool.needs.values())
        else ["needs a vague request"]
    )
    return found


def is_open(schema: Mapping[str, Any]) -> bool:
    """Whether nobody can tell a parameter's value who was not given it."""
    return not ("default" in schema or "const" in schema or len(schema.get("enum", "..")) == 1)
