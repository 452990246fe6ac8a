"""Schemas as they are found in the wild: read for what they mean, refused once, and never in the
way of a completion."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.verifier.keywords.forms import FORMS
from rlcall.verifier.schema import SchemaError, Tool, compile_tool
from rlcall.verify import verify

DRAFTS = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    "https://example.org/no-draft",
]


def tool(schema: Any, **function: Any) -> Tool:
    parameters = {"type": "object", "properties": {"x": schema}}
    return compile_tool(
        json.dumps({"function": {"name": "f", "parameters": parameters, **function}})
    )


def whole(parameters: dict[str, Any]) -> Tool:
    return compile_tool(json.dumps({"function": {"name": "f", "parameters": parameters}}))


def codes(schema: Any, value: Any) -> list[str]:
    return [violation.code for violation in tool(schema).violations({"x": value})]


# The guard


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("pattern", ["^([a-z0-9]+-?)+$", "^(a+)+$", "(x|x)*y"])
@pytest.mark.parametrize("place", ["root", "property", "item"])
def test_a_schema_that_names_its_draft_is_bounded(draft: str, pattern: str, place: str) -> None:
    text = {"type": "string", "pattern": pattern}
    named = {"$schema": draft}
    parameters = {
        "root": {**named, "properties": {"x": text}},
        "property": {"properties": {"x": {**named, **text}}},
        "item": {"properties": {"x": {"type": "array", "items": {**named, **text}}}},
    }[place]
    value = "abcdefghijklmnopqrstuvwxyz" * 2 + "!" if pattern != "(x|x)*y" else "x" * 60
    compiled = whole({"type": "object", **parameters})
    start = time.process_time()
    found = compiled.violations({"x": [value] if place == "item" else value})
    assert found and time.process_time() - start < 0.25


@pytest.mark.parametrize("draft", DRAFTS)
def test_steps_are_counted_under_a_named_draft(draft: str) -> None:
    node: dict[str, Any] = {"type": "object", "properties": {}}
    for name in ("a", "b"):
        node["properties"][name] = {
            "anyOf": [{"$ref": "#/definitions/n"}, {"$ref": "#/definitions/n"}]
        }
    compiled = whole(
        {
            "$schema": draft,
            "properties": {"x": {"$ref": "#/definitions/n"}},
            "definitions": {"n": node},
        }
    )
    value: Any = 1
    for _ in range(40):
        value = {"a": value}
    (found,) = compiled.violations({"x": value})
    assert found.code == "too_large"


@pytest.mark.parametrize("draft", DRAFTS)
def test_patterns_are_regexs_under_a_named_draft(draft: str) -> None:
    compiled = whole({"$schema": draft, "properties": {"x": {"pattern": r"^\p{Lu}\p{L}+$"}}})
    assert not compiled.violations({"x": "Élodie"}) and compiled.violations({"x": "1"})


def test_a_parameter_may_be_called_schema() -> None:
    compiled = whole({"properties": {"$schema": {"type": "string"}, "$id": {"type": "integer"}}})
    assert compiled.declares(("$schema",)) and compiled.violations({"$schema": 5})
    assert compiled.violations({"$id": "a"}) and not compiled.violations({"$id": 1})


# Dialects: schema, values that fit, values that do not

READ = {
    "tuple items": ({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}, [["a", 1], ["a"]], [[1, "a"]]),
    "tuple items and no more": (
        {"type": "array", "items": [{"type": "string"}], "additionalItems": False}, [["a"]], [["a", 1]],
    ),
    "an empty tuple": ({"type": "array", "items": []}, [[], [1]], ["a"]),
    "a list of words for types": ({"type": ["float", "null"]}, [1.5, None], ["a"]),
    "a list of words in capitals": ({"type": ["STRING", "NULL"]}, ["a", None], [5]),
    "Python's words in a list": ({"type": ["str", "int"]}, ["a", 1], [[], 1.5]),
    "enum: null": ({"type": "string", "enum": None}, ["a"], [5]),
    "items: null": ({"type": "array", "items": None}, [[1, "a"]], ["a"]),
    "required: null": ({"type": "object", "required": None, "properties": {"a": {}}}, [{}], [5]),
    "properties: null": ({"type": "object", "properties": None}, [{}], ["a"]),
    "every keyword null": ({"type": "integer", "minimum": None, "pattern": None, "anyOf": None, "$ref": None}, [1], ["a"]),
    "properties padded with nulls": (
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": None}}, [{"a": 1}], [{"a": "b"}],
    ),
    "properties: []": ({"type": "object", "properties": []}, [{}], ["a"]),
    "exclusiveMinimum: true": ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, [0.5, 1], [0, -1]),
    "exclusiveMaximum: true": ({"type": "number", "maximum": 5, "exclusiveMaximum": True}, [4, 4.9], [5, 6]),
    "exclusiveMinimum: false": ({"type": "number", "minimum": 0, "exclusiveMinimum": False}, [0, 1], [-1]),
    "exclusiveMinimum without a limit": ({"type": "number", "exclusiveMinimum": True}, [-5, 0], ["a"]),
    "nullable": ({"type": "string", "nullable": True}, ["a", None], [5]),
    "nullable and an enum": ({"type": "string", "enum": ["a"], "nullable": True}, ["a", None], ["b"]),
    "nullable and a const": ({"const": "a", "nullable": True}, ["a", None], ["b"]),
    "nullable and a reference": (
        {"allOf": [{"type": "integer", "minimum": 3}], "nullable": True}, [3, None], [2, "a"],
    ),
    "nullable: false": ({"type": "string", "nullable": False}, ["a"], [None]),
    "default: null": ({"type": "integer", "default": None}, [1, None], ["a"]),
    "default: null and an enum": ({"enum": ["a", "b"], "default": None}, ["a", None], ["c"]),
    "default: null and alternatives": ({"anyOf": [{"type": "integer"}], "default": None}, [1, None], ["a"]),
    "multipleOf: 0.01": ({"type": "number", "multipleOf": 0.01}, [19.99, 0.07, 3, 1e-2], [19.999, 0.005]),
    "multipleOf: 0.1": ({"type": "number", "multipleOf": 0.1}, [0.3, 1.1, 5], [0.35]),
    "multipleOf of large numbers": ({"multipleOf": 3}, [3 * 10**20, 9.0], [10**20, 1e16, 1e300]),
    "additionalProperties: {}": ({"type": "object", "additionalProperties": {}}, [{"a": 1}], [1]),
    'minimum: "1"': ({"type": "integer", "minimum": "1", "maximum": "9"}, [1, 9], [0, 10]),
    'maxLength: "3"': ({"type": "string", "maxLength": "3"}, ["abc"], ["abcd"]),
    "a false branch": ({"anyOf": [False, {"type": "integer"}]}, [1], ["a"]),
    "a boolean schema": (True, [1, "a", None], []),
    "nothing fits": (False, [], [1, "a", None]),
    "untyped": ({}, [1, "a"], []),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_dialects_are_read_for_what_they_mean(name: str) -> None:
    schema, fitting, others = READ[name]
    for value in fitting:
        assert codes(schema, value) == [], value
    for value in others:
        assert codes(schema, value), value


@pytest.mark.parametrize("draft", DRAFTS[:3])
def test_a_named_draft_keeps_its_own_words(draft: str) -> None:
    parameters = {"$schema": draft, "properties": {"x": {"items": [{"type": "string"}]}}}
    assert not whole(parameters).violations({"x": ["a", 5]})
    assert whole(parameters).violations({"x": [5]})
    boolean = {"$schema": draft, "properties": {"x": {"minimum": 0, "exclusiveMinimum": True}}}
    assert whole(boolean).violations({"x": 0}) and not whole(boolean).violations({"x": 0.5})


@pytest.mark.parametrize(
    ("ref", "definitions"),
    [
        ("#/$defs/a%20b", {"a b": {"type": "integer"}}),
        ("#/$defs/a%25b", {"a%b": {"type": "integer"}}),
        ("#/$defs/a~1b", {"a/b": {"type": "integer"}}),
        ("#whole", {"n": {"$anchor": "whole", "type": "integer"}}),
    ],
)
def test_local_references_are_followed(ref: str, definitions: dict[str, Any]) -> None:
    compiled = whole({"properties": {"x": {"$ref": ref}}, "$defs": definitions})
    assert not compiled.violations({"x": 1}) and compiled.violations({"x": "a"})
    assert compiled.types(("x",)) == {"integer"}


@pytest.mark.parametrize("target", [True, False])
def test_a_reference_may_lead_to_a_boolean(target: bool) -> None:
    compiled = whole({"properties": {"x": {"$ref": "#/$defs/n"}}, "$defs": {"n": target}})
    assert bool(compiled.violations({"x": 1})) is not target


def test_required_beside_parameters_is_theirs() -> None:
    compiled = tool({"type": "string"}, required=["x"])
    assert compiled.is_required(("x",)) and compiled.violations({})
    assert any("beside" in note for note in compiled.notes)


def test_every_reading_that_is_not_literal_is_noted() -> None:
    for name in (
        "tuple items",
        "a list of words for types",
        "enum: null",
        "properties: []",
        'minimum: "1"',
    ):
        assert tool(READ[name][0]).notes, name
    assert tool({"type": "integer", "minimum": 1}).notes == ()


def test_dependencies_are_read_without_their_draft() -> None:
    schema = {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}
    assert codes(schema, {"a": 1, "b": 1}) == [] and codes(schema, {"c": 1, "d": 1}) == []
    assert codes(schema, {"a": 1}) and codes(schema, {"c": 1})
    assert any("dependencies" in note for note in tool(schema).notes)


# What cannot be read is said once

BROKEN = [
    {"type": 5}, {"type": {}}, {"type": []}, {"type": ["text", "strange"]}, {"enum": "a"}, {"enum": {"a": 1}},
    {"minimum": "low"}, {"minimum": [1]}, {"multipleOf": 0}, {"multipleOf": -1}, {"multipleOf": "x"},
    {"minLength": -1}, {"maxItems": 1.5}, {"pattern": 5}, {"pattern": "("}, {"patternProperties": {"(": {}}},
    {"required": "a"}, {"required": [1]}, {"properties": ["a"]}, {"properties": {"a": 5}}, {"properties": {"a": "string"}},
    {"items": "string"}, {"items": [5]}, {"prefixItems": {}}, {"allOf": {}}, {"anyOf": [1]}, {"oneOf": "x"}, {"not": 1},
    {"if": 1}, {"then": []}, {"contains": 5}, {"propertyNames": "a"}, {"dependentRequired": {"a": "b"}},
    {"dependentSchemas": {"a": 5}}, {"uniqueItems": "yes"}, {"$ref": 5}, {"$ref": "#/no"},
    {"$ref": "other.json"}, {"$ref": "#nobody"}, {"$dynamicRef": "#nobody"}, {"additionalProperties": "no"},
    {"unevaluatedProperties": 5}, {"unevaluatedItems": "x"}, {"minContains": "a"}, {"$ref": "#/properties/x"},
]  # fmt: skip


@pytest.mark.parametrize("schema", BROKEN, ids=json.dumps)
@pytest.mark.parametrize("depth", [0, 2])
def test_a_broken_schema_is_one_mistake_of_the_row(schema: dict[str, Any], depth: int) -> None:
    for _ in range(depth):
        schema = {"type": "array", "items": {"anyOf": [{"type": "null"}, schema]}}
    if depth and "#/properties/x" in json.dumps(schema):
        pytest.skip("a recursion that goes into the value is sound")
    with pytest.raises(SchemaError, match="tool 'f'"):
        tool(schema)


def test_a_schema_nested_too_deeply_is_a_mistake_of_the_row() -> None:
    text = '{"items":' * 3000 + "{}" + "}" * 3000
    definition = f'{{"function": {{"name": "f", "parameters": {{"properties": {{"x": {text}}}}}}}}}'
    with pytest.raises((SchemaError, RecursionError)):
        compile_tool(definition)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.sampled_from(["", "a", "string", "5", "#", "#/properties/x", "(", "$defs"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FORMS, "a", "default", "nullable", "$schema", "const"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SCHEMAS = st.dictionaries(
    st.sampled_from([*FORMS, "default", "nullable", "const", "$schema"]), VALUES, max_size=5
)


@settings(max_examples=500, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=6))
def test_no_schema_makes_a_completion_raise(schema: dict[str, Any], values: list[Any]) -> None:
    """A tool is refused when it is compiled, or checks whatever a completion gives."""
    try:
        compiled = tool(schema)
    except SchemaError:
        return
    for value in values:
        compiled.violations({"x": value})
        call = json.dumps({"name": "f", "arguments": {"x": value}})
        tools = json.dumps(
            [{"function": {"name": "f", "parameters": {"properties": {"x": schema}}}}]
        )
        try:
            verify(
                f"<tool_call>{call}</tool_call>",
                tools,
                {"calls": [{"name": "f", "arguments": {"x": value}}]},
            )
        except SchemaError:
            pytest.fail("a tool that compiles alone does not compile in a row")


@settings(max_examples=300, deadline=None)
@given(SCHEMAS)
def test_a_schema_that_its_meta_schema_allows_is_refused_for_references_and_patterns_alone(
    schema: dict[str, Any],
) -> None:
    text = json.dumps(schema)
    if "$" in text or "pattern" in text.lower() or "default" in text or "nullable" in text:
        return
    try:
        jsonschema.Draft202012Validator.check_schema({"properties": {"x": schema}})
    except jsonschema.SchemaError:
        return
    tool(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"additionalItems": {"type": False}},
        {"prefixItems": [{"additionalItems": {"minimum": "low"}}]},
        {"type": "object", "properties": {"y": {"additionalItems": {"required": "all"}}}},
    ],
)
def test_what_stands_under_a_keyword_of_another_draft_applies_to_nothing(
    schema: dict[str, Any],
) -> None:
    tool(schema)


def test_random_values_are_multiples_as_decimals_say() -> None:
    chance = random.Random(0)
    for _ in range(300):
        step = 10 ** -chance.randint(1, 6)
        value = round(chance.randint(-(10**6), 10**6) * step, 7)
        assert codes({"multipleOf": step}, value) == []
