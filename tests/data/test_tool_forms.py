"""Tools in the forms of others are read as OpenAI's, or refused by the name of the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli.tasks import main as tasks_main
from rlcall.data.formats import READERS
from rlcall.data.reading.counts import gather
from rlcall.data.rows import RowError, parse_row
from rlcall.data.tool_forms import ToolFormError, read_tools
from rlcall.verifier.schema import SchemaError, compile_tool
from rlcall.verify import verify

SEATS = {
    "type": "object",
    "properties": {"film": {"type": "string"}, "seats": {"type": "integer"}},
    "required": ["film", "seats"],
}
BARE = {"film": {"type": "str"}, "seats": {"type": "int"}}
NAMED = {"name": "book_seats", "description": "Book seats for a film."}
UPPER = {
    "type": "OBJECT",
    "properties": {"film": {"type": "STRING"}, "seats": {"type": "INTEGER"}},
    "required": ["film", "seats"],
}

# Each is the one tool `book_seats` with two required parameters.
FORMS: dict[str, Any] = {
    "OpenAI": [{"type": "function", "function": {**NAMED, "parameters": SEATS}}],
    "the function alone": [{**NAMED, "parameters": SEATS}],
    "Responses": [{"type": "function", **NAMED, "parameters": SEATS, "strict": True}],
    "without a type": [{"function": {**NAMED, "parameters": SEATS}}],
    "MCP": [{**NAMED, "title": "Seats", "inputSchema": SEATS, "annotations": {"readOnlyHint": True}}],
    "MCP inside a function": [{"type": "function", "function": {**NAMED, "inputSchema": SEATS}}],
    "what tools/list returns": {"tools": [{**NAMED, "inputSchema": SEATS}]},
    "its JSON-RPC": {"jsonrpc": "2.0", "id": 3, "result": {"tools": [{**NAMED, "inputSchema": SEATS}]}},
    "Anthropic": [{**NAMED, "input_schema": SEATS}],
    "Anthropic's custom": [{"type": "custom", **NAMED, "input_schema": SEATS}],
    "Gemini": [{"functionDeclarations": [{**NAMED, "parameters": UPPER}]}],
    "Gemini in snake case": {"function_declarations": [{**NAMED, "parameters": UPPER}]},
    "Gemini with a JSON Schema": [{"functionDeclarations": [{**NAMED, "parametersJsonSchema": SEATS}]}],
    "Bedrock": [{"toolSpec": {**NAMED, "inputSchema": {"json": SEATS}}}],
    "API-Bank": [{**NAMED, "input_parameters": BARE, "output_parameters": {"ok": {"type": "bool"}}}],
    "Cohere": [{**NAMED, "parameter_definitions": {
        "film": {"type": "str", "required": True}, "seats": {"type": "int", "required": True}}}],
    "a bare map": [{"type": "function", "function": {**NAMED, "parameters": BARE}}],
    "a bare map with its required": [{**NAMED, "parameters": {**BARE, "required": ["film", "seats"]}}],
    "required beside": [{**NAMED, "parameters": {
        "type": "dict", "properties": BARE}, "required": ["film", "seats"]}],
    "text": json.dumps([{**NAMED, "parameters": SEATS}]),
    "texts": [json.dumps({**NAMED, "inputSchema": SEATS})],
}  # fmt: skip

RIGHT = {"film": "Playtime", "seats": 2}


@pytest.mark.parametrize("form", FORMS)
def test_a_tool_is_read_with_its_parameters(form: str) -> None:
    (tool,) = read_tools(FORMS[form], [])
    compiled = compile_tool(json.dumps(tool))
    assert compiled.name == "book_seats"
    assert not list(compiled.violations(RIGHT))
    codes = {violation.code for violation in compiled.violations({"seats": "two"})}
    assert codes == {"missing_parameter", "wrong_type"}


@pytest.mark.parametrize("form", FORMS)
def test_the_tasks_of_a_file_give_every_required_argument(form: str, tmp_path: Path) -> None:
    value = FORMS[form]
    text = value if isinstance(value, str) else json.dumps(value)
    (tmp_path / "mine.json").write_text(text)
    out = tmp_path / "rows.jsonl"
    assert tasks_main(["--tools", str(tmp_path / "mine.json"), "--n", "12", "--out", str(out)]) == 0
    calls = []
    for line in out.read_text().splitlines():
        calls += json.loads(line)["answer"].get("calls", [])
    assert calls and all({"film", "seats"} <= call["arguments"].keys() for call in calls)


@pytest.mark.parametrize("reader", ["openai", "trl"])
@pytest.mark.parametrize("form", FORMS)
def test_a_conversation_shows_it_in_openais_form(form: str, reader: str, tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "book_seats", "arguments": json.dumps(RIGHT)}}
    messages = [
        {"role": "user", "content": "Two for Playtime."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    record = {"messages": messages, "tools": FORMS[form]}
    (tmp_path / "chats.jsonl").write_text(json.dumps(record) + "\n")
    (row,), counts = gather(READERS[reader](str(tmp_path / "chats.jsonl")))
    assert not counts.set_aside
    (tool,) = row.tools
    assert tool["type"] == "function" and "properties" in tool["function"]["parameters"]
    assert parse_row(row.to_json()) == row


def test_notes_say_what_was_read_otherwise() -> None:
    notes: list[str] = []
    read_tools(FORMS["MCP"], notes)
    read_tools(FORMS["required beside"], notes)
    read_tools(FORMS["a bare map"], notes)
    assert notes[0] == "`inputSchema` was read as a tool's `parameters`"
    assert any("`required` beside" in note for note in notes)
    assert any("without `properties`" in note for note in notes)


def test_what_is_in_openais_form_stays_as_it_is() -> None:
    tools = [
        {"type": "function", "function": {**NAMED, "parameters": {"type": "dict", "properties": BARE}}},
        {"type": "function", "function": {"name": "now"}},
        {"type": "function", "function": {"name": "now2", "parameters": {}}, "strict": True},
    ]  # fmt: skip
    notes: list[str] = []
    assert read_tools(tools, notes) == tools and not notes


def test_what_a_tool_gives_back_is_read() -> None:
    number = {"type": "number", "description": "The price."}
    for key in ("outputSchema", "return", "response"):
        (tool,) = read_tools([{**NAMED, "parameters": SEATS, key: number}], [])
        assert tool["function"]["returns"] == number
    (tool,) = read_tools(FORMS["API-Bank"], [])
    assert tool["function"]["returns"]["properties"] == {"ok": {"type": "boolean"}}


def test_a_parameter_may_be_called_as_a_keyword_is() -> None:
    names = ("type", "properties", "items", "description", "title", "required")
    bare = {name: {"type": "string", "description": "d"} for name in names}
    (tool,) = read_tools([{**NAMED, "parameters": bare}], [])
    assert set(tool["function"]["parameters"]["properties"]) == set(names)


REFUSED: dict[str, tuple[Any, str]] = {
    "another key": ([{**NAMED, "schema": SEATS}], "schema"),
    "a list under a key": ([{**NAMED, "api_arguments": [{"name": "a", "type": "str"}]}], "api_arguments"),
    "a list of parameters": ([{**NAMED, "parameters": [{"name": "film", "type": "string"}]}], "parameters"),
    "ToolBench": ([{"api_name": "Seats", "required_parameters": [], "optional_parameters": []}], "name"),
    "no JSON Schema": ([{"type": "custom", **NAMED, "format": {"type": "grammar"}}], "custom"),
    "a hosted tool": ([{"type": "web_search"}], "web_search"),
    "a number": ([3], "3"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_read_is_refused_by_its_name(case: str) -> None:
    value, word = REFUSED[case]
    with pytest.raises(ToolFormError, match=word):
        read_tools(value, [])


@pytest.mark.parametrize("form", ["MCP inside a function", "a bare map"])
def test_a_row_in_such_a_form_is_refused_and_converted(form: str, tmp_path: Path) -> None:
    row = {
        "messages": [{"role": "user", "content": "Two for Playtime."}],
        "tools": FORMS[form],
        "answer": {"calls": [{"name": "book_seats", "arguments": RIGHT}]},
    }
    word = "inputSchema" if "MCP" in form else "properties"
    with pytest.raises(RowError, match=word):
        parse_row(row)
    with pytest.raises(SchemaError, match=word):
        verify("", row["tools"], row["answer"])
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (converted,), _ = gather(READERS["rows"](str(tmp_path / "rows.jsonl")))
    assert parse_row(converted.to_json()) == converted
