"""Tools as JSON Schema: compiled once per tool, violations with a path.

    toolset = compile_tools('[{"type": "function", "function": {"name": "f", "parameters": {...}}}]')
    toolset["f"].violations({"a": True})   # [("wrong_type", ("a",), "True is not of type 'integer'")]

Checks go through `jsonschema` under the schema's own draft (2020-12 where it names none). `$ref` is local only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any

import jsonschema
import regex
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from rlcall.calls import Path, Reference, show_path
from rlcall.errors import UserError
from rlcall.verifier.dialects import normalise
from rlcall.verifier.keywords import Budget, Overspent, limited
from rlcall.verifier.subschemas import children_of, descend, expand, in_place, types_of, walk
from rlcall.verifier.values import Absent

MAX_VIOLATIONS = 20
MAX_PLACES = 4_096  # remembered per tool; completions can name any number of them

LIMITS = (
    *(
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
    ),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
# jsonschema keyword -> reason code; everything else is `schema_violation`
KEYWORD_CODES = {
    "type": "wrong_type",
    "required": "missing_parameter",
    "dependentRequired": "missing_parameter",
    "additionalProperties": "unknown_parameter",
    "unevaluatedProperties": "unknown_parameter",
    "enum": "not_in_enum",
    "const": "not_in_enum",
    "pattern": "pattern_mismatch",
    **dict.fromkeys(LIMITS, "out_of_range"),
}


class SchemaError(UserError):
    """A tool whose definition cannot be used: a mistake of the data set, not of the model."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way arguments break their schema."""

    code: str
    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool with its compiled schema. `returns` is the declared output (the key `returns`), if any."""

    name: str
    parameters: dict[str, Any]
    validator: Validator
    returns: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    _nodes: dict[Path, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    def violations(
        self, arguments: dict[str, Any], budget: Budget | None = None
    ) -> list[Violation]:
        """How arguments break the schema, at most MAX_VIOLATIONS. A reference fits any type.

        Where the check takes more than its budget, which several calls can share, that is the violation.
        """
        validator = self.validator.evolve(format_checker=budget or Budget())
        try:
            return list(islice(_violations(validator.iter_errors(arguments)), MAX_VIOLATIONS))
        except (Overspent, RecursionError) as error:
            return [Violation("too_large", (), f"more than can be checked: {error}")]

    def nodes(self, path: Path) -> tuple[dict[str, Any], ...]:
        """The subschemas that speak about the value at `path`, through `allOf`, `anyOf`, `oneOf` and local `$ref`."""
        path = tuple("*" if isinstance(step, int) else step for step in path)
        if (nodes := self._nodes.get(path)) is None:
            nodes = tuple(descend(self.parameters, path))
            if len(self._nodes) < MAX_PLACES:
                self._nodes[path] = nodes
        return nodes

    def is_required(self, path: Path) -> bool:
        return any(path[-1] in node.get("required", ()) for node in self.nodes(path[:-1]))

    def declares(self, path: Path) -> bool:
        """True where the schema names the key at `path`, or leaves the object open on purpose."""
        parents = self.nodes(path[:-1])
        return not parents or any(
            path[-1] in node.get("properties", ()) or node.get("additionalProperties") or node.get("patternProperties")
            or (len(path) > 1 and "properties" not in node)
            for node in parents
        )  # fmt: skip

    def default(self, path: Path) -> Any:
        """The default at `path`, or the class `Absent` where there is none."""
        return next((node["default"] for node in self.nodes(path) if "default" in node), Absent)

    def types(self, path: Path) -> frozenset[str]:
        """The JSON types that the schema permits at `path`; empty for any."""
        return types_of(self.nodes(path))

    def output_fault(self, path: Path, wanted: frozenset[str]) -> tuple[str, str] | None:
        """Why the declared output cannot give a value of one of the types `wanted` at `path`: code and message."""
        if self.returns is None:
            return None
        nodes = expand(self.returns, [self.returns])
        for depth, step in enumerate(path):
            children = [
                child
                for node in nodes
                for child in children_of(node, "*" if isinstance(step, int) else step)
            ]
            closed = any("properties" in node or "items" in node for node in nodes)
            nodes = expand(self.returns, children)
            if not nodes:
                where = show_path(path[: depth + 1])
                return (
                    ("wrong_path", f"the output of {self.name!r} has no {where}")
                    if closed
                    else None
                )
        given = types_of(nodes)
        if (
            wanted
            and given
            and not given & (wanted | {"integer"} if "number" in wanted else wanted)
        ):
            return (
                "wrong_type",
                f"the output of {self.name!r} at {show_path(path)} is of type {', '.join(given)}",
            )
        return None

    def pins_strings(self, path: Path) -> bool:
        """True where a string at `path` is code rather than prose: under `enum`, `const`, `format` or `pattern`."""
        return any(not PINS.isdisjoint(node) for node in self.nodes(path))


PINS = frozenset(("enum", "const", "format", "pattern"))


@lru_cache(maxsize=4096)
def compile_tools(tools: str) -> dict[str, Tool]:
    """The tools of a row (OpenAI form, as JSON text) by name. SchemaError where one cannot be used."""
    entries = json.loads(tools)
    compiled = [compile_tool(json.dumps(entry, sort_keys=True)) for entry in entries]
    return {tool.name: tool for tool in compiled}


@lru_cache(maxsize=16384)
def compile_tool(tool: str) -> Tool:
    """One tool in OpenAI form, as JSON text. Two rows that share a tool share its compiled schema."""
    entry = json.loads(tool)
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise SchemaError(
            f'a tool must read {{"type": "function", "function": {{"name": ...}}}}, not {tool[:120]}'
        )
    notes: list[str] = []
    parameters = normalise(function.get("parameters") or {}, notes, "$")
    if not isinstance(parameters, dict):
        raise SchemaError(f"tool {function['name']!r}: `parameters` must be a JSON Schema object")
    parameters.setdefault("type", "object")
    returns = function.get("returns")
    return Tool(
        name=function["name"],
        parameters=parameters,
        validator=_validator(function["name"], parameters),
        returns=normalise(returns, notes, "returns") if isinstance(returns, dict) else None,
        notes=tuple(notes),
    )


def check_tool(tool: Tool) -> None:
    """The meta-schema check, slow, for the linter: SchemaError where the schema itself is broken."""
    try:
        type(tool.validator).check_schema(tool.parameters)
    except jsonschema.SchemaError as error:
        raise SchemaError(f"tool {tool.name!r}: {error.json_path}: {error.message}") from error


def _validator(name: str, schema: dict[str, Any]) -> Validator:
    """A compiled validator. Patterns and `$ref`s are tried now, so that no completion can trip over them."""
    try:
        draft = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        validator = limited(draft)(schema, registry=Registry(), format_checker=Budget())
    except (TypeError, AttributeError) as error:  # `$schema` or `$id` is no text
        raise SchemaError(f"tool {name!r}: its schema cannot be used: {error}") from error
    waits = {}
    for node in walk(schema):
        try:
            for pattern in (node.get("pattern", ""), *node.get("patternProperties", ())):
                regex.compile(pattern)
            waits[id(node)] = {id(inner) for inner in in_place(schema, node)}
        except (regex.error, Unresolvable, LookupError, TypeError, ValueError) as error:
            raise SchemaError(f"tool {name!r}: {error}") from error
    try:
        TopologicalSorter(waits).prepare()
        next(validator.iter_errors({}), None)
    except CycleError as error:
        raise SchemaError(
            f"tool {name!r}: a `$ref` leads back to itself without going into the value"
        ) from error
    except (jsonschema.exceptions.UnknownType, TypeError, AttributeError, Unresolvable) as error:
        raise SchemaError(f"tool {name!r}: its schema cannot be used: {error}") from error
    return validator


def _violations(errors: Iterator[jsonschema.ValidationError]) -> Iterator[Violation]:
    for error in errors:
        if not _about_a_reference(error):
            yield _violation(error)


def _about_a_reference(error: jsonschema.ValidationError) -> bool:
    """Whether the complaint vanishes once the reference's result is there, whatever it is."""
    if isinstance(error.instance, Reference):
        return True
    branches: dict[Any, list[jsonschema.ValidationError]] = {}
    for child in error.context or ():
        branches.setdefault(child.schema_path[0], []).append(child)
    return any(all(_about_a_reference(child) for child in branch) for branch in branches.values())


def _violation(error: jsonschema.ValidationError) -> Violation:
    code = KEYWORD_CODES.get(str(error.validator), "schema_violation")
    path = tuple(error.absolute_path)
    message = error.message if len(error.message) <= 200 else error.message[:200] + "..."
    if code == "missing_parameter" and isinstance(error.validator_value, list):
        missing = next((name for name in error.validator_value if repr(name) in message), None)
        path = path if missing is None else (*path, missing)
        code = code if len(path) <= 1 else "missing_value"
    return Violation(code, path, message)
