"""The kinds of a user's own tool: a drawer for each parameter, tried out against the schema before it is used.

    kinds = Parameters(compile_tool(json.dumps(definition)), "train")
    kinds.needs["limit"].draw(draw)      # Value("45", 45)

`CannotDraw` names the parameter, the reason and the remedy where a tool cannot be used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from rlcall.data.rows import plain
from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind
from rlcall.tasks.own.place import CannotDraw, Place
from rlcall.tasks.own.schema import Drawers
from rlcall.tasks.own.words import name_words, topic
from rlcall.verifier.schema import SchemaError, Tool, check_tool, compile_tool
from rlcall.verifier.subschemas import walk
from rlcall.verifier.values import canonical

TRIALS = 16
TRIES = 60
MOST_REQUIRED = 12  # a request with more arguments than that is a form, not a sentence
# Keywords that the drawers do not look at, or only roughly: what they draw is then checked each time.
UNLOOKED = frozenset((
    "not", "if", "then", "else", "oneOf", "allOf", "contains", "propertyNames", "patternProperties",
    "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    "unevaluatedItems", "minProperties", "maxProperties", "uniqueItems", "additionalItems",
    "pattern", "minLength", "maxLength",
))  # fmt: skip
_ROOTS = ("$schema", "$id", "$defs", "definitions")
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_NO_SLOT = re.compile(r"[.\[\]{}:!]|^\d*$")
# Names that say nothing without what they belong to: the id of an order is none of a user.
_BARE = frozenset((
    "id", "name", "value", "result", "status", "type", "code", "number", "data", "key", "text",
    "title", "message", "success", "count", "total", "output", "description", "list", "items", "a",
    "b", "x", "y",
))  # fmt: skip
_SIDES = frozenset((
    "from", "to", "source", "target", "start", "end", "first", "second", "new", "old", "origin",
    "destination", "input", "base", "current", "my", "the",
))  # fmt: skip


class Parameters:
    """The required and optional parameters of a tool as kinds. CannotDraw, SchemaError."""

    def __init__(self, tool: Tool, split: str) -> None:
        check_tool(tool)
        root = tool.parameters
        if root.get("type") != "object":
            raise SchemaError(
                f"tool {tool.name!r}: its parameters are of type {root.get('type')!r}, not an object",
            )
        self.tool, self.split, self.drawers = tool, split, Drawers(root)
        flat = self.drawers.flat(root, Place("parameters"))
        self.properties: Mapping[str, Any] = flat.get("properties") or {}
        required = [name for name in flat.get("required") or () if name in self.properties]
        if lost := set(flat.get("required") or ()) - set(self.properties):
            raise CannotDraw(
                sorted(lost)[0], "it is required and not declared", "Add it to `properties`."
            )
        if len(required) > MOST_REQUIRED:
            reason = f"{len(required)} parameters are required"
            raise CannotDraw(
                required[MOST_REQUIRED], reason, f"A request can give {MOST_REQUIRED} at most."
            )
        self.checker = self._checker(root)
        self.needs = {name: self.kind(name) for name in required}
        self.takes = {name: self.kind(name) for name in self.properties if name not in required}
        self._try_together()

    def kind(self, name: str) -> Kind:
        """One parameter's kind."""
        if _NO_SLOT.search(name):
            raise CannotDraw(
                name, "its name cannot stand in a template", "Use letters, digits and underscores."
            )
        at = Place.of(name, self.properties[name], tuple(sorted(topic(self.tool.name))))
        drawer = self.drawers.of(self.properties[name], at)

        def is_valid(value: Any) -> bool:
            return not self.checker.violations({name: value})

        flat = self.drawers.flat(self.properties[name], at)
        schema = {**flat, "description": at.description or name_words(name)}
        if not _PLAIN_NAME.fullmatch(name):
            schema.pop(
                "uniqueItems", None
            )  # a JSONPath to it would have to be quoted; its order counts then
        draw = _sound(
            drawer,
            is_valid,
            at.path,
            self.split,
            _is_simple(self.properties[name], self.tool.parameters),
        )
        return Kind(_link_name(name, self.tool.name, flat), schema, draw)

    def _checker(self, root: Mapping[str, Any]) -> Tool:
        """The tool with each parameter's schema, and nothing that is said of several together."""
        kept = {key: root[key] for key in _ROOTS if key in root}
        parameters = {**kept, "type": "object", "properties": self.properties}
        return compile_tool(
            json.dumps({"function": {"name": self.tool.name, "parameters": parameters}})
        )

    def _try_together(self) -> None:
        """Whatever a request may give together must be valid together."""
        draw = Draw(Random(f"together {self.tool.name}"), self.split)
        for given in self._given_together(draw):
            arguments = {name: kind.draw(draw).value for name, kind in given.items()}
            if broken := self.tool.violations(arguments):
                reason = f"it depends on others: {broken[0].message}"
                path = str(broken[0].path[0]) if broken[0].path else next(iter(given), "parameters")
                raise CannotDraw(
                    path, reason, "Make parameters that can be given freely, or two tools."
                )

    def _given_together(self, draw: Draw) -> Iterator[dict[str, Kind]]:
        simple = self.tool.parameters.keys() <= {"type", "properties", "required", "additionalProperties", *_ROOTS,
                                                 "description", "title"}  # fmt: skip
        yield dict(self.needs)
        yield {**self.needs, **self.takes}
        yield from ({**self.needs, name: kind} for name, kind in self.takes.items() if not simple)
        for _ in range(4 if simple else 100):
            yield {
                **self.needs,
                **{name: kind for name, kind in self.takes.items() if draw.chance(0.5)},
            }


