"""Tools as JSON Schema: compiled once per tool, violations with a path.

    toolset = compile_tools('[{"type": "function", "function": {"name": "f", "parameters": {...}}}]')
    toolset["f"].violations({"a": True})   # [("wrong_type", ("a",), "True is not of type 'integer'")]

Checks go through `jsonschema` under the schema's own draft (2020-12 where it names none). `$ref` is local only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema
import regex
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from rlcall.calls import Path, Reference, show_path
from rlcall.values import canonical

MAX_VIOLATIONS = 20
PATTERN_SECONDS = 0.01  # `(a+)+$` takes exponential time in every backtracking engine; `regex` can be stopped

# What is found in the wild for a JSON Schema type (BFCL, ToolRL, Python signatures). None: any type.
DIALECT = {
    "dict": "object", "hashmap": "object", "map": "object",
    "float": "number", "double": "number", "decimal": "number",
    "int": "integer", "long": "integer",
    "str": "string", "char": "string",
    "bool": "boolean",
    "list": "array", "tuple": "array", "set": "array",
    "none": "null",
    "any": None,
}  # fmt: skip
TYPES = frozenset(("object", "number", "integer", "string", "boolean", "array", "null"))

LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
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


class SchemaError(ValueError):
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

    def violations(self, arguments: dict[str, Any]) -> list[Violation]:
        """How arguments break the schema, at most MAX_VIOLATIONS. A reference fits any type."""
        return list(islice(_violations(self.validator.iter_errors(arguments)), MAX_VIOLATIONS))

    def nodes(self, path: Path) -> tuple[dict[str, Any], ...]:
        """The subschemas that speak about the value at `path`, through `allOf`, `anyOf`, `oneOf` and local `$ref`."""
        path = tuple("*" if isinstance(step, int) else step for step in path)
        if path not in self._nodes:
            self._nodes[path] = tuple(_descend(self.parameters, path))
        return self._nodes[path]

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
        """The default at `path`, or the class `Unset` where there is none."""
        return next((node["default"] for node in self.nodes(path) if "default" in node), Unset)

    def types(self, path: Path) -> frozenset[str]:
        """The JSON types that the schema permits at `path`; empty for any."""
        return _types(self.nodes(path))

    def output_fault(self, path: Path, wanted: frozenset[str]) -> tuple[str, str] | None:
        """Why the declared output cannot give a value of one of the types `wanted` at `path`: code and message."""
        if self.returns is None:
            return None
        nodes = [self.returns]
        for depth, step in enumerate(path):
            children = [child for node in nodes for child in _children(node, "*" if isinstance(step, int) else step)]
            closed = any("properties" in node or "items" in node for node in nodes)
            nodes = [node for child in children for node in _expand(self.returns, child)]
            if not nodes:
                where = show_path(path[: depth + 1])
                return ("wrong_path", f"the output of {self.name!r} has no {where}") if closed else None
        given = _types(nodes)
        if wanted and given and not given & (wanted | {"integer"} if "number" in wanted else wanted):
            return "wrong_type", f"the output of {self.name!r} at {show_path(path)} is of type {', '.join(given)}"
        return None

    def pins_strings(self, path: Path) -> bool:
        """True where a string at `path` is code rather than prose: under `enum`, `const`, `format` or `pattern`."""
        return any(not PINS.isdisjoint(node) for node in self.nodes(path))


class Unset:
    """Marks the absence of a default, since None is a value."""


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
        raise SchemaError(f'a tool must read {{"type": "function", "function": {{"name": ...}}}}, not {tool[:120]}')
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


OPAQUE = frozenset(("enum", "const", "default", "examples", "example", "description", "title"))
NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))  # name -> schema


def normalise(schema: Any, notes: list[str], path: str) -> Any:
    """A copy of a schema with the dialects found in the wild put right; each change leaves a note."""
    if isinstance(schema, list):
        return [normalise(item, notes, f"{path}[{index}]") for index, item in enumerate(schema)]
    if not isinstance(schema, dict):
        return schema
    result = {key: _normalise_member(key, item, notes, f"{path}.{key}") for key, item in schema.items()}
    if isinstance(result.get("type"), str) and result["type"] not in TYPES:
        _normalise_type(result, notes, path)
    if isinstance(result.get("required"), bool):
        del result["required"]
    _lift_required(schema, result, notes, path)
    return result


def _normalise_member(key: str, item: Any, notes: list[str], path: str) -> Any:
    if key in OPAQUE:
        return item
    if key in NAMED and isinstance(item, dict):
        return {name: normalise(child, notes, f"{path}.{name}") for name, child in item.items()}
    return normalise(item, notes, path)


def _normalise_type(schema: dict[str, Any], notes: list[str], path: str) -> None:
    written = schema.pop("type")
    name = DIALECT.get(written.strip().lower(), "?")
    known = f"{name or 'any type'}" if name != "?" else "any type, since it is not known"
    notes.append(f"{path}: type {written!r} is read as {known}")
    if name in TYPES:
        schema["type"] = name


def _lift_required(schema: dict[str, Any], result: dict[str, Any], notes: list[str], path: str) -> None:
    """`required: true` inside a property is a word for the list beside `properties`."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    inside = [name for name, item in properties.items() if isinstance(item, dict) and item.get("required") is True]
    if inside:
        given = result.get("required")
        result["required"] = list(dict.fromkeys([*(given if isinstance(given, list) else ()), *inside]))
        notes.append(f"{path}: `required: true` inside {', '.join(inside)} is read as the object's `required`")


