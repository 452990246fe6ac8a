"""ToolRL's rows: the whole files where they are at hand, and bad entries with place and reason."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from rlcall import wire
from rlcall.data.readers import toolrl
from rlcall.data.reading.python_types import UnknownType, as_declared, json_schema
from rlcall.data.rows import RowError, parse_row
from rlcall.verifier.answer import read_answer
from rlcall.verify import verify
from tests.support.docs import read_pages
from tests.support.readings import parted

DATA = (
    Path(os.environ.get("RLCALL_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "toolrl"
)
real_files = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no ToolRL files at {DATA}; set RLCALL_TEST_DATA"
)

INSTRUCTION = """You are a helpful assistant.

**Available Tools**
In your response, you can use the following tools:
{tools}

**Steps for Each Turn**
1. **Think:** ...
"""


def entry(parameters, arguments, dialogue="<user> Go! </user>", name="Get News"):
    """One entry in ToolRL's text form, with one tool and one call."""
    tool = f"1. Name: Get News\nDescription: Fetch news.\nParameters: {json.dumps(parameters)}"
    call = json.dumps({"name": name, "parameters": arguments})
    return {
        "instruction": INSTRUCTION.format(tools=tool),
        "input": f"**Dialogue Records History**\n{dialogue}",
        "output": f"<think> A <tool_call> is due. </think>\n<tool_call>\n{call}\n</tool_call>",
    }


def parameter(kind, default=""):
    return {"description": "d", "type": kind, "default": default}


def read(tmp_path, *entries):
    path = tmp_path / "rlla.json"
    path.write_text(json.dumps(entries))
    return parted(toolrl.read(str(path)))


def test_an_entry_becomes_a_row(tmp_path):
    parameters = {
        "q": parameter("str"),
        "n": parameter("int, optional"),
        "lang": parameter("str", "en"),
    }
    rows, errors, counts = read(tmp_path, entry(parameters, {"q": "cats", "n": 3}))
    function = {
        "name": "Get News",
        "description": "Fetch news.",
        "parameters": {
            "type": "object",
            "properties": {
                "q": {"description": "d", "type": "string"},
                "n": {"description": "d", "type": "integer"},
                "lang": {"description": "d", "type": "string", "default": "en"},
            },
            "required": ["q"],
        },
    }
    assert rows[0].to_json() == {
        "id": "rlla-0",
        "messages": [{"role": "user", "content": "Go!"}],
        "tools": [{"type": "function", "function": function}],
        "answer": {"calls": [{"name": "Get News", "arguments": {"q": "cats", "n": 3}}]},
    }
    assert (counts.read, errors, counts.notes) == (1, [], Counter())


def test_json_schema_words_have_lost_what_is_required(tmp_path):
    rows, _, _ = read(
        tmp_path, entry({"q": parameter("string"), "n": parameter("int")}, {"n": "3"})
    )
    assert "required" not in rows[0].tools[0]["function"]["parameters"]


def test_text_is_read_as_the_declared_type_and_counted(tmp_path):
    parameters = {name: parameter(name) for name in ("int", "float", "boolean", "array", "string")}
    given = {"int": "1", "float": "1.0", "boolean": "True", "array": "[1]", "string": "1"}
    rows, _, counts = read(tmp_path, entry(parameters, given))
    arguments = {"int": 1, "float": 1.0, "boolean": True, "array": [1], "string": "1"}
    assert rows[0].answer["calls"][0]["arguments"] == arguments
    assert sum(counts.notes.values()) == 4


def test_dialogue_becomes_messages(tmp_path):
    dialogue = (
        "<user> Hi </user>\n\n<think> x </think>\n"
        '<tool_call>\n{"name": "Get News", "parameters": {"q": "a"}}\n'
        '{"name": "Get News", "parameters": {}}\n</tool_call>\n'
        '<obs> [{"name": "Get News", "results": {"n": 1}}, '
        '{"name": "Get News", "results": "é"}] </obs>\n\n'
        "<think> y </think>\n<response> One. </response>\n\n<user> More, <b>please</b> </user>"
    )
    rows, _, _ = read(tmp_path, entry({"q": parameter("str", "x")}, {}, dialogue))
    calls = [
        {"type": "function", "function": {"name": "Get News", "arguments": a}}
        for a in ({"q": "a"}, {})
    ]
    assert rows[0].messages == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "tool", "name": "Get News", "content": '{"n": 1}'},
        {"role": "tool", "name": "Get News", "content": '"é"'},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": "More, <b>please</b>"},
    ]


def test_a_reply_means_that_no_call_is_due(tmp_path):
    record = {
        **entry({}, {}),
        "output": "<think> <tool_call>? No. </think>\n<response> Which city? </response>",
    }
    rows, _, _ = read(tmp_path, record)
    assert rows[0].answer == {"calls": []}


