"""Worlds from a user's own tools, in OpenAI's form: arguments drawn from each schema, requests by a general grammar.

    worlds = worlds_of("my_tools.json", "train", notes := [])
    generate(worlds, mixture, 1000, seed=0)     # rows that show the tools exactly as they stand in the file
    notes       # ["tool 'f' is set aside: parameter 'x': no text that matches '\\\\p{Greek}' was found. A simpler ..."]

The file is a JSON list of tools, or JSON Lines; each {"type": "function", "function": {...}} or the function alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rlcall.errors import UserError
from rlcall.files import strict_json
from rlcall.tasks.kinds import Kind
from rlcall.tasks.own.closeness import apart, closeness_of
from rlcall.tasks.own.kinds import Parameters, linked, result_kinds
from rlcall.tasks.own.phrases import IDLE, Phrases
from rlcall.tasks.own.place import CannotDraw
from rlcall.tasks.own.words import called, clauses, name_words
from rlcall.tasks.world import Result, World, WorldTool, is_open
from rlcall.verifier.schema import SchemaError, compile_tool

FORM = 'A tool reads {"type": "function", "function": {"name": "f", "description": "...", "parameters": {...}}}'
Definition = dict[str, Any]


class OwnToolsError(UserError):
    """A file of tools that cannot be used: the message says file, tool, reason and remedy."""


def read_definitions(path: str | os.PathLike[str]) -> list[Definition]:
    """The tools of a file in OpenAI's form, bare functions wrapped into it. OwnToolsError."""
    name = os.fspath(path)
    try:
        raw = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf")
        found = _values(raw)
    except OSError as error:
        raise OwnToolsError(
            f"{name} cannot be read: {error.strerror}. Paths count from {os.getcwd()}."
        ) from error
    except ValueError as error:
        raise OwnToolsError(
            f"{name} {error}. It should be one JSON list of tools, or one tool a line."
        ) from error
    return check_definitions(found, name)


def check_definitions(found: Sequence[Any], source: str = "tools") -> list[Definition]:
    """Definitions in OpenAI's form. OwnToolsError for what is none, and for two of one name."""
    definitions = [
        _wrapped(value, f"{source}, tool {number}") for number, value in enumerate(found, 1)
    ]
    names = [definition["function"]["name"] for definition in definitions]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise OwnToolsError(
            f"{source}: two tools have the name {twice!r}. Rename one, or leave it out."
        )
    if not definitions:
        raise OwnToolsError(f"{source} holds no tools. {FORM}.")
    return definitions


def worlds_of(
    source: str | os.PathLike[str] | Sequence[Any], split: str, notes: list[str] | None = None
) -> list[World]:
    """Worlds of these tools for one split: the same tools in each, with its own templates and values.

    Tools that are easily taken for one another share a world; such as may do the same do not, and their worlds are
    kin. A tool that cannot be used is set aside with a line in `notes`. OwnToolsError where none is left.
    """
    notes = [] if notes is None else notes
    path = isinstance(source, str | os.PathLike)
    definitions = read_definitions(source) if path else check_definitions(source)  # type: ignore[arg-type]
    tools = list(_distinct(_tools(definitions, split, notes), notes))
    if not tools:
        reasons = "\n".join(f"  {note}" for note in notes)
        raise OwnToolsError(f"{source if path else 'tools'}: no tool can be used:\n{reasons}")
    near = closeness_of(tools)
    tools = [
        replace(tool, like=[tools[other].name for other in near.like(place)])
        for place, tool in enumerate(tools)
    ]
    return [_world(members, kin, tools, split) for members, kin in apart(near)]


def _values(raw: bytes) -> list[Any]:
    """The values of a JSON list, or of JSON Lines."""
    if raw.lstrip()[:1] == b"[":
        return list(strict_json.load(raw))
    try:
        return [strict_json.load(raw)]
    except ValueError:
        return [
            _line(line, number) for number, line in enumerate(raw.splitlines(), 1) if line.strip()
        ]


def _line(line: bytes, number: int) -> Any:
    try:
        return strict_json.load(line)
    except ValueError as error:
        raise ValueError(f"line {number} {error}") from None