def _pattern(validator: Validator, pattern: str, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    if not validator.is_type(instance, "string"):
        return
    try:
        if regex.search(pattern, instance, timeout=PATTERN_SECONDS) is None:
            yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")
    except TimeoutError:
        yield jsonschema.ValidationError(f"matching {pattern!r} took over {PATTERN_SECONDS} s")


def _unique(validator: Validator, wanted: bool, instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    # jsonschema's own check is quadratic on items that cannot be sorted
    if wanted and validator.is_type(instance, "array") and len({canonical(item) for item in instance}) < len(instance):
        yield jsonschema.ValidationError("items are not unique")


@lru_cache(maxsize=8)
def _validator_class(draft: type[Validator]) -> type[Validator]:
    return jsonschema.validators.extend(draft, {"pattern": _pattern, "uniqueItems": _unique})


def _validator(name: str, schema: dict[str, Any]) -> Validator:
    """A compiled validator. Patterns and `$ref`s are tried now, so that no completion can trip over them."""
    draft = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    validator = _validator_class(draft)(schema, registry=Registry())
    for node in _walk(schema):
        try:
            if isinstance(node.get("pattern"), str):
                regex.compile(node["pattern"])
            if isinstance(node.get("$ref"), str):
                _resolve(schema, node["$ref"])
        except (regex.error, Unresolvable, LookupError, ValueError) as error:
            raise SchemaError(f"tool {name!r}: {error}") from error
    try:
        next(validator.iter_errors({}), None)
    except (jsonschema.exceptions.UnknownType, TypeError, AttributeError, Unresolvable) as error:
        raise SchemaError(f"tool {name!r}: its schema cannot be used: {error}") from error
    return validator


def _walk(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for item in schema:
            yield from _walk(item)
    elif isinstance(schema, dict):
        yield schema
        for key, item in schema.items():
            if key in NAMED and isinstance(item, dict):
                yield from _walk(list(item.values()))
            elif key not in OPAQUE:
                yield from _walk(item)


def _resolve(root: dict[str, Any], ref: str) -> dict[str, Any]:
    """A local `$ref` (a JSON Pointer fragment). Anything else would be the network, or another file."""
    if not ref.startswith("#"):
        raise ValueError(f"$ref {ref!r} is not local; put the definition under $defs and use '#/$defs/...'")
    node: Any = root
    for part in filter(None, ref[1:].split("/")):
        part = part.replace("~1", "/").replace("~0", "~")
        node = node[int(part)] if isinstance(node, list) else node[part]
    if not isinstance(node, dict):
        raise ValueError(f"$ref {ref!r} does not point at a schema")
    return node


def _expand(root: dict[str, Any], node: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if not isinstance(node, dict) or depth > 16:
        return
    yield node
    if isinstance(node.get("$ref"), str):
        yield from _expand(root, _resolve(root, node["$ref"]), depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        for branch in node.get(key, ()):
            yield from _expand(root, branch, depth + 1)


def _descend(root: dict[str, Any], path: Path) -> Iterator[dict[str, Any]]:
    nodes = list(_expand(root, root))
    for step in path:
        children = [child for node in nodes for child in _children(node, step)]
        nodes = [node for child in children for node in _expand(root, child)]
    yield from nodes


def _types(nodes: Iterable[dict[str, Any]]) -> frozenset[str]:
    written = [node["type"] for node in nodes if "type" in node]
    return frozenset(name for entry in written for name in ([entry] if isinstance(entry, str) else entry))


def _children(node: dict[str, Any], step: str | int) -> Iterator[Any]:
    if step == "*":
        items = node.get("items")
        yield from items if isinstance(items, list) else [items]
        yield from node.get("prefixItems", ())
        return
    if step in node.get("properties", {}):
        yield node["properties"][step]
        return
    for pattern, child in node.get("patternProperties", {}).items():
        if re.search(pattern, str(step)):
            yield child
    yield node.get("additionalProperties")


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