def result_kinds(tool: Tool, split: str) -> tuple[dict[str, Kind], list[str]]:
    """The fields that a tool declares under `returns`, and a line for each that cannot be made up."""
    returns = tool.returns or {}
    properties = returns.get("properties") if isinstance(returns.get("properties"), dict) else {}
    kinds: dict[str, Kind] = {}
    notes: list[str] = []
    parameters = {
        **{key: returns[key] for key in _ROOTS if key in returns},
        "type": "object",
        "properties": properties,
    }
    try:
        own = Parameters(
            compile_tool(json.dumps({"function": {"name": tool.name, "parameters": parameters}})),
            split,
        )
        return own.takes, []
    except (CannotDraw, SchemaError):
        pass  # one field or more: find out which
    for name, schema in (properties or {}).items():
        single = {**parameters, "properties": {name: schema}}
        try:
            text = json.dumps({"function": {"name": tool.name, "parameters": single}})
            kinds |= Parameters(compile_tool(text), split).takes
        except (CannotDraw, SchemaError) as error:
            reason = str(error).removeprefix(f"tool {tool.name!r}: ")
            notes.append(f"tool {tool.name!r}: returns.{name} is not used: {reason}")
    return kinds, notes


def linked(kind: Kind, wanted: list[Kind], split: str) -> Kind:
    """The kind of a result: a parameter's, where the result can stand in that parameter's place; else its own."""
    for other in wanted:
        if other.name.partition(" :")[0] == kind.name.partition(" :")[0] and _all_fit(
            other, kind, split
        ):
            return other
    return kind


def _all_fit(made: Kind, declared: Kind, split: str) -> bool:
    """Whether what one kind draws is valid under another's schema, as far as trials show."""
    schema = {key: item for key, item in declared.schema.items() if "$ref" not in json.dumps(item)}
    checker = compile_tool(
        json.dumps({"function": {"name": "_", "parameters": {"properties": {"_": schema}}}})
    )
    draw = Draw(Random("fits"), split)
    return not any(checker.violations({"_": made.draw(draw).value}) for _ in range(TRIALS))


def _link_name(name: str, tool: str, flat: Mapping[str, Any]) -> str:
    """Equal for values that are of one kind, by name, type and limits: `from_city` and `city`, but no two ids."""
    words = [word for word in name_words(name).split() if word not in _SIDES]
    owner = [] if len(words) > 1 or (words and words[0] not in _BARE) else sorted(topic(tool))
    said = ("description", "title", "default", "examples", "example", "$comment")
    limits = {key: item for key, item in flat.items() if key not in said}
    return f"{' '.join([*owner, *words])} {flat.get('type', 'any')} :{canonical(limits)}"


def _is_simple(schema: Any, root: Mapping[str, Any]) -> bool:
    return not any(node.keys() & UNLOOKED for node in walk(schema)) and "$ref" not in json.dumps(
        [schema]
    )


def _sound(
    drawer: Callable[[Draw], Value],
    is_valid: Callable[[Any], bool],
    path: str,
    split: str,
    simple: bool,
) -> Callable[[Draw], Value]:
    """The drawer as it is where all it draws is valid; else one that draws again until a value is."""
    draw = Draw(Random(f"trial {path}"), split)
    drawn = [drawer(draw) for _ in range(TRIALS if simple else TRIES)]
    good = [value for value in drawn if is_valid(value.value) and _is_json(value.value)]
    if not good:
        raise CannotDraw(
            path,
            f"{len(drawn)} values were drawn, and its schema permits none",
            "Simplify its schema.",
        )
    if simple and len(good) == len(drawn):
        return drawer

    def again(draw: Draw) -> Value:
        valid = (value for value in (drawer(draw) for _ in range(TRIES)) if is_valid(value.value))
        return next(valid, None) or draw.choice(good)

    return again


def _is_json(value: Any) -> bool:
    try:
        json.dumps(plain(value), allow_nan=False).encode()
    except (ValueError, TypeError):
        return False
    return True
