"""Tools as JSON Schema: compiled once per tool, violations with a path.

    tool = compile_tool('{"type": "function", "function": {"name": "f", "parameters": {...}}}')
    tool.violations({"a": True})
    # [Violation("wrong_type", ("a",), "True is not of type 'integer'")]

Checks go through `jsonschema` under the schema's own draft (2020-12 where it names none). `$ref` is
local only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from rlcall.calls import Path, show_path
from rlcall.verifier.dialects import BOOLEAN_LIMITS, normalise, speaks
from rlcall.verifier.keywords.bounded import limited
from rlcall.verifier.keywords.budget import Budget, Overspent
from rlcall.verifier.parameter_keys import unread_fault
from rlcall.verifier.references import localise
from rlcall.verifier.schema_check import SchemaError, check_schema
from rlcall.verifier.subschemas import (
    children_of,
    descend,
    expand,
    types_of,
)
from rlcall.verifier.values import Absent
from rlcall.verifier.violations import Violation, read_violations

MAX_VIOLATIONS = 20
MAX_PATHS = (
    4_096  # whose subschemas are remembered per tool; completions can name any number of them
)
PINS = frozenset(("enum", "const", "format", "pattern"))
REF_IS_ALONE = ("draft-03", "draft-04", "draft-06", "draft-07")
NO_FORMATS = jsonschema.FormatChecker(formats=())  # patterns are regex's, which reads more than re


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool with its compiled schema.

    `returns` is the declared output (the key `returns`), if any.
    """

    name: str
    parameters: dict[str, Any]
    validator: Validator
    returns: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    """How its schema's dialect was read, for the linter."""
    dialect: str | None = None
    """The schema's own `$schema`, which its copy in `parameters` no longer has."""
    _nodes: dict[Path, tuple[dict[str, Any], ...]] = field(default_factory=dict)

    def violations(
        self, arguments: dict[str, Any], budget: Budget | None = None
    ) -> list[Violation]:
        """Return how arguments break the schema, at most MAX_VIOLATIONS ways.

        A reference fits any type.

        Where the check takes more than its budget, which several calls can share, that is the
        violation.
        """
        errors = self.validator.iter_errors(arguments)
        try:
            with budget or Budget():
                return list(islice(read_violations(errors), MAX_VIOLATIONS))
        except (Overspent, RecursionError) as error:
            return [Violation("too_large", (), f"more than can be checked: {error}")]

    def nodes(self, path: Path) -> tuple[dict[str, Any], ...]:
        """Return the subschemas that speak about the value at `path`.

        They are found through `allOf`, `anyOf`, `oneOf` and local `$ref`, and remembered.
        """
        path = tuple("*" if isinstance(step, int) else step for step in path)
        if (nodes := self._nodes.get(path)) is None:
            nodes = tuple(descend(self.parameters, path))
            if len(self._nodes) < MAX_PATHS:
                self._nodes[path] = nodes
        return nodes

    def is_required(self, path: Path) -> bool:
        """Return whether the parameter or key at `path` must be given."""
        return any(path[-1] in node.get("required", ()) for node in self.nodes(path[:-1]))

    def declares(self, path: Path) -> bool:
        """Return whether the schema names the key at `path`, or leaves its object open."""
        parents = self.nodes(path[:-1])
        for node in parents:
            if path[-1] in node.get("properties", ()):
                return True
            if node.get("additionalProperties", False) is not False:
                return True
            if node.get("patternProperties"):
                return True
            if len(path) > 1 and "properties" not in node:
                return True
        return not parents

    def default(self, path: Path) -> Any:
        """Return the default at `path`, or the class `Absent` where there is none."""
        for node in self.nodes(path):
            if "default" in node:
                return node["default"]
        return Absent

    def types(self, path: Path) -> frozenset[str]:
        """Return the JSON types that the schema permits at `path`; empty for any."""
        return types_of(self.nodes(path))

    def pins_strings(self, path: Path) -> bool:
        """Return whether a string at `path` is under `enum`, `const`, `format` or `pattern`."""
        return any(not PINS.isdisjoint(node) for node in self.nodes(path))

    def output_fault(self, path: Path, wanted: frozenset[str]) -> tuple[str, str] | None:
        """Return why the declared output can give no value of the types `wanted` at `path`.

        That is a reason code and a message; None where it can, or where nothing is declared.
        """
        if self.returns is None:
            return None
        nodes = expand(self.returns, [self.returns])
        for depth, step in enumerate(path, 1):
            is_closed = any("properties" in node or "items" in node for node in nodes)
            key = "*" if isinstance(step, int) else step
            children = [child for node in nodes for child in children_of(node, key)]
            nodes = expand(self.returns, children)
            if not nodes:
                message = f"the output of {self.name!r} has no {show_path(path[:depth])}"
                return ("wrong_path", message) if is_closed else None
        types = types_of(nodes)
        fitting = wanted | {"integer"} if "number" in wanted else wanted
        if not wanted or not types or types & fitting:
            return None
        where = f"the output of {self.name!r} at {show_path(path)}"
        return "wrong_type", f"{where} is of type {', '.join(sorted(types))}"


