"""Tools as they are found in the wild, and tools that cannot be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rlcall.calls import Reference
from rlcall.verifier.schema import SchemaError, Tool, check_tool, compile_tool, compile_tools
from rlcall.verifier.values import Absent


def tool(parameters: Any, **more: Any) -> Tool:
    return compile_tool(
        json.dumps(
            {"type": "function", "function": {"name": "f", "parameters": parameters, **more}}
        )
    )


def codes(parameters: Any, arguments: dict[str, Any]) -> list[str]:
    return [violation.code for violation in tool(parameters).violations(arguments)]


@pytest.mark.parametrize(
    ("written", "right", "wrong"),
    [
        ("dict", {}, []),
        ("float", 1.5, "1.5"),
        ("tuple", [1], {}),
        ("String", "a", 1),
        ("int", 5.0, 5.5),
        ("integer", 5.0, True),
        ("number", 5, True),
        ("bool", False, 0),
    ],
)
def test_dialects_are_read_for_what_they_mean(written: str, right: Any, wrong: Any) -> None:
    parameters = {"type": "dict", "properties": {"a": {"type": written}}}
    assert codes(parameters, {"a": right}) == []
    assert codes(parameters, {"a": wrong}) == ["wrong_type"]
    assert tool(parameters).notes


def test_any_and_unknown_types_admit_anything_and_leave_a_note() -> None:
    for written in ("any", "Callable"):
        compiled = tool({"properties": {"a": {"type": written}}})
        assert compiled.violations({"a": [1, None]}) == [] and written in compiled.notes[0]


def test_required_inside_a_property_is_the_objects_required() -> None:
    parameters = {
        "properties": {
            "a": {"type": "string", "required": True},
            "b": {"type": "string", "required": False},
        }
    }
    (violation,) = tool(parameters).violations({})
    assert (violation.code, violation.path) == ("missing_parameter", ("a",))


def test_parameters_may_be_called_like_keywords() -> None:
    parameters = {
        "properties": {
            "properties": {"type": "dict"},
            "required": {"type": "bool"},
            "type": {"type": "str"},
        }
    }
    assert codes(parameters, {"properties": {}, "required": True, "type": "x"}) == []
    assert codes(parameters, {"type": 1}) == ["wrong_type"]


def test_a_reference_fits_any_type() -> None:
    parameters = {
        "properties": {"a": {"type": "integer"}, "b": {"anyOf": [{"type": "array"}, {"const": 1}]}}
    }
    assert codes(parameters, {"a": Reference("var1"), "b": Reference("var1")}) == []


def test_a_tool_without_parameters_takes_none() -> None:
    assert not tool(None).violations({}) and not tool({}).declares(("a",))


def test_defaults_and_pins_are_found_through_references() -> None:
    unit = {"enum": ["C", "F"], "default": "C"}
    compiled = tool(
        {"properties": {"o": {"properties": {"u": {"$ref": "#/$defs/u"}}}}, "$defs": {"u": unit}}
    )
    assert compiled.default(("o", "u")) == "C" and compiled.pins_strings(("o", "u"))
    assert compiled.default(("o",)) is Absent and not compiled.pins_strings(("o",))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}, "not local"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "points at nothing"),
        ({"properties": {"a": {"pattern": "("}}}, "f"),
        (["a"], "JSON Schema"),
        ({"$schema": 5}, "cannot be used"),
        ({"$id": 5}, "is not a text"),
    ],
)
def test_a_tool_that_cannot_be_used_is_a_mistake_of_the_data(parameters: Any, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        tool(parameters)


def test_a_tool_has_a_name() -> None:
    with pytest.raises(SchemaError, match="name"):
        compile_tools('[{"name": "f"}]')


def test_the_linter_finds_what_the_meta_schema_forbids() -> None:
    with pytest.raises(SchemaError, match="minimum"):
        check_tool(tool({"properties": {"a": {"type": "integer", "minimum": "one"}}}))
