"""Rows in OpenAI's and TRL's forms come back as they were; what these cannot say is set aside."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.calls import Call
from rlcall.data.formats import READERS, WRITERS
from rlcall.data.readers import openai, trl
from rlcall.data.reading.counts import Reading
from rlcall.data.rows import Row, RowError, parse_row, plain

FORMS = ("openai", "trl")

names = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["$var1$", "$$var1.x$", "<tool_call>", '{"a": 1}', "[]", "f(a=1)"]
)
words = st.from_regex(r"[A-Za-z ,.?]{0,20}[A-Za-z]", fullmatch=True)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def called(draw: st.DrawFn, tools: list[dict[str, Any]]) -> dict[str, Any]:
    """A call of one of the tools, each of which takes anything under the keys that it declares."""
    function = draw(st.sampled_from(tools))["function"]
    keys = st.sampled_from(sorted(function["parameters"]["properties"]))
    return {"name": function["name"], "arguments": draw(st.dictionaries(keys, values, max_size=3))}


@st.composite
def said(draw: st.DrawFn, tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw a user's message, words of the assistant, or calls with their results."""
    kind = draw(st.sampled_from(["user", "words", "calls"]))
    if kind == "user":
        return [{"role": "user", "content": draw(texts)}]
    if kind == "words":
        return [{"role": "assistant", "content": draw(texts)}]
    functions = draw(st.lists(called(tools), min_size=1, max_size=3))
    calls = [{"type": "function", "function": function} for function in functions]
    results = [
        {"role": "tool", "name": function["name"], "content": draw(texts)} for function in functions
    ]
    order = draw(st.permutations(results))
    return [{"role": "assistant", "content": draw(texts), "tool_calls": calls}, *order]


@st.composite
def rows(draw: st.DrawFn) -> Row:
    tools = [
        {
            "type": "function",
            "function": {"name": name, "description": draw(texts), "parameters": _open(draw)},
        }
        for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    ]
    messages = [{"role": "user", "content": draw(texts)}]
    for piece in draw(st.lists(said(tools), max_size=3)):
        messages += piece
    gold = draw(st.lists(called(tools), max_size=3))
    answer = {"calls": [{**call, "arguments": plain(call["arguments"])} for call in gold]}
    return parse_row({"messages": messages, "tools": tools, "answer": answer})


def _open(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(texts.filter(bool), min_size=1, max_size=3, unique=True))
    return {"type": "object", "properties": {key: {} for key in keys}}


def through(form: str, row: Row, path: Any) -> Reading:
    path.write_text(json.dumps(WRITERS[form](row), ensure_ascii=False) + "\n", encoding="utf-8")
    (reading,) = READERS[form](str(path))
    return reading


def gold(row: Row) -> list[Call]:
    return row.wanted.gold_calls()


def without_ids(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [
        {key: value for key, value in message.items() if key != "tool_call_id"}
        for message in messages
    ]
    for message in kept:
        if "tool_calls" in message:
            message["tool_calls"] = [
                {k: v for k, v in call.items() if k != "id"} for call in message["tool_calls"]
            ]
    return kept


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_read_as_the_same_row(form: str, tmp_path: Any) -> None:
    @settings(max_examples=120, deadline=None)
    @given(rows())
    def check(row: Row) -> None:
        reading = through(form, row, tmp_path / "data.jsonl")
        assert not reading.set_aside and not reading.notes
        (back,) = reading.rows
        assert without_ids(back.messages) == row.messages
        assert back.tools_text == row.tools_text
        assert gold(back) == gold(row)
        assert back.answer_text == row.answer_text  # which tells 1, 1.0 and true apart
        assert WRITERS[form](back) == WRITERS[form](row)

    check()


@settings(max_examples=60, deadline=None)
@given(rows())
def test_openai_results_answer_the_calls_before_them(row: Row) -> None:
    named: dict[str, str] = {}
    for message in openai.write(row)["messages"]:
        for call in message.get("tool_calls", ()):
            assert call["id"] not in named and isinstance(call["function"]["arguments"], str)
            named[call["id"]] = call["function"]["name"]
        if message["role"] == "tool":
            assert named[message["tool_call_id"]] == message["name"]


TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {}}}},
}
ASKED = {"role": "user", "content": "Hello?"}
CALL = {"name": "f", "arguments": {"a": 1}}


def row_of(answer: Any, messages: Any = (ASKED,), tools: Any = (TOOL,)) -> Row:
    return parse_row({"messages": list(messages), "tools": list(tools), "answer": answer})


def test_openai_form() -> None:
    """As the guide has it: arguments are text, calls have ids, and one turn is to be learnt."""
    call = {"type": "function", "function": {"name": "f", "arguments": {"a": "é"}}}
    said = [
        ASKED,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "7"},
    ]
    asked, before, result, answer = openai.write(row_of({"calls": [CALL]}, said))["messages"]
    assert (asked, result) == (ASKED, {"role": "tool", "content": "7", "tool_call_id": "call_1"})
    assert before["weight"] == 0 and before["tool_calls"] == [
        {"type": "function", "function": {"name": "f", "arguments": '{"a": "é"}'}, "id": "call_1"}
    ]
    assert answer == {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}, "id": "call_2"}
        ],
        "weight": 1,
    }


