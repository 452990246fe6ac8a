"""Kinds for a user's own tool: drawers of parameters, tried out on the schema before they are used.

    kinds = ParameterKinds(compile_tool(json.dumps(definition)), "train")
    kinds.needs["limit"].draw(draw)      # Value("45", 45)

`CannotDraw` names the parameter, the reason and the remedy where a tool cannot be used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from rlcall.data.rows import plain
from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind
from rlcall.tasks.own.place import CannotDraw, ParameterPlace
from rlcall.tasks.own.schema import Drawer, Drawers
from rlcall.tasks.own.words import name_words, topic
from rlcall.verifier.schema import SchemaError, Tool, check_tool, compile_tool
from rlcall.verifier.subschemas import walk
from rlcall.verifier.values import canonical

TRIALS = 16
TRIES = 60
MOST_REQUIRED = 12  # a request with more arguments than that is a form, not a sentence
OPTIONS_TOGETHER = 100  # choices of optional parameters that are tried out, ...
OPTIONS_TOGETHER_SIMPLE = 4  # ... and where the schema says nothing of several at once
# Keywords that the drawers do not look at, or only roughly: what they draw is checked each time.
UNLOOKED = frozenset((
    "not", "if", "then", "else", "oneOf", "allOf", "contains", "propertyNames", "patternProperties",
    "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    "unevaluatedItems", "minProperties", "maxProperties", "uniqueItems", "additionalItems",
    "pattern", "minLength", "maxLength",
))  # fmt: skip
_ROOTS = ("$schema", "$id", "$defs", "definitions")
_NOTES = ("description", "title", "default", "examples", "example", "$comment")
_SIMPLE_ROOT = frozenset(
    ("type", "properties", "required", "additionalProperties", "description", "title", *_ROOTS)
)
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_NO_SLOT = re.compile(r"[.\[\]{}:!]|^\d*$")
# Names that say nothing without their owner: the id of an order is not that of a user.
_BARE = frozenset((
    "id", "name", "value", "result", "status", "type", "code", "number", "data", "key", "text",
    "title", "message", "success", "count", "total", "output", "description", "list", "items", "a",
    "b", "x", "y",
))  # fmt: skip
_SIDES = frozenset((
    "from", "to", "source", "target", "start", "end", "first", "second", "new", "old", "origin",
    "destination", "input", "base", "current", "my", "the",
))  # fmt: skip


class ParameterKinds:
    """The required (`needs`) and optional (`takes`) parameters of a tool as kinds.

    CannotDraw, SchemaError where the tool cannot be used.
    """

    def __init__(self, tool: Tool, split: str) -> None:
        check_tool(tool)
        root = tool.parameters
        if root.get("type") != "object":
            raise SchemaError(
                f"tool {tool.name!r}: its parameters are of type {root.get('type')!r}, "
                "not an object"
            )
        self.tool, self.split, self.drawers = tool, split, Drawers(root)
        flat = self.drawers.flat(root, ParameterPlace("parameters"))
        self.properties: Mapping[str, Any] = flat.get("properties") or {}
        required = _required(flat.get("required") or (), self.properties)
        self.checker = self._checker(root)
        self.needs = {name: self._kind(name) for name in required}
        optional = [name for name in self.properties if name not in required]
        self.takes = {name: self._kind(name) for name in optional}
        self._try_together()

    def _kind(self, name: str) -> Kind:
        if _NO_SLOT.search(name):
            reason = "its name cannot be used in a template"
            raise CannotDraw(name, reason, "Use letters, digits and underscores.")
        schema = self.properties[name]
        place = ParameterPlace.of(name, schema, tuple(sorted(topic(self.tool.name))))
        drawer = self._sound(self.drawers.of(schema, place), name, place.path)
        flat = self.drawers.flat(schema, place)
        described = {**flat, "description": place.description or name_words(name)}
        if not _PLAIN_NAME.fullmatch(name):
            # A JSONPath to it would have to be quoted, so its order counts.
            described.pop("uniqueItems", None)
        return Kind(_link_name(name, self.tool.name, flat), described, drawer)

    def _sound(self, drawer: Drawer, name: str, path: str) -> Drawer:
        """Return the drawer where all that it draws is valid; else one that draws until it is."""

        def is_valid(value: Any) -> bool:
            return not self.checker.violations({name: value})

        is_simple = _is_simple(self.properties[name])
        draw = Draw(Random(f"trial {path}"), self.split)
        values = [drawer(draw) for _ in range(TRIALS if is_simple else TRIES)]
        good = [value for value in values if is_valid(value.value) and _is_json(value.value)]
        if not good:
            reason = f"{len(values)} values were drawn, and its schema permits none"
            raise CannotDraw(path, reason, "Simplify its schema.")
        if is_simple and len(good) == len(values):
            return drawer

        def draw_until_valid(draw: Draw) -> Value:
            for _ in range(TRIES):
                value = drawer(draw)
                if is_valid(value.value):
                    return value
            return draw.choice(good)

        return draw_until_valid

    def _checker(self, root: Mapping[str, Any]) -> Tool:
        """Compile each parameter's schema alone, without what is said of several together."""
        definitions = {key: root[key] for key in _ROOTS if key in root}
        parameters = {**definitions, "type": "object", "properties": self.properties}
        return _compiled(self.tool.name, parameters)

    def _try_together(self) -> None:
        """Check that whatever a request may give together is valid together. CannotDraw."""
        draw = Draw(Random(f"together {self.tool.name}"), self.split)
        for kinds in self._combinations(draw):
            arguments = {name: kind.draw(draw).value for name, kind in kinds.items()}
            if violations := self.tool.violations(arguments):
                first = violations[0]
                path = str(first.path[0]) if first.path else next(iter(kinds), "parameters")
                reason = f"it depends on others: {first.message}"
                remedy = "Make parameters that can be given freely, or two tools."
                raise CannotDraw(path, reason, remedy)

    def _combinations(self, draw: Draw) -> Iterator[dict[str, Kind]]:
        """Yield parameters that a request may give together."""
        is_simple = self.tool.parameters.keys() <= _SIMPLE_ROOT
        yield self.needs
        yield {**self.needs, **self.takes}
        if not is_simple:
            for name, kind in self.takes.items():
                yield {**self.needs, name: kind}
        for _ in range(OPTIONS_TOGETHER_SIMPLE if is_simple else OPTIONS_TOGETHER):
            options = {name: kind for name, kind in self.takes.items() if draw.chance(0.5)}
            yield {**self.needs, **options}