def _wrapped(value: Any, place: str) -> Definition:
    function = value.get("function", value) if isinstance(value, dict) else None
    if (
        not isinstance(function, dict)
        or not isinstance(function.get("name"), str)
        or not function["name"]
    ):
        raise OwnToolsError(f"{place} has no name. {FORM}, or the function alone.")
    for key, types in (("description", str), ("parameters", dict)):
        if not isinstance(function.get(key, None), types | None):
            raise OwnToolsError(
                f"{place} ({function['name']}): {key} is no {types.__name__}. {FORM}."
            )
    if value is not function and value.get("type") != "function":
        raise OwnToolsError(
            f"{place} ({function['name']}): its type is {value.get('type')!r}. {FORM}."
        )
    return value if value is not function else {"type": "function", "function": function}


def _tools(definitions: Sequence[Definition], split: str, notes: list[str]) -> list[WorldTool]:
    """The tools that can be used, their results linked to the parameters that they can stand for."""
    found: list[tuple[Definition, Parameters, dict[str, Kind]]] = []
    for definition in definitions:
        try:
            compiled = compile_tool(json.dumps(definition))
            parameters = Parameters(compiled, split)
        except (SchemaError, CannotDraw) as error:
            named = f"tool {definition['function']['name']!r}"
            remedy = "" if isinstance(error, CannotDraw) else ". Correct its JSON Schema."
            notes.append(f"{named} is set aside: {str(error).removeprefix(f'{named}: ')}{remedy}")
            continue
        results, missing = result_kinds(compiled, split)
        notes += missing
        found.append((definition, parameters, results))
    wanted = [kind for _, parameters, _ in found for kind in parameters.needs.values()]
    return [
        _tool(
            definition,
            parameters,
            {name: linked(kind, wanted, split) for name, kind in results.items()},
            split,
        )
        for definition, parameters, results in found
    ]


def _tool(
    definition: Definition, parameters: Parameters, results: Mapping[str, Kind], split: str
) -> WorldTool:
    function = definition["function"]
    name, description = function["name"], function.get("description") or ""
    spoken = _spoken({**parameters.needs, **parameters.takes})
    phrases = Phrases(name, description, {need: spoken[need] for need in parameters.needs}, split)
    return WorldTool(
        name,
        description,
        needs=parameters.needs,
        takes=parameters.takes,
        say=phrases.say(),
        add={option: phrases.add(option, spoken[option]) for option in parameters.takes},
        vague=phrases.vague(_open(parameters.needs)) if parameters.needs else (),
        gives={field: Result(kind, phrases.named(field)) for field, kind in results.items()},
        source=definition,
    )


def _spoken(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Parameters as words; where two would be the same words, as they are written."""
    words = {
        name: name_words(name)
        if kind.schema.get("type") == "boolean"
        else called(name, kind.schema["description"])
        for name, kind in kinds.items()
    }
    return {
        name: said if list(words.values()).count(said) == 1 else name
        for name, said in words.items()
    }


def _open(needs: Mapping[str, Kind]) -> list[str]:
    """Parameters that nobody can guess: texts and numbers before those with few values, none with a default."""
    unknown = [name for name, kind in needs.items() if is_open(kind.schema)]
    free = [
        name
        for name in unknown
        if needs[name].schema.get("type") != "boolean" and "enum" not in needs[name].schema
    ]
    return free or unknown


def _distinct(tools: Sequence[WorldTool], notes: list[str]) -> Iterator[WorldTool]:
    """The tools whose requests can be told from those of the tools before them."""
    seen: dict[tuple[str, ...], str] = {}
    for tool in tools:
        said = tuple(clauses(tool.name, tool.description))
        if said in seen:
            notes.append(
                f"tool {tool.name!r} is set aside: a request for it would read like one for {seen[said]!r}. "
                "Say in its description what it does and the other does not."
            )
            continue
        seen[said] = tool.name
        yield tool


def _world(
    members: Sequence[int], kin: Sequence[int], tools: Sequence[WorldTool], split: str
) -> World:
    """A world is called after its first tool."""
    own = {tools[place].name for place in members}
    inside = [
        replace(tools[place], like=[name for name in tools[place].like if name in own])
        for place in members
    ]
    return World(
        _title(tools[members[0]]),
        inside,
        IDLE[split],
        frozenset(_title(tools[place]) for place in kin),
    )


def _title(tool: WorldTool) -> str:
    return f"own {tool.name}"
