"""What the linter says of schemas, held against jsonschema: on random schemas it is never wrong
where it speaks."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.check.conjunction import why_empty
from rlcall.check.schema_tree import subschemas
from rlcall.check.schemas import tool_faults
from rlcall.verifier.schema import SchemaError

VALUES = [
    None, True, False, 0, 1, 2, 3, -1, 0.5, 2.5, 10, "", "a", "ab", "abc", [], [1], ["a"], [1, 2, 3], [[]],
    {}, {"a": 1}, {"a": "a"}, {"b": 1}, {"a": 1, "b": "a"}, {"a": {}, "b": []}, {"a": {"a": 1}},
]  # fmt: skip
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
SMALL = st.integers(-1, 4)
COUNTS = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b"])


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "minimum": SMALL, "maximum": SMALL, "exclusiveMinimum": SMALL, "exclusiveMaximum": SMALL,
            "multipleOf": st.sampled_from([1, 2, 0.5, 3]),
            "minLength": COUNTS, "maxLength": COUNTS, "minItems": COUNTS, "maxItems": COUNTS, "maxProperties": COUNTS,
            "minProperties": COUNTS,
            "enum": st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "required": st.lists(NAMES, unique=True, max_size=2),
            "additionalProperties": st.booleans(),
            "items": inner,
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "not": st.sampled_from([{}, True]),
        },
    )  # fmt: skip


SCHEMAS = st.recursive(_deeper(st.booleans()), _deeper, max_leaves=5)


@settings(max_examples=300)
@given(SCHEMAS)
def test_what_is_called_empty_fits_no_value(schema: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(schema)
    fitting = [value for value in VALUES if validator.is_valid(value)]
    assert not fitting or why_empty(schema, [schema]) is None


def tool(schema: Any) -> str:
    parameters = {"type": "object", "properties": {"x": schema}}
    return json.dumps(
        {"type": "function", "function": {"name": "f", "parameters": parameters}}, sort_keys=True
    )


@settings(max_examples=150)
@given(SCHEMAS)
def test_enum_values_that_nothing_lets_through_are_found(schema: dict[str, Any]) -> None:
    own = [node for _, node in subschemas(schema) if "enum" in node]
    wrong = [
        value
        for node in own
        for value in node["enum"]
        if not jsonschema.Draft202012Validator(node).is_valid(value)
    ]
    codes = {fault.code for fault in tool_faults(tool(schema))}
    assert not wrong or codes & {
        *("unreachable_enum", "enum_on_array", "unsatisfiable", "unreachable_branch")
    }
    assert wrong or not codes & {"unreachable_enum", "enum_on_array"}


BREAKING = st.sampled_from([
    ("minimum", "five"), ("maxLength", -1), ("required", ["a", "a"]), ("required", [1]), ("enum", "a"), 
    ("properties", {"a": "string"}), ("items", "string"), ("items", 5), ("allOf", []), ("allOf", [1]), ("type", ["x"]),
    ("additionalProperties", "no"), ("description", 5), ("uniqueItems", "yes"), ("multipleOf", 0), ("not", 7),
    ("anyOf", {"a": 1}), ("$defs", {"a": 1}), ("examples", "one"), ("title", 5), ("type", []),
])  # fmt: skip


@settings(max_examples=150)
@given(SCHEMAS, BREAKING, st.booleans())
def test_the_meta_schema_is_kept_to(
    schema: dict[str, Any], breaking: tuple[str, Any], broken: bool
) -> None:
    """Schema by schema, without the children, it says what jsonschema says of the whole."""
    changed = {**schema, breaking[0]: breaking[1]} if broken else schema
    try:
        jsonschema.Draft202012Validator.check_schema({"properties": {"x": changed}})
        right = True
    except jsonschema.SchemaError:
        right = False
    try:
        codes = [fault.code for fault in tool_faults(tool(changed))]
    except ValueError:  # so broken that the tool does not compile, which its row's reader tells
        assert not right
    else:
        assert right == ("broken_schema" not in codes)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "integer", "minimum": 10**400, "maximum": 3}, "from 1e400 or so and up to 3"),
        ({"type": "string", "minLength": 10**400, "maxLength": 2}, "minLength is 1e400 or so"),
    ],
)
def test_limits_beyond_any_float(schema: dict[str, Any], reason: str) -> None:
    assert reason in (why_empty(schema, [schema]) or "")


def test_a_schema_of_an_older_draft_is_held_to_its_own_rules() -> None:
    older = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"x": {"minimum": 1, "maximum": 1}},
    }
    strict = {"exclusiveMinimum": True}
    for extra, codes in (({}, []), (strict, ["unsatisfiable"])):
        changed = {
            **older,
            "properties": {"x": {**older["properties"]["x"], "type": "integer", **extra}},
        }
        text = json.dumps({"type": "function", "function": {"name": "f", "parameters": changed}})
        assert [fault.code for fault in tool_faults(text)] == codes


@pytest.mark.parametrize(
    ("schema", "codes"),
    [
        ({"anyOf": [{"not": {}}, {"type": "string"}]}, {"unreachable_branch"}),
        (
            {"oneOf": [{"type": "integer", "minimum": 5, "maximum": 3}, {"type": "null"}]},
            {"unreachable_branch"},
        ),
        ({"anyOf": [{"type": "integer", "enum": ["1"]}, {"type": "string"}]}, {"unreachable_branch"}),
        ({"type": "array", "items": {"anyOf": [{"not": {}}, {"type": "null"}]}}, {"unreachable_branch"}),
        ({"anyOf": [{"not": {}}, {"not": True}]}, {"unsatisfiable", "unreachable_branch"}),
        ({"type": "object", "properties": {"anyOf": {"not": {}}}, "required": ["anyOf"]},
         {"unsatisfiable"}),
    ],
)  # fmt: skip
def test_a_dead_branch_is_no_error_while_another_fits(
    schema: dict[str, Any], codes: set[str]
) -> None:
    found = tool_faults(tool({"type": "object", "properties": {"x": schema}}))
    assert {fault.code for fault in found} == codes


@pytest.mark.parametrize("name", ["x", "$schema", "any thing"])
def test_a_broken_property_has_its_own_name(name: str) -> None:
    parameters = {"type": "object", "properties": {name: 5, "other": {"type": "string"}}}
    with pytest.raises(SchemaError, match=re.escape(name)):
        tool_faults(tool(parameters))