def _required(names: Sequence[str], properties: Mapping[str, Any]) -> list[str]:
    """Return the required parameters. CannotDraw for one that is not declared, and for too many."""
    if undeclared := sorted(set(names) - set(properties)):
        reason = "it is required and not declared"
        raise CannotDraw(undeclared[0], reason, "Add it to `properties`.")
    if len(names) > MOST_REQUIRED:
        reason = f"{len(names)} parameters are required"
        remedy = f"A request can give {MOST_REQUIRED} at most."
        raise CannotDraw(names[MOST_REQUIRED], reason, remedy)
    return list(names)


def result_kinds(tool: Tool, split: str) -> tuple[dict[str, Kind], list[str]]:
    """Return kinds for the fields under `returns`, and a line for each that cannot be made up."""
    returns = tool.returns or {}
    properties = returns.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    definitions = {key: returns[key] for key in _ROOTS if key in returns}
    parameters = {**definitions, "type": "object", "properties": properties}
    try:
        return ParameterKinds(_compiled(tool.name, parameters), split).takes, []
    except (CannotDraw, SchemaError):
        pass  # one field or more: find out which
    kinds: dict[str, Kind] = {}
    notes: list[str] = []
    for name, schema in properties.items():
        single = {**parameters, "properties": {name: schema}}
        try:
            kinds |= ParameterKinds(_compiled(tool.name, single), split).takes
        except (CannotDraw, SchemaError) as error:
            reason = str(error).removeprefix(f"tool {tool.name!r}: ")
            notes.append(f"tool {tool.name!r}: returns.{name} is not used: {reason}")
    return kinds, notes


def linked(kind: Kind, parameters: list[Kind], split: str) -> Kind:
    """Return a parameter's kind for a result that can stand in its place; else the result's own."""
    link = kind.name.partition(" :")[0]
    for parameter in parameters:
        if parameter.name.partition(" :")[0] == link and _all_fit(parameter, kind, split):
            return parameter
    return kind


def _all_fit(drawn: Kind, declared: Kind, split: str) -> bool:
    """Tell whether what one kind draws is valid under another's schema, as far as trials show."""
    schema = {key: item for key, item in declared.schema.items() if "$ref" not in json.dumps(item)}
    checker = _compiled("_", {"properties": {"_": schema}})
    draw = Draw(Random("fits"), split)
    for _ in range(TRIALS):
        value = drawn.draw(draw).value
        if checker.violations({"_": value}):
            return False
    return True


def _compiled(name: str, parameters: Mapping[str, Any]) -> Tool:
    return compile_tool(json.dumps({"function": {"name": name, "parameters": parameters}}))


def _link_name(name: str, tool: str, flat: Mapping[str, Any]) -> str:
    """Name a kind so that equal names are of equal values, by words, type and limits.

    `from_city` and `city` are the same, and no two ids are.
    """
    words = [word for word in name_words(name).split() if word not in _SIDES]
    says_enough = len(words) > 1 or (words and words[0] not in _BARE)
    if not says_enough:
        words = [*sorted(topic(tool)), *words]
    type_name = flat.get("type", "any")
    limits = {key: item for key, item in flat.items() if key not in _NOTES}
    return f"{' '.join(words)} {type_name} :{canonical(limits)}"


def _is_simple(schema: Any) -> bool:
    """Tell whether the drawers look at every keyword of a schema."""
    if "$ref" in json.dumps([schema]):
        return False
    return not any(node.keys() & UNLOOKED for node in walk(schema))


def _is_json(value: Any) -> bool:
    try:
        json.dumps(plain(value), allow_nan=False).encode()
    except (ValueError, TypeError):
        return False
    return True