PLAIN = {"q": parameter("str"), "n": parameter("int")}
SET_ASIDE = {
    "unknown tool": (
        entry(PLAIN, {}, name="Other"),
        "output.Other",
        "calls a tool that is not listed",
    ),
    "undeclared": (
        entry(PLAIN, {"q": "a", "n": 1, "z": 1}),
        "output.Get News.z",
        "does not declare",
    ),
    "type": (
        entry(PLAIN, {"q": "a", "n": "one"}),
        "output.Get News.n",
        "does not fit its parameter",
    ),
    "null": (entry(PLAIN, {"q": "a", "n": None}), "output.Get News.n", "leaves out a required"),
    "required": (entry(PLAIN, {"q": "a"}), "output.Get News.n", "leaves out a required"),
    "no output": (
        {**entry(PLAIN, {}), "output": "<think> </think>"},
        "output",
        "neither calls nor a reply",
    ),
    "loose text": (
        {**entry(PLAIN, {}), "output": "Sure. <response> a </response>"},
        "output",
        "outside its sections",
    ),
    "no tools": ({**entry(PLAIN, {}), "instruction": "Hello"}, "instruction", "cannot be read"),
    "broken call": (
        {**entry(PLAIN, {}), "output": "<tool_call>\n{\n</tool_call>"},
        "output",
        "is not JSON",
    ),
    "bare call": (
        {**entry(PLAIN, {}), "output": '<tool_call>\n["a"]\n</tool_call>'},
        "output",
        "another form",
    ),
    "bare parameter": (entry({"q": "str"}, {}), "instruction", "another form"),
    "observation": (
        entry(PLAIN, {"q": "a", "n": 1}, "<user> a </user> <obs> {} </obs>"),
        "input",
        "another form",
    ),
    "no turn": (entry(PLAIN, {"q": "a", "n": 1}, ""), "messages", "non-empty"),
}


@pytest.mark.parametrize(("record", "field", "reason"), SET_ASIDE.values(), ids=SET_ASIDE)
def test_what_cannot_be_right_is_set_aside(tmp_path, record, field, reason):
    rows, errors, counts = read(tmp_path, entry({}, {}), record, entry({}, {}))
    assert [row.id for row in rows] == ["rlla-0", "rlla-2"]
    (error,) = errors
    assert error.path == f"{tmp_path / 'rlla.json'}[1]"
    assert error.field == field
    assert reason in error.reason
    assert str(counts).startswith("3 read, 2 rows, 1 set aside\n")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", b"{", "is neither a list of records nor one record a line"),
        ("a.json", b"[{", "is not JSON"),
        ("a.txt", b"", r"\.txt is none of"),
        ("a.parquet", b"nothing", "is not Parquet"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RowError, match=reason):
        list(toolrl.read(str(tmp_path / name)))


@pytest.mark.parametrize(
    "record", [{}, {"x": 1}, {"reward_model": 1}, {**entry({}, {}), "output": None}]
)
def test_a_record_of_another_form_is_set_aside(tmp_path, record):
    rows, (error,), _ = read(tmp_path, record, entry({}, {}))
    assert error.reason == "is not an entry of ToolRL" and [row.id for row in rows] == ["rlla-1"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RowError, match=r"no\.json: cannot be read: No such file"):
        list(toolrl.read(str(tmp_path / "no.json")))


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("str", {"type": "string"}),
        ("List[int]", {"type": "array", "items": {"type": "integer"}}),
        ("List[Union[int, float]]", {"type": "array", "items": {"type": ["integer", "number"]}}),
        ("Optional[str]", {"type": ["string", "null"]}),
        ("string | null", {"type": ["string", "null"]}),
        ("Dict[str, bool]", {"type": "object", "additionalProperties": {"type": "boolean"}}),
        ("Tuple[float, ...]", {"type": "array", "items": {"type": "number"}}),
        ("Tuple[float, int]", {"type": "array", "minItems": 2, "items": False,
                               "prefixItems": [{"type": "number"}, {"type": "integer"}]}),
        ("Union[Any, List[Any]]", {"anyOf": [{}, {"type": "array", "items": {}}]}),
    ],
)  # fmt: skip
def test_types_in_words(text, schema):
    assert json_schema(text) == schema


@pytest.mark.parametrize(
    "text", ["Callable[[float], float]", "np.ndarray", "", "a b", "__import__('os')", "[" * 5000]
)
def test_types_that_have_no_json_form(text):
    with pytest.raises(UnknownType):
        json_schema(text)


@pytest.mark.parametrize("text", ["one", "1.5", "", "NaN", "[1", "True"])
def test_text_that_says_something_else_stays(text):
    assert as_declared(text, {"type": "integer"}, []) == text


@real_files
@pytest.mark.parametrize(
    ("name", "entries", "rows"), [("rlla_sft.json", 400, 372), ("rlla_test.parquet", 80, 72)]
)
def test_the_real_files(name, entries, rows):
    """The figures are of the files as they are; each entry that is set aside was looked at."""
    found, _, counts = parted(toolrl.read(str(DATA / name)))
    assert (counts.read, counts.rows, counts.set_aside) == (entries, rows, entries - rows)
    for row in found:
        assert parse_row(json.loads(json.dumps(row.to_json()))) == row
        assert row.messages[-1]["role"] in ("user", "tool")


@real_files
def test_the_documentation_gives_these_counts():
    text = read_pages("data-benchmarks.md")
    assert f"\n{parted(toolrl.read(str(DATA / 'rlla_sft.json')))[2]}\n" in text


@real_files
@pytest.mark.parametrize("name", ["rlla_sft.json", "rlla_test.parquet"])
def test_the_real_golds_verify(name):
    hermes = wire.get("hermes")
    for row in parted(toolrl.read(str(DATA / name)))[0]:
        tools, answer = row.tools_text, row.answer_text
        calls = read_answer(answer).gold_calls()
        text = hermes.render(calls) if calls else "Which one do you mean?"
        assert verify(text, tools, answer, wire="hermes").correct, row.id
