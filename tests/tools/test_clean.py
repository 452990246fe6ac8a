"""Cleaned schemas take exactly the calls that the raw ones take, and are shorter."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.validators import validator_for
from pydantic import BaseModel, Field, TypeAdapter

from rlcall.tools.clean import clean_parameters, clean_tool
from rlcall.verifier.schema import compile_tool


class Colour(Enum):
    RED = "red"


class Part(BaseModel):
    """A part of a parcel."""

    label: str
    colour: Colour = Colour.RED
    weight: Annotated[float, Field(gt=0, le=30)] | None = None


class Parcel(BaseModel):
    title: str = Field(description="What the label says")
    parts: list[Part]
    main: Part | None = None
    code: int | str | None = None
    speed: Literal["slow", "fast"] | None = "slow"
    sign: Literal["yes"] | None = None
    notes: dict[str, str] | None = None


class Tree(BaseModel):
    name: str
    children: list[Tree] = []
    best: Tree | None = None


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.sampled_from([0.5, 29.5, 31.0]),
    st.sampled_from(["red", "yes", "slow", "fast", "x", ""]),
)
KEYS = st.sampled_from(
    [
        "title",
        "parts",
        "main",
        "code",
        "speed",
        "sign",
        "notes",
        "label",
        "colour",
        "weight",
        "name",
        "children",
        "best",
        "a",
        "b",
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
PART = st.fixed_dictionaries({"label": LEAVES}, optional={"colour": LEAVES, "weight": LEAVES})
PARCEL = st.fixed_dictionaries(
    {"title": st.just("t"), "parts": st.lists(PART, max_size=2)},
    optional={key: PART | LEAVES for key in ("main", "code", "speed", "sign", "notes")},
)


def assert_same(raw: dict[str, Any], clean: dict[str, Any], value: Any) -> None:
    before = validator_for(raw, default=Draft202012Validator)(raw).is_valid(value)
    after = validator_for(clean, default=Draft202012Validator)(clean).is_valid(value)
    assert before == after, (value, clean)


@pytest.mark.parametrize("model", [Parcel, Tree, Part])
def test_pydantic_models_take_the_same_values(model: type[BaseModel]) -> None:
    raw = model.model_json_schema()
    clean = clean_parameters(raw)

    @settings(max_examples=300, deadline=None)
    @given(PARCEL | VALUES)
    def check(value: Any) -> None:
        assert_same(raw, clean, value)

    check()
    assert len(json.dumps(clean)) < len(json.dumps(raw))


def test_the_verifier_finds_the_same_faults() -> None:
    raw = {
        "type": "function",
        "function": {"name": "send", "parameters": Parcel.model_json_schema()},
    }
    before, after = compile_tool(json.dumps(raw)), compile_tool(json.dumps(clean_tool(raw)))

    @settings(max_examples=150, deadline=None)
    @given(PARCEL)
    def check(value: Any) -> None:
        assert bool(before.violations(value)) == bool(after.violations(value))

    check()


def test_no_definition_title_or_union_with_null_is_left_of_a_model() -> None:
    text = json.dumps(clean_parameters(Parcel.model_json_schema()))
    assert "$ref" not in text and "$defs" not in text and "anyOf" not in text
    assert clean_parameters(Parcel.model_json_schema())["properties"]["title"] == {
        "description": "What the label says",
        "type": "string",
    }


def test_a_model_of_itself_keeps_its_definition() -> None:
    clean = clean_parameters(Tree.model_json_schema())
    assert "Tree" in clean["$defs"]
    assert '"title"' not in json.dumps(clean)


SCHEMAS = [
    # keywords beside a reference that look at what stands beside them
    {"$ref": "#/$defs/A", "additionalProperties": False, "properties": {"b": {}},
     "$defs": {"A": {"properties": {"a": {"type": "integer"}}}}},
    {"$ref": "#/$defs/A", "unevaluatedProperties": False, "properties": {"b": {}},
     "$defs": {"A": {"properties": {"a": {"type": "integer"}}}}},
    {"properties": {"a": {"$ref": "#/$defs/A", "maximum": 5}}, "$defs": {"A": {"maximum": 2}}},
    # unions whose parts say more than a type
    {"properties": {"a": {"anyOf": [{"type": "integer", "not": {"const": 3}}, {"type": "null"}]}}},
    {"properties": {"a": {"anyOf": [{"enum": [1, "x"]}, {"type": "null"}]}}},
    {"properties": {"a": {"oneOf": [{"type": "integer"}, {"type": "number"}]}}},
    {"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "null"}], "maximum": 2}}},
    {"properties": {"a": {"anyOf": [{"type": "string", "enum": ["x", None]}, {"type": "null"}]}}},
    {"properties": {"a": {"oneOf": [{"type": ["string", "null"]}, {"type": "null"}]}}},
    {"properties": {"a": {"anyOf": [{"const": 1, "enum": [1, 2], "type": "integer"}, {"type": "null"}]}}},
    # names and data that look like keywords
    {"properties": {"title": {"type": "integer"}, "$ref": {"type": "string"}}, "required": ["title"]},
    {"properties": {"a": {"enum": [{"title": "x"}, {"$ref": "#/$defs/A"}]}}},
    {"properties": {"a": {"const": {"title": "x"}}, "anyOf": {"type": "string"}}},
    # references that go by paths, and anchors
    {"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "b": {"$ref": "#/properties/a/anyOf/0"}}},
    {"properties": {"a": {"$ref": "#here"}}, "$defs": {"A": {"$anchor": "here", "type": "string"}}},
    {"properties": {"a": {"$ref": "#/$defs/a~1b"}}, "$defs": {"a/b": {"type": "string"}}},
    {"properties": {"a": {"$ref": "#"}}, "additionalProperties": False},
    # drafts
    {"$schema": "http://json-schema.org/draft-07/schema#",
     "properties": {"a": {"$ref": "#/definitions/A", "maximum": 1}}, "definitions": {"A": {"type": "integer"}}},
    {"$schema": "http://json-schema.org/draft-07/schema#",
     "properties": {"a": {"items": [{"type": "integer"}], "additionalItems": False}}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": ["b"]}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"type": "integer"}}},
    {"$schema": "http://json-schema.org/draft-04/schema#",
     "properties": {"a": {"type": "integer", "maximum": 2, "exclusiveMaximum": True}}},
]  # fmt: skip
OBJECTS = st.dictionaries(
    st.sampled_from(["a", "b", "title", "$ref", "anyOf"]),
    st.one_of(
        LEAVES,
        st.integers(0, 6),
        st.sampled_from(
            [{"title": "x"}, {"$ref": "#/$defs/A"}, [1], [1, 2], ["x"], {"a": {"c": 1}}]
        ),
    ),
    max_size=3,
)


@pytest.mark.parametrize("raw", SCHEMAS, ids=range(len(SCHEMAS)))
def test_hard_schemas_take_the_same_values(raw: dict[str, Any]) -> None:
    clean = clean_parameters(raw)

    @settings(max_examples=120, deadline=None)
    @given(OBJECTS)
    def check(value: Any) -> None:
        assert_same(raw, clean, value)

    check()


def test_a_draft_stays_named_only_where_it_tells() -> None:
    plain = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"a": {"type": "string"}},
    }
    telling = {**plain, "properties": {"a": {"items": [{"type": "string"}]}}}
    assert "$schema" not in clean_parameters(plain)
    assert clean_parameters(telling)["$schema"] == plain["$schema"]
    assert Draft7Validator.META_SCHEMA["$schema"] == plain["$schema"]


def test_definitions_that_double_at_every_level_stay_references() -> None:
    definitions: dict[str, Any] = {"L0": {"type": "string"}}
    for level in range(1, 40):
        below = {"$ref": f"#/$defs/L{level - 1}"}
        definitions[f"L{level}"] = {"type": "object", "properties": {"a": below, "b": below}}
    raw = {"properties": {"x": {"$ref": "#/$defs/L39"}}, "$defs": definitions}
    assert len(json.dumps(clean_parameters(raw))) <= 2 * len(json.dumps(raw))


def test_a_schema_nested_beyond_reason_is_left_as_it_is() -> None:
    raw: dict[str, Any] = {}
    for _ in range(3000):
        raw = {"items": raw}
    assert clean_parameters(raw) is raw


@pytest.mark.parametrize(
    "description",
    [
        "Find it.\n\nArgs:\n    query: What to look for.\n    limit (int): How many.\n",
        "Find it.\n\nParameters\n----------\nquery : str\n    What to look for.\nlimit : int\n    How many.\n",
        "Find it.\n\n:param query: What to look for.\n:param limit: How many.\n",
    ],
    ids=["google", "numpy", "sphinx"],
)
def test_what_a_docstring_says_of_arguments_stands_at_them(description: str) -> None:
    properties = {"query": {"type": "string"}, "limit": {"type": "integer", "description": "Own."}}
    tool = {"type": "function", "function": {
        "name": "find", "description": description,
        "parameters": {"type": "object", "properties": properties}}}  # fmt: skip
    function = clean_tool(tool)["function"]
    assert function["description"] == "Find it."
    assert function["parameters"]["properties"]["query"]["description"] == "What to look for."
    assert function["parameters"]["properties"]["limit"]["description"] == "Own."
    assert properties["query"] == {"type": "string"}  # what came in stays as it was


@pytest.mark.parametrize(
    "description",
    [
        "Finds: a shop, a street.",
        "Find it.\n\nArgs:\n    other: Of another function.",
        "Use it so:\n- one: a\n- two: b",
    ],
)
def test_other_descriptions_stay_whole(description: str) -> None:
    tool = {"type": "function", "function": {"name": "find", "description": description,
            "parameters": {"type": "object", "properties": {"query": {}}}}}  # fmt: skip
    assert clean_tool(tool)["function"]["description"] == description


def test_results_are_trimmed_to_types_and_members() -> None:
    returns = TypeAdapter(Part).json_schema(mode="serialization")
    tool = {"type": "function", "function": {"name": "find", "returns": returns}}
    assert set(clean_tool(tool)["function"]["returns"]) == {"type", "properties"}