@lru_cache(maxsize=4096)
def compile_tools(tools: str) -> dict[str, Tool]:
    """Compile the tools of a row (OpenAI form, as JSON text), by name.

    SchemaError where one cannot be used.
    """
    entries = json.loads(tools)
    compiled = [compile_tool(json.dumps(entry, sort_keys=True)) for entry in entries]
    return {tool.name: tool for tool in compiled}


@lru_cache(maxsize=16384)
def compile_tool(tool: str) -> Tool:
    """Compile one tool in OpenAI form, as JSON text.

    Two rows that share a tool share its compiled schema.
    """
    entry = json.loads(tool)
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise SchemaError(
            'a tool must read {"type": "function", "function": {"name": ...}}, '
            f"not {tool[:120]}"
        )
    try:
        return _compile(function)
    except RecursionError:
        raise SchemaError(f"tool {function['name']!r}: its schema is nested too deeply") from None


def _compile(function: dict[str, Any]) -> Tool:
    name = function["name"]
    notes: list[str] = []
    declared = function.get("parameters") or {}
    if not isinstance(declared, dict):
        raise SchemaError(f"tool {name!r}: `parameters` must be a JSON Schema object")
    if fault := unread_fault(function):
        raise SchemaError(f"tool {name!r}: {fault}")
    dialect = declared.get("$schema")
    if not isinstance(dialect, str | None):
        raise SchemaError(f"tool {name!r}: its schema cannot be used: $schema is not a text")
    parameters = _normalise(declared, notes, "$", dialect or "")
    parameters.setdefault("type", "object")
    _read_outer_required(function, parameters, notes)
    returns = function.get("returns")
    if isinstance(returns, dict):
        returns = _normalise(returns, notes, "returns", "")
        check_schema(name, returns, jsonschema.Draft202012Validator, "returns")
    return Tool(
        name=name,
        parameters=parameters,
        validator=_validator(name, parameters, dialect),
        returns=returns if isinstance(returns, dict) else None,
        notes=tuple(notes),
        dialect=dialect,
    )


def _normalise(schema: dict[str, Any], notes: list[str], path: str, dialect: str) -> dict[str, Any]:
    result = normalise(schema, notes, path, dialect)
    id_keyword = "id" if speaks(dialect, BOOLEAN_LIMITS) else "$id"
    localise(result, id_keyword, ref_is_alone=speaks(dialect, REF_IS_ALONE))
    return result


def _read_outer_required(
    function: dict[str, Any], parameters: dict[str, Any], notes: list[str]
) -> None:
    """Read `required` beside `parameters`, where some data sets have it (When2Call, xLAM)."""
    names = function.get("required")
    if isinstance(names, list) and names and "required" not in parameters:
        parameters["required"] = names
        notes.append("$: `required` beside `parameters` is read as the parameters' own")


def check_tool(tool: Tool) -> None:
    """Check a tool by the meta-schema, which is slow: SchemaError where its schema is broken."""
    try:
        type(tool.validator).check_schema(tool.parameters, NO_FORMATS)  # type: ignore[call-arg]
    except jsonschema.SchemaError as error:
        raise SchemaError(f"tool {tool.name!r}: {error.json_path}: {error.message}") from error


def _validator(name: str, schema: dict[str, Any], dialect: str | None) -> Validator:
    """Compile a validator. SchemaError for whatever a completion could trip over later."""
    named = {} if dialect is None else {"$schema": dialect}
    draft = jsonschema.validators.validator_for(named, default=jsonschema.Draft202012Validator)
    if draft is jsonschema.Draft3Validator:
        draft = jsonschema.Draft4Validator
    check_schema(name, schema, draft)
    validator = limited(draft)(schema, registry=Registry())
    try:
        with Budget():
            next(validator.iter_errors({}), None)
    except (Unresolvable, LookupError, ValueError) as error:
        raise SchemaError(f"tool {name!r}: {error}") from error
    except (jsonschema.exceptions.UnknownType, TypeError, AttributeError) as error:
        raise SchemaError(f"tool {name!r}: its schema cannot be used: {error}") from error
    return validator
