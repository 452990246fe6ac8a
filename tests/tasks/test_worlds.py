"""The shipped worlds: sound, large enough, apart from one another, and executed for real."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from random import Random
from typing import Any

import jsonschema
import pytest

from rlcall.tasks.draw import SPLITS, Draw
from rlcall.tasks.kinds import choice
from rlcall.tasks.manners import MANNERS
from rlcall.tasks.shared_kinds import PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool, slots
from rlcall.tasks.worlds import NAMES, of_split
from tests.support.world_faults import faults

SPLIT_OF = {name: split for split, names in NAMES.items() for name in names}
WORLDS = [world for split in SPLITS for world in of_split(split)]
TOOLS = [(world, tool) for world in WORLDS for tool in world.tools]
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


def each_tool() -> Any:
    return pytest.mark.parametrize("world, tool", TOOLS, ids=lambda part: part.name)


def valid(value: Any, schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(value)


def drawn(tool: WorldTool, draw: Draw) -> dict[str, Any]:
    return {
        name: kind.draw(draw).value
        for name, kind in tool.kinds.items()
        if name in tool.needs or draw.chance(0.5)
    }


def test_there_are_enough() -> None:
    assert len(WORLDS) >= 12
    assert len(TOOLS) >= 150
    asked = {
        "phone",
        "calendar",
        "shop",
        "travel",
        "finance",
        "files",
        "maths",
        "databases",
        "home",
        "media",
        "health",
    }
    assert asked | {"developer"} <= {name for names in NAMES.values() for name in names}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_world_is_sound(world: World) -> None:
    assert faults(world) == []
    assert set(world.kin) <= set(NAMES[SPLIT_OF[world.name]])
    assert len(world.idle) >= 8


def test_faults_are_found() -> None:
    tool = WorldTool(
        "ring",
        "Ring somebody.",
        needs={"who": PERSON.means("who"), "when": TIME},
        say=["ring {who} at {when}", "call {who}.", "{who} is to be rung at {when}"],
        takes={"loud": choice("loud", "yes no").means("how")},
        add={"loud": ["very {who}"], "soft": ["softly"]},
        vague=["ring {who} at {when}"],
        gives={"answer": Result(PERSON, ["the answer of {who}"])},
        like=["call"],
    )
    lines = [fault.removeprefix("w.ring: ") for fault in faults(World("w", [tool], []))]
    beginnings = [
        "say 'call {who}.' must name", "vague 'ring {who} at {when}' names all",
        "'the answer of {who}' must name", "add 'loud': 'very {who}' must name it",
        "add 'soft': 'softly' must name it", "add and takes do not both have 'soft'",
        "like names 'call', which is no tool", "'when' has no description",
        "'call {who}.' ends like a sentence", "'{who} is to be rung at {when}' begins with a slot",
    ]  # fmt: skip
    assert len(lines) == len(beginnings)
    for line, beginning in zip(lines, beginnings, strict=True):
        assert line.startswith(beginning), line


def test_no_two_tools_are_alike() -> None:
    for said in (lambda tool: tool.name, lambda tool: tool.description.lower()):
        counts = Counter(said(tool) for _, tool in TOOLS)
        assert [one for one, count in counts.items() if count > 1] == []


def test_no_phrase_stands_in_two_splits() -> None:
    phrases = {
        split: {phrase for world in of_split(split) for phrase in words(world)} for split in SPLITS
    }
    manners = {
        split: {form for forms in vars(MANNERS[split]).values() for form in forms}
        for split in SPLITS
    }
    for one, other in combinations(SPLITS, 2):
        assert phrases[one] & phrases[other] == set()
        assert manners[one] & manners[other] == set()


def words(world: World) -> list[str]:
    tools = world.tools
    added = [
        phrase
        for tool in tools
        for phrases in tool.add.values()
        for phrase in phrases
        if len(phrase.split()) > 2
    ]
    named = [phrase for tool in tools for result in tool.gives.values() for phrase in result.named]
    return [
        *world.idle,
        *added,
        *named,
        *(phrase for tool in tools for phrase in (*tool.say, *tool.vague)),
    ]


@each_tool()
def test_what_is_drawn_fits_the_schema(world: World, tool: WorldTool) -> None:
    draw = Draw(Random(tool.name), SPLIT_OF[world.name])
    function = tool.definition["function"]
    jsonschema.Draft202012Validator.check_schema(function["parameters"])
    for _ in range(30):
        valid(drawn(tool, draw), function["parameters"])
        for kind in tool.kinds.values():
            value = kind.draw(draw)
            for accepted in value.accept:
                valid(accepted, dict(kind.schema))


@each_tool()
def test_a_default_fits_its_schema(world: World, tool: WorldTool) -> None:
    for name, value in tool.defaults.items():
        valid(value, dict(tool.kinds[name].schema))


@each_tool()
def test_a_result_is_what_the_tool_declares(world: World, tool: WorldTool) -> None:
    draw = Draw(Random(tool.name), SPLIT_OF[world.name])
    for _ in range(30):
        arguments = drawn(tool, draw)
        result = tool.execute(arguments, SPLIT_OF[world.name])
        assert result == tool.execute(json.loads(json.dumps(arguments)), SPLIT_OF[world.name])
        json.dumps(result, allow_nan=False)
        if tool.gives:
            assert set(result) == set(tool.gives)
            valid(result, tool.definition["function"]["returns"])


def test_many_results_are_computed() -> None:
    assert sum(tool.run is not None for _, tool in TOOLS) >= 30


@pytest.mark.parametrize("split", SPLITS)
def test_results_of_other_tools_can_flow_in(split: str) -> None:
    """Every producer's results are taken by every tool that has a parameter of the same kind."""
    tools = [tool for world in of_split(split) for tool in world.tools]
    draw = Draw(Random(f"flow {split}"), split)
    flows = 0
    for consumer in tools:
        for slot, kind in consumer.needs.items():
            for producer in tools:
                for field, result in producer.gives.items():
                    if result.kind.name == kind.name and producer is not consumer:
                        value = producer.execute(drawn(producer, draw), split)[field]
                        given = consumer.execute({**drawn(consumer, draw), slot: value}, split)
                        json.dumps(given, allow_nan=False)
                        flows += 1
    assert flows > 50


def test_each_kind_of_schema_occurs() -> None:
    seen: Counter[str] = Counter()
    for _, tool in TOOLS:
        for name, kind in tool.kinds.items():
            schema = kind.schema
            seen.update(
                [
                    str(schema["type"]),
                    *(key for key in ("enum", "minimum", "pattern", "default") if key in schema),
                ]
            )
            seen.update([f"format {schema['format']}"] if "format" in schema else [])
            seen.update(
                [f"list of {schema['items'].get('type')}"] if schema["type"] == "array" else []
            )
            seen.update(["optional"] if name in tool.takes else [])
    needed = [
        "string",
        "integer",
        "number",
        "boolean",
        "array",
        "object",
        "enum",
        "minimum",
        "pattern",
        "default",
    ]
    needed += ["format date", "format email", "list of string", "list of object", "optional"]
    assert {kind: seen[kind] for kind in needed if seen[kind] < 3} == {}


def test_phrases_name_real_slots() -> None:
    for _, tool in TOOLS:
        for phrase in (*tool.say, *tool.vague):
            assert set(slots(phrase)) <= set(tool.kinds)
