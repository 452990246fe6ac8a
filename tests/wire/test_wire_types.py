"""Values that a format writes as bare text get their type from the tool's schema, however it says
it, and can be written where they can be read."""

from typing import Any

import pytest

from rlcall import wire
from rlcall.calls import Call
from rlcall.verify import verify
from rlcall.wire.reading.typed import parameters_of, typed

UNTYPED = (
    "qwen3_coder",
    "glm45",
    "longcat",
    "hunyuan_hy3",
    "seed_oss",
    "minimax_m2",
    "anthropic_xml",
    "step3",
)
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
DEFINITIONS = {
    "Zip": {"type": "string", "pattern": "^[0-9]{5}$"},
    "Code": {"allOf": [{"$ref": "#/$defs/Zip"}, {"description": "a code"}]},
    "Any of": {"anyOf": [{"$ref": "#/$defs/Code"}, {"const": "10001"}]},
    "Loop": {"anyOf": [{"$ref": "#/$defs/Loop"}, {"type": "string"}]},
    "here": {"$anchor": "zip", "type": "string"},
    "Keys": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Zip"}},
    "Node": {"properties": {"v": {"type": "string"}}, "allOf": [{"$ref": "#/$defs/Node"}]},
}


def of_value(schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"v": schema}, "$defs": DEFINITIONS}


# schemas under which "10001" is a text
TEXTS: dict[str, dict[str, Any]] = {
    "ref": of_value({"$ref": "#/$defs/Zip"}),
    "ref behind ref": of_value({"$ref": "#/$defs/Code"}),
    "ref with an escape": of_value({"$ref": "#/$defs/Any%20of"}),
    "ref to an anchor": of_value({"$ref": "#zip"}),
    "ref to a sibling": {"properties": {"v": {"$ref": "#/properties/w"}, "w": TEXT}},
    "allOf": of_value({"allOf": [{"minLength": 1}, TEXT]}),
    "allOf of unions": of_value(
        {"allOf": [{"anyOf": [TEXT, NUMBER]}, {"type": ["string", "null"]}]}
    ),
    "const": of_value({"const": "10001"}),
    "const beside others": of_value({"oneOf": [{"const": "10001"}, {"const": 7}]}),
    "enum of both": of_value({"enum": ["10001", 7]}),
    "nullable by ref": of_value({"anyOf": [{"$ref": "#/$defs/Zip"}, {"type": "null"}]}),
    "root ref": {"$ref": "#/$defs/args", "$defs": {"args": {"properties": {"v": TEXT}}}},
    "root ref in a circle": {"$ref": "#/$defs/Node", "$defs": DEFINITIONS},
    "root allOf": {"allOf": [{"properties": {"w": NUMBER}}, {"properties": {"v": TEXT}}]},
    "root oneOf": {
        "type": "object",
        "oneOf": [
            {"properties": {"w": {"const": "a"}}, "required": ["w"]},
            {"properties": {"v": TEXT}, "required": ["v"]},
        ],
    },
    "root anyOf by ref": {
        "anyOf": [{"$ref": "#/$defs/one"}, {"$ref": "#/$defs/two"}],
        "$defs": {"one": {"properties": {"v": TEXT}}, "two": {"properties": {"w": NUMBER}}},
    },
    "then": {"if": {"required": ["w"]}, "then": {"properties": {"v": TEXT}}},
    "map": {"type": "object", "additionalProperties": TEXT},
    "map by ref": {"$ref": "#/$defs/Keys", "$defs": DEFINITIONS},
    "map of patterns": {"patternProperties": {"^[u-w]$": TEXT}, "additionalProperties": NUMBER},
}
# schemas under which it is a number
NUMBERS: dict[str, dict[str, Any]] = {
    "ref": {"properties": {"v": {"$ref": "#/$defs/n"}}, "$defs": {"n": NUMBER}},
    "allOf": of_value({"allOf": [{"type": "number"}, NUMBER]}),
    "const": of_value({"const": 10001}),
    "map": {"additionalProperties": NUMBER},
    "map beside a name": {"properties": {"w": TEXT}, "additionalProperties": NUMBER},
    "a pattern that does not match": {"patternProperties": {"^w": TEXT}},
    "a pattern that is none": {"patternProperties": {"(": TEXT}},
    "a name of another": {"properties": {"w": TEXT}},
    "an open union": of_value({"anyOf": [TEXT, {}]}),
    "a ref to nothing": of_value({"$ref": "#/$defs/none/0"}),
    "a ref elsewhere": of_value({"$ref": "https://example.com/zip"}),
    "a ref to itself": of_value({"$ref": "#/$defs/Loop"}),
    "true": of_value(True),
    "nothing": {},
}


def tool(parameters: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": "f", "parameters": parameters}}]


@pytest.mark.parametrize("name", UNTYPED)
@pytest.mark.parametrize("schema", TEXTS)
def test_a_text_that_looks_like_a_number_stays_one(name: str, schema: str) -> None:
    tools, call = tool(TEXTS[schema]), Call("f", {"v": "10001"})
    form = wire.get(name)
    assert form.can_render([call], tools)
    assert wire.parse(form.render([call]), tools, name).calls == (call,)


@pytest.mark.parametrize("name", UNTYPED)
@pytest.mark.parametrize("schema", NUMBERS)
def test_a_number_is_one_wherever_a_text_is_not_wanted(name: str, schema: str) -> None:
    tools, call = tool(NUMBERS[schema]), Call("f", {"v": 10001})
    form = wire.get(name)
    assert form.can_render([call], tools) and not form.can_render(
        [Call("f", {"v": "10001"})], tools
    )
    assert wire.parse(form.render([call]), tools, name).calls == (call,)


@pytest.mark.parametrize("name", UNTYPED)
@pytest.mark.parametrize(
    "schema", ["ref", "allOf", "const", "root oneOf", "map", "map of patterns"]
)
def test_the_verifier_takes_them(name: str, schema: str) -> None:
    parameters = {"type": "object", **TEXTS[schema]}
    if "$defs" in parameters:
        parameters["$defs"] = {"Zip": DEFINITIONS["Zip"]}
    answer = {"calls": [{"name": "f", "arguments": {"v": "10001"}}]}
    text = wire.get(name).render([Call("f", {"v": "10001"})])
    assert verify(text, tool(parameters), answer, wire=name).correct


def test_values_beside_a_listed_text_keep_their_types() -> None:
    parameters = parameters_of(tool(of_value({"enum": ["1", 2, None, "None", "x"]})), "f")
    texts = ("1", "2", "null", "None", "x", "3")
    assert [typed(text, parameters.wanted("v")) for text in texts] == ["1", 2, None, "None", "x", 3]


def test_a_chain_of_unions_is_looked_at_once() -> None:
    definitions: dict[str, Any] = {"d0": TEXT}
    for number in range(1, 60):
        ref = {"$ref": f"#/$defs/d{number - 1}"}
        definitions[f"d{number}"] = {"anyOf": [dict(ref), dict(ref)]}
    schema = {"properties": {"v": {"$ref": "#/$defs/d59"}}, "$defs": definitions}
    assert parameters_of(tool(schema), "f").wanted("v").types == {"string"}


def test_a_schema_that_is_too_deep_wants_anything() -> None:
    schema: dict[str, Any] = TEXT
    for _ in range(5_000):
        schema = {"allOf": [schema]}
    assert parameters_of(tool(of_value(schema)), "f").wanted("v").types is None
