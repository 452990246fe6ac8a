"""Every incorrect verdict names a reason, and none of them earns full reward."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.calls import Call, Reference
from rlcall.reward import load_reward
from rlcall.verifier.schema import SchemaError
from rlcall.verify import verify
from tests.wire.test_wire_roundtrip import UNHURRIED

GRADED = load_reward("graded")

names = st.sampled_from(("f", "g", "h"))
keys = st.sampled_from(("a", "b", "c", "d"))
leaves = st.sampled_from(
    (0, 1, 2.5, True, None, "", "x", "1", "$x$", "$$x$", "$var1$", "$var1.a$", "$HOME$", [], ["x"])
) | st.dictionaries(keys, st.sampled_from((1, "x", "$y$")), max_size=2)
arguments = st.dictionaries(keys, leaves, max_size=4)
types = st.sampled_from(("string", "integer", "number", "boolean", "array", "object", "null"))
parameters = st.fixed_dictionaries(
    {},
    optional={"type": types, "default": leaves, "enum": st.lists(leaves, min_size=1, max_size=3)},
)
schemas = st.fixed_dictionaries(
    {"type": st.just("object"), "properties": st.dictionaries(keys, parameters, max_size=4)},
    optional={
        "required": st.lists(keys, max_size=2, unique=True),
        "additionalProperties": st.booleans() | st.just({"type": "integer"}),
        "maxProperties": st.integers(0, 3),
        "minProperties": st.integers(0, 2),
        "propertyNames": st.just({"enum": ["a", "b"]}),
        "dependentRequired": st.dictionaries(keys, st.lists(keys, max_size=1), max_size=1),
        "anyOf": st.lists(
            st.fixed_dictionaries({"required": st.lists(keys, max_size=1)}), min_size=1
        ),
        "not": st.just({"required": ["d"]}),
    },
)
calls = st.builds(lambda name, given: {"name": name, "arguments": given}, names, arguments)
expected_calls = calls.filter(lambda call: call["name"] != "h")  # a row has its answer's tools
answers = st.sampled_from([{"calls": []}, {"calls": "any"}, {"calls": "any"}]) | st.builds(
    lambda expected, order: {"calls": expected, "order": order},
    st.lists(expected_calls, min_size=1, max_size=3),
    st.sampled_from(["any", "sequence"]),
)
texts = st.sampled_from(("", "Well.", "f(a=1)", "<tool_call>", "[]"))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    tools = [
        {"type": "function", "function": {"name": name, "parameters": draw(schemas)}}
        for name in ("f", "g")
    ]
    answer = draw(answers)
    made = draw(st.lists(calls, max_size=3))
    if isinstance(answer["calls"], list) and draw(st.booleans()):
        made = [*answer["calls"], *made[:1]]  # near the right ones
    text = "\n".join(f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in made)
    return f"{draw(texts)}\n{text}\n{draw(texts)}", tools, answer


@given(case=cases())
@settings(UNHURRIED, max_examples=300)
def test_an_incorrect_verdict_names_a_reason(case: tuple[str, Any, Any]) -> None:
    completion, tools, answer = case
    try:
        verdict = verify(completion, tools, answer)
    except SchemaError:
        return
    assert verdict.correct is not False or verdict.errors
    codes = {error.code for error in verdict.errors}
    if verdict.due != "none":
        assert verdict.correct is (codes <= wire.NOTES)
    reward = GRADED.score(verdict).reward
    assert verdict.correct or reward is None or reward < 1.0, codes


def tools_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", **schema}}}
    ]


def hermes(*calls: dict[str, Any]) -> str:
    return wire.get("hermes").render([Call("f", given) for given in calls])


@pytest.mark.parametrize(
    ("schema", "given_arguments", "code"),
    [
        ({"properties": {"a": {"type": "integer", "default": "x"}}}, {"a": "x"}, "wrong_type"),
        ({"properties": {"a": {"enum": [1, 2], "default": 3}}}, {"a": 3}, "not_in_enum"),
        ({"properties": {"a": {"maximum": 5, "default": 9}}}, {"a": 9}, "out_of_range"),
        ({"properties": {"a": {"pattern": "^x", "default": "y"}}}, {"a": "y"}, "pattern_mismatch"),
        ({"properties": {"a": {}}, "minProperties": 2}, {}, "out_of_range"),
        ({"properties": {"a": {}}, "not": {"maxProperties": 0}}, {}, "schema_violation"),
    ],
)
def test_what_breaks_the_schema_earns_less_than_all(
    schema: dict[str, Any], given_arguments: dict[str, Any], code: str
) -> None:
    """A default that is none, and the arguments as a whole: no leaf of the answer is wrong."""
    verdict = verify(
        hermes(given_arguments), tools_of(schema), {"calls": [{"name": "f", "arguments": {}}]}
    )
    assert (verdict.correct, [error.code for error in verdict.errors]) == (False, [code])
    assert (GRADED.score(verdict).reward or 0) < 1.0


OPEN = {"properties": {"a": {}, "b": {}}}


@pytest.mark.parametrize("text", ["$x$", "$HOME$", "$x.y$", "$var1$", "$a[0]$", "$var1.id$"])
@pytest.mark.parametrize("name", [name for name in wire.NAMES if name != "openai"])
def test_without_a_chain_such_a_text_is_a_text(text: str, name: str) -> None:
    """In every format, however the row and the model spell it."""
    tools = tools_of({"properties": {"a": {"type": "string"}}})
    for written in (text, f"${text}"):
        raw = wire.get(name).render([Call("f", {"a": "PLACE"})]).replace("PLACE", written)
        answer = {"calls": [{"name": "f", "arguments": {"a": f"${text}"}}]}
        for under in (name, "auto"):
            assert verify(raw, tools, answer, wire=under).correct, raw
            assert verify(raw, tools, {"calls": "any"}, wire=under).correct, raw


def test_in_a_row_with_a_chain_it_is_a_reference() -> None:
    chain = {
        "calls": [
            {"name": "f", "arguments": {"a": 1}, "label": "x"},
            {"name": "f", "arguments": {"a": "$x$"}},
        ]
    }
    by_accept = json.loads(json.dumps(chain))
    by_accept["calls"][1] = {"name": "f", "arguments": {"a": 1}, "accept": {"$.a": ["$x$"]}}
    tools = tools_of(OPEN)
    right = hermes({"a": 1}, {"a": Reference("var1")})
    assert (
        verify(right, tools, chain).correct and verify(right, tools, by_accept).correct is not None
    )
    for answer in (chain, by_accept):
        wrong = verify(hermes({"a": 1}, {"a": Reference("y")}), tools, answer)
        assert wrong.correct is False and wrong.has("dangling_reference")


def test_a_call_inside_a_call_is_a_reference_in_any_row() -> None:
    for answer in ({"calls": "any"}, {"calls": [{"name": "f", "arguments": {"a": "$$var1$"}}]}):
        verdict = verify("[f(a=f(b=1))]", tools_of(OPEN), answer, wire="python")
        assert verdict.correct is False and verdict.errors
        assert verify("[f(a=var1)]", tools_of(OPEN), answer, wire="python").correct is False