def test_trl_form() -> None:
    written = trl.write(row_of({"calls": [CALL]}))
    function = {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    assert written == {
        "prompt": [ASKED],
        "completion": [{"role": "assistant", "content": "", "tool_calls": [function]}],
        "tools": json.dumps([TOOL]),
    }


@pytest.mark.parametrize("form", FORMS)
def test_where_no_call_is_due_the_assistant_abstains(form: str, tmp_path: Any) -> None:
    (back,) = through(form, row_of({"calls": []}), tmp_path / "data.jsonl").rows
    assert (back.messages, back.answer) == ([ASKED], {"calls": []})


def test_ids_that_are_there_stay(tmp_path: Any) -> None:
    calls = [
        {"id": name, "type": "function", "function": {"name": "f", "arguments": {}}}
        for name in ("call_1", "z")
    ]
    results = [{"role": "tool", "tool_call_id": name, "content": name} for name in ("z", "call_1")]
    row = row_of(
        {"calls": [CALL]},
        [ASKED, {"role": "assistant", "content": "", "tool_calls": calls}, *results, ASKED],
    )
    assert openai.write(row)["messages"][-1]["tool_calls"][0]["id"] == "call_2"
    (back,) = through("openai", row, tmp_path / "data.jsonl").rows
    assert back.messages == row.messages


def test_a_label_that_nobody_uses_may_go(tmp_path: Any) -> None:
    row = row_of(
        {
            "calls": [{**CALL, "label": "x", "accept": {}, "optional": []}],
            "order": "any",
            "compare": "exact",
        }
    )
    (back,) = through("trl", row, tmp_path / "data.jsonl").rows
    assert back.answer == {"calls": [CALL]}


UNWRITABLE = {
    "unknown": (None, "answer", "names no calls"),
    "any": ({"calls": "any"}, "answer", "names no calls"),
    "names": ({"names": ["f"]}, "answer", "names no calls"),
    "slots": ({"slots": ["7"]}, "answer", "names no calls"),
    "accept": (
        {"calls": [CALL, {**CALL, "accept": {"$.a": [2]}}]},
        "answer.calls[1].accept",
        "what else is right",
    ),
    "optional": (
        {"calls": [{**CALL, "optional": ["$.a"]}]},
        "answer.calls[0].optional",
        "what else is right",
    ),
    "compare": (
        {"calls": [{**CALL, "compare": {"$.a": "set"}}]},
        "answer.calls[0].compare",
        "what else is right",
    ),
    "text": ({"calls": [CALL], "compare": "text"}, "answer", "how calls are compared"),
    "sequence": ({"calls": [CALL, CALL], "order": "sequence"}, "answer", "how calls are compared"),
    "reference": (
        {"calls": [CALL, {"name": "f", "arguments": {"a": "$var1$"}}]},
        "answer.calls",
        "the result of",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("answer", "field", "reason"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_a_chat_cannot_say_is_set_aside(
    form: str, answer: Any, field: str, reason: str
) -> None:
    with pytest.raises(RowError) as caught:
        WRITERS[form](row_of(answer))
    assert caught.value.field == field and reason in caught.value.reason


@pytest.mark.parametrize("form", FORMS)
def test_a_row_without_tools_is_set_aside(form: str) -> None:
    with pytest.raises(RowError, match="tools: shows no tools"):
        WRITERS[form](row_of({"calls": []}, tools=()))


@pytest.mark.parametrize("name", ["get weather", "a.b", "a" * 65, "né"])
def test_a_name_that_openai_does_not_take_is_set_aside(name: str) -> None:
    tool = {"type": "function", "function": {"name": name}}
    with pytest.raises(RowError, match="a tool has a name that OpenAI does not take"):
        openai.write(row_of({"calls": []}, tools=(tool,)))
    assert trl.write(row_of({"calls": []}, tools=(tool,)))["prompt"] == [ASKED]


def calling(call: dict[str, Any], **result: Any) -> list[dict[str, Any]]:
    return [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "content": "7", **result}]


@pytest.mark.parametrize(
    "said",
    [
        [{"role": "tool", "content": "7"}],
        calling({"function": {"name": "f"}}, name="g"),
        calling({"id": "x", "function": {"name": "f"}}, tool_call_id="y"),
    ],
    ids=["no call", "another name", "another id"],
)
def test_a_result_that_answers_no_call_is_set_aside(said: list[dict[str, Any]]) -> None:
    with pytest.raises(RowError, match="messages: a tool's result answers no call"):
        openai.write(row_of({"calls": []}, [ASKED, *said]))
