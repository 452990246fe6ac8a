"""A world: a small library of tools, the words in which people ask for them, and their results.

    WorldTool(
        "get_forecast",
        "Forecast the weather of one day.",
        needs={"city": CITY.means("where"), "date": DATE.means("which day")},
        takes={"unit": choice("unit", "celsius fahrenheit").means("of heat", default="celsius")},
        say=["look up the forecast for {city} on {date}", "How will {city} be on {date}?"],
        add={"unit": ["in {unit}"]},
        vague=["look up the forecast for {city}"],
        gives={"high": Result(DEGREES, ["the highest temperature in {city} on {date}"])},
    )

A phrase that begins in lower case is a clause: an imperative that can be made polite and joined to
another. One that begins with a capital is a sentence of its own.
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

_BOUNDS = ("minimum", "maximum", "minItems")


@dataclass(frozen=True)
class Result:
    """A field of what a tool gives back, and noun phrases for it over the required slots."""

    kind: Kind
    named: Sequence[str]


@dataclass(frozen=True)
class WorldTool:
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
    """Works out `gives` from the arguments, where it can be computed.

    None: results are made up, the same for the same call.
    """
    like: Sequence[str] = ()
    """Tools of the same world that are easily taken for this one, and cannot do what it does."""
    source: Mapping[str, Any] | None = None
    """The definition as its author wrote it, which rows show; None for a tool defined here."""

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """All parameters."""
        return {**self.needs, **self.takes}

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The tool in OpenAI's form, with `returns`, the schema of its result."""
        if self.source is not None:
            return dict(self.source)
        properties = {name: dict(kind.schema) for name, kind in self.kinds.items()}
        parameters = {"type": "object", "properties": properties, "required": list(self.needs)}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        if self.gives:
            fields = {name: _unbounded(result.kind.schema) for name, result in self.gives.items()}
            function["returns"] = {"type": "object", "properties": fields}
        return {"type": "function", "function": function}

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """The requests that can be joined to others."""
        return tuple(phrase for phrase in self.say if is_clause(phrase))

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Values of the optional parameters that have one."""
        values = {}
        for name, kind in self.takes.items():
            if "default" in kind.schema:
                values[name] = kind.schema["default"]
        return values

    def execute(self, arguments: Mapping[str, Any], split: str) -> dict[str, Any]:
        """Return the result of a call, always the same. Optional arguments may be left out."""
        arguments = {**self.defaults, **arguments}
        if self.run:
            return dict(self.run(arguments))
        draw = Draw(Random(f"{self.name} {canonical(arguments)}"), split)
        fields = {name: result.kind.draw(draw).value for name, result in self.gives.items()}
        return fields or {"status": "done"}


@dataclass(frozen=True)
class World:
    """Tools that belong together. A world shares neither tool nor phrase with another split's."""

    name: str
    tools: Sequence[WorldTool]
    idle: Sequence[str]
    """Requests that none of its tools can answer, about the same things; without slots."""
    kin: frozenset[str] = frozenset()
    """Worlds of the same split that have tools which could serve requests of this one."""

    @cached_property
    def by_name(self) -> dict[str, WorldTool]:
        """The tools by name."""
        return {tool.name: tool for tool in self.tools}


def slots(phrase: str) -> list[str]:
    """List the parameters that a phrase names."""
    return [slot for _, slot, _, _ in string.Formatter().parse(phrase) if slot]


def is_open(schema: Mapping[str, Any]) -> bool:
    """Tell whether nobody can guess a parameter's value without being told."""
    if "default" in schema or "const" in schema:
        return False
    return "enum" not in schema or len(schema["enum"]) != 1


def _unbounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Drop a schema's bounds: they are for what people say, and a result may lie outside."""
    return {key: value for key, value in schema.items() if key not in _BOUNDS}
