"""What a format writes, it reads: the same calls, labels where the format has them, and no problem.

`can_render` is the promise. Its own test is that it promises enough: everything ordinary in every
format, and every text at all in the formats of JSON.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.calls import Call, Reference, encode
from rlcall.wire.reading.reasoning import REASONING

# A loaded machine is no failure. What a format cannot write is skipped, however often that is.
UNHURRIED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
TAGS = (*REASONING, *REASONING.values())
JSON_FORMATS = (
    "hermes",
    "granite4",
    "smollm2",
    "toolrl",
    "json",
    "nestful",
    "llama3",
    "mistral",
    "granite20b",
    "granite3",
    "hunyuan_a13b",
    "nemotron_nano",
    "phi4_mini",
    "internlm",
    "command_a",
    "gigachat3",
)
TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}

any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
marker_text = st.lists(
    st.sampled_from(
        [
            *TAGS,
            *(marker for format in wire.FORMATS.values() for marker in format.markers),
            "[]",
            "$var1$",
            "$$",
            '"',
            "'",
            "\\",
            "\n",
            "a",
        ]
    )
).map("".join)
plain_text = st.text(st.sampled_from("abcXYZ 019,.;:_-+*/'\"\\(){}$%é漢😀"), max_size=12)
identifiers = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True).filter(
    lambda name: Call(name) and name not in RESERVED
)
RESERVED = {"no_function", "var_result", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
            "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
            "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"}  # fmt: skip
numbers = st.integers(-(10**299), 10**299) | st.floats(allow_nan=False, allow_infinity=False)


def values(texts: st.SearchStrategy[str], keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | numbers | texts
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    )


def some_calls(
    names: st.SearchStrategy[str], keys: st.SearchStrategy[str], texts: st.SearchStrategy[str]
) -> st.SearchStrategy[list[Call]]:
    arguments = st.dictionaries(keys, values(texts, keys), max_size=3)
    return st.lists(st.builds(Call, names, arguments), max_size=3)


def tools_of(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Tools whose parameters have the types of these arguments."""
    tools = []
    for call in calls:
        function = {"name": call.name, "parameters": schema_of(call.arguments)}
        tools.append({"type": "function", "function": function})
    return tools


def schema_of(value: Any) -> dict[str, Any]:
    """A schema that gives a value, and everything inside it, the type that it has."""
    schema: dict[str, Any] = {"type": TYPES.get(type(value), "null")}
    if isinstance(value, dict):
        schema["properties"] = {key: schema_of(item) for key, item in value.items()}
    if isinstance(value, list):
        schema["prefixItems"] = [schema_of(item) for item in value]
    return schema


def spelled(calls: Sequence[Call]) -> str:
    """Calls as JSON text, in which 1, 1.0 and true differ."""
    return json.dumps(
        [[call.name, encode(call.arguments), call.label] for call in calls], sort_keys=True
    )


def assert_reads_back(name: str, calls: list[Call], tools: list[dict[str, Any]]) -> None:
    text = wire.get(name).render(calls)
    for under in (name, "auto"):
        parsed = wire.parse(text, tools, under)
        assert spelled(parsed.calls) == spelled(calls), text
        assert parsed.problems == (), text


@pytest.mark.parametrize("name", wire.NAMES)
@given(calls=some_calls(identifiers, identifiers, plain_text))
@UNHURRIED
def test_ordinary_calls_can_be_written_in_every_format(name: str, calls: list[Call]) -> None:
    assume(len({call.name for call in calls}) == len(calls))
    assert wire.get(name).can_render(calls, tools_of(calls))
    assert_reads_back(name, calls, tools_of(calls))


@pytest.mark.parametrize("name", JSON_FORMATS)
@given(calls=some_calls(any_text, any_text, any_text | marker_text))
@UNHURRIED
def test_any_text_can_be_written_as_json(name: str, calls: list[Call]) -> None:
    text = wire.get(name).render(calls)
    assume(not any(call.name in RESERVED for call in calls))
    # ToolRL's block is known by a key before the second brace, so not behind a name with a brace.
    has_brace = any("{" in call.name or "}" in call.name for call in calls)
    assume(name != "toolrl" or not has_brace or not any(tag in text for tag in TAGS))
    assert wire.get(name).can_render(calls)
    parsed = wire.parse(text, [], name)
    assert (spelled(parsed.calls), parsed.problems) == (spelled(calls), ())


