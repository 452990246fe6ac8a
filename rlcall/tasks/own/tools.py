"""Worlds from a user's own tools: arguments drawn from each schema, requests by a general grammar.

worlds = worlds_of("my_tools.json", "train", notes := [])
generate(worlds, mixture, 1000, seed=0)     # rows that show the tools exactly as the file does
notes       # ["tool 'f' is set aside: parameter 'x': its `enum` holds nothing. List at least ..."]
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rlcall.tasks.kinds import Kind
from rlcall.tasks.own.closeness import Closeness, apart, closeness_of
from rlcall.tasks.own.definitions import (
    Definition,
    OwnToolsError,
    check_definitions,
    read_definitions,
)
from rlcall.tasks.own.kinds import ParameterKinds, linked, result_kinds
from rlcall.tasks.own.phrases import IDLE, Phrases
from rlcall.tasks.own.place import CannotDraw
from rlcall.tasks.own.words import clauses, name_words, parameter_words
from rlcall.tasks.world import Result, World, WorldTool, is_open
from rlcall.verifier.schema import SchemaError, compile_tool


def worlds_of(
    source: str | os.PathLike[str] | Sequence[Definition],
    split: str,
    notes: list[str] | None = None,
) -> list[World]:
    """Make worlds of these tools for one split: the same tools in each, other templates and values.

    Tools that are easily taken for one another share a world; those that may do the same do not,
    and their worlds are kin. `notes` gets a line for each tool that cannot be used. OwnToolsError
    where none remains.
    """
    notes = [] if notes is None else notes
    if isinstance(source, str | os.PathLike):
        name, definitions = os.fspath(source), read_definitions(source)
    else:
        name, definitions = "tools", check_definitions(source)
    tools = list(_distinct(_tools(definitions, split, notes), notes))
    if not tools:
        reasons = "\n".join(f"  {note}" for note in notes)
        raise OwnToolsError(f"{name}: no tool can be used:\n{reasons}")
    near = closeness_of(tools)
    return [_world(members, kin, tools, near, split) for members, kin in apart(near)]


def _tools(definitions: Sequence[Definition], split: str, notes: list[str]) -> list[WorldTool]:
    """Return the tools that can be used, their results linked to parameters that take them."""
    usable: list[tuple[Definition, ParameterKinds, dict[str, Kind]]] = []
    for definition in definitions:
        try:
            compiled = compile_tool(json.dumps(definition))
            parameters = ParameterKinds(compiled, split)
        except (SchemaError, CannotDraw) as error:
            tool = f"tool {definition['function']['name']!r}"
            remedy = "" if isinstance(error, CannotDraw) else ". Correct its JSON Schema."
            notes.append(f"{tool} is set aside: {str(error).removeprefix(f'{tool}: ')}{remedy}")
            continue
        results, faults = result_kinds(compiled, split)
        notes += faults
        usable.append((definition, parameters, results))
    wanted = [kind for _, parameters, _ in usable for kind in parameters.needs.values()]
    tools = []
    for definition, parameters, results in usable:
        links = {name: linked(kind, wanted, split) for name, kind in results.items()}
        tools.append(_tool(definition, parameters, links, split))
    return tools


def _tool(
    definition: Definition, parameters: ParameterKinds, results: Mapping[str, Kind], split: str
) -> WorldTool:
    function = definition["function"]
    name, description = function["name"], function.get("description") or ""
    spoken = _spoken_names({**parameters.needs, **parameters.takes})
    spoken_needs = {need: spoken[need] for need in parameters.needs}
    phrases = Phrases(name, description, spoken_needs, split)
    additions = {option: phrases.add(option, spoken[option]) for option in parameters.takes}
    gives = {field: Result(kind, phrases.named(field)) for field, kind in results.items()}
    return WorldTool(
        name,
        description,
        needs=parameters.needs,
        takes=parameters.takes,
        say=phrases.say(),
        add=additions,
        vague=phrases.vague(_open(parameters.needs)),
        gives=gives,
        source=definition,
    )


def _spoken_names(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Put parameters' names into words; where two would be the same words, leave them."""
    words = {}
    for name, kind in kinds.items():
        is_flag = kind.schema.get("type") == "boolean"
        words[name] = (
            name_words(name) if is_flag else parameter_words(name, kind.schema["description"])
        )
    all_words = list(words.values())
    return {name: said if all_words.count(said) == 1 else name for name, said in words.items()}


def _open(needs: Mapping[str, Kind]) -> list[str]:
    """List parameters that nobody can guess: texts and numbers, or else those with few values."""
    unknown = {name: kind.schema for name, kind in needs.items() if is_open(kind.schema)}
    free = [
        name
        for name, schema in unknown.items()
        if schema.get("type") != "boolean" and "enum" not in schema
    ]
    return free or list(unknown)


def _distinct(tools: Sequence[WorldTool], notes: list[str]) -> Iterator[WorldTool]:
    """Yield the tools whose requests can be told from those of the tools before them."""
    names: dict[tuple[str, ...], str] = {}
    for tool in tools:
        request = tuple(clauses(tool.name, tool.description))
        if request in names:
            notes.append(
                f"tool {tool.name!r} is set aside: a request for it would read like one for "
                f"{names[request]!r}. Say in its description what it does and the other does not."
            )
            continue
        names[request] = tool.name
        yield tool


def _world(
    members: Sequence[int],
    kin: Sequence[int],
    tools: Sequence[WorldTool],
    near: Closeness,
    split: str,
) -> World:
    """Make one world of some of the tools. It is called after its first tool."""
    inside = []
    for member in members:
        like = [tools[other].name for other in near.like(member) if other in members]
        inside.append(replace(tools[member], like=like))
    kin_names = frozenset(_world_name(tools[first]) for first in kin)
    return World(_world_name(tools[members[0]]), inside, IDLE[split], kin_names)


def _world_name(tool: WorldTool) -> str:
    return f"own {tool.name}"