@pytest.mark.parametrize("name", wire.NAMES)
@given(calls=some_calls(any_text | identifiers, any_text | identifiers, any_text | marker_text))
@UNHURRIED
def test_whatever_a_format_promises_to_write_it_reads(name: str, calls: list[Call]) -> None:
    assume(wire.get(name).can_render(calls))
    parsed = wire.parse(wire.get(name).render(calls), [], name)
    assert (spelled(parsed.calls), parsed.problems) == (spelled(calls), ())


@st.composite
def chains(draw: st.DrawFn) -> list[Call]:
    """Calls with labels, whose arguments refer to the calls before them."""
    labels = draw(st.lists(identifiers, min_size=1, max_size=4, unique=True))
    steps = st.lists(identifiers | st.integers(0, 9) | st.just("*"), max_size=3).map(tuple)
    calls = []
    for place, label in enumerate(labels):
        earlier = st.builds(Reference, st.sampled_from(labels[:place] or ["none"]), steps)
        arguments = draw(
            st.dictionaries(identifiers, earlier | st.lists(earlier) | plain_text, max_size=2)
        )
        calls.append(Call(draw(identifiers), arguments, label))
    return calls


@pytest.mark.parametrize("name", [name for name in wire.NAMES if wire.get(name).labels])
@given(calls=chains())
@UNHURRIED
def test_chains_keep_labels_and_references(name: str, calls: list[Call]) -> None:
    assert wire.get(name).can_render(calls)
    assert wire.parse(wire.get(name).render(calls), [], name) == wire.Parse(name, tuple(calls))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("python", Call("Search Managers")),
        ("python", Call("")),
        ("python", Call("class")),
        ("python", Call("ﬁnd")),  # Python reads it as `find`
        ("python", Call("f", {}, "a b")),
        ("granite20b", Call("no_function")),
        ("nestful", Call("var_result")),
        ("glm4", Call("two words")),
        ("glm45", Call("f", {"a": "5"})),
        ("qwen3_coder", Call("f", {"a": "</parameter>"})),
        ("functiongemma", Call("f", {"a": "<escape>"})),
        ("functiongemma", Call("f", {"a:b": 1})),
        ("deepseek_v3", Call("a\nb")),
        ("functionary31", Call("a>b")),
        ("minimax_m2", Call('a"b')),
        ("anthropic_xml", Call("f", {"a": "</parameter>"})),
        ("deepseek_v32", Call("f", {'a"': 1})),
        ("deepseek_v32", Call("f", {"a": "</｜DSML｜parameter>"})),
        ("kimi_k2", Call("a<b")),
        ("kimi_k3", Call("f", {"a": "<|close|>argument<|sep|>"})),
        ("kimi_k3", Call("a\nb")),
        ("minimax_m3", Call("f", {"a": ["5"]})),
        ("minimax_m3", Call("f", {"a": "]<]minimax[>["})),
        ("minimax_m3", Call("f", {"a": {"item": 1}})),
        ("minimax_m3", Call("f", {"a>b": 1})),
        ("step3", Call("f", {"a": "</steptml:parameter>"})),
        ("hunyuan_hy3", Call("f", {"a": "5"})),
        ("harmony", Call("two words")),
        ("olmo3", Call("two words")),
        ("deepseek_v4", Call("f", {"a": "</｜DSML｜parameter>"})),
        ("deepseek_v31", Call("a\nb")),
        ("mistral_v11", Call("a[b")),
        ("functionary32", Call("two words")),
        ("react", Call("a\nb")),
        ("longcat", Call("f", {"a": "</longcat_arg_value>"})),
        ("seed_oss", Call("f", {"a": "5"})),
        ("functionary31", Call("f", {"a": float("nan")})),
        ("hermes", Call("f", {"a": float("nan")})),
        ("hermes", Call("f", {"a": 10**300})),
        ("hermes", Call("f", {"a": "\ud800"})),
        ("hermes", Call("f", {"a": {1: 2}})),
        ("hermes", Call("f", {"a": (1,)})),
        ("hermes", Call("f", {"a": Reference("a b")})),
        ("hermes", Call("f", {"a": "x" * 70_000})),
    ],
)
def test_what_a_format_cannot_write_it_does_not_promise(name: str, call: Call) -> None:
    assert not wire.get(name).can_render([call])


def test_a_name_with_spaces_can_be_written_where_the_row_has_it() -> None:
    calls = [Call("two words", {"a": 1})]
    assert wire.get("glm4").can_render(calls, tools_of(calls))
