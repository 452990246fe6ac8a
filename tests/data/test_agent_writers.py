"""Rows in the forms of LLaMA-Factory, ms-swift and Responses come back as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.formats import READERS, WRITERS
from rlcall.data.reading.counts import gather
from rlcall.data.rows import Row, RowError, parse_row
from rlcall.tasks import phone

FORMS = ("sharegpt", "llamafactory_v1", "ms_swift", "responses")
MARKED = ("llamafactory_v1", "ms_swift", "responses")  # they say which turn is the answer
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {
        "type": "object", "properties": {"title": {"type": "string"}, "days": {"type": "integer"}}}}}
    for name in ("find_book", "renew")
]  # fmt: skip


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


HISTORY = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Find Momo and Emil, then renew both."},
    {"role": "assistant", "content": "", "tool_calls": [
        call("find_book", title="Momo"), call("find_book", title="$5$")]},
    {"role": "tool", "name": "find_book", "content": '{"id": 1}'},
    {"role": "tool", "name": "find_book", "content": "none"},
]  # fmt: skip
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "one call": [{"name": "renew", "arguments": {"title": "Momo", "days": 7}}],
    "two calls": [
        {"name": "renew", "arguments": {"title": "Momo"}},
        {"name": "renew", "arguments": {"title": "$$var1$"}},
    ],
    "none": [],
}


def back(form: str, row: Row, tmp_path: Path) -> Row:
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(WRITERS[form](row), ensure_ascii=False) + "\n", encoding="utf-8")
    rows, counts = gather(READERS[form](str(path)))
    assert not counts.set_aside
    return rows[-1]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("form", MARKED)
def test_a_turn_of_a_conversation(form: str, answer: str, tmp_path: Path) -> None:
    row = parse_row({"messages": HISTORY, "tools": TOOLS, "answer": {"calls": ANSWERS[answer]}})
    again = back(form, row, tmp_path)
    assert again.answer == row.answer and again.tools == row.tools
    unnamed = [{**message} for message in row.messages]
    if form == "llamafactory_v1":  # its results have no names
        for message in unnamed:
            message.pop("name", None)
    assert again.messages == unnamed


@pytest.mark.parametrize("form", FORMS)
def test_requests_of_the_phone(form: str, tmp_path: Path) -> None:
    plain = []
    for row in phone.generate(60, seed=5):
        if not any("accept" in call or "optional" in call for call in row.answer["calls"]):
            plain.append(row)
    assert len(plain) > 10
    for row in plain:
        again = back(form, row, tmp_path)
        assert again.messages == row.messages and again.answer == row.answer
        names = [tool["function"]["name"] for tool in row.tools]
        assert [tool["function"]["name"] for tool in again.tools] == names


@pytest.mark.parametrize("form", ["llamafactory_v1", "ms_swift", "responses"])
def test_words_beside_the_answer_come_back(form: str, tmp_path: Path) -> None:
    words = {"text": "I renew it."}
    row = parse_row({
        "messages": HISTORY[:2], "tools": TOOLS, "answer": {"calls": ANSWERS["one call"]},
        "words": words,
    })  # fmt: skip
    again = back(form, row, tmp_path)
    assert again.words == (None if form == "responses" else words)


@pytest.mark.parametrize(
    "change",
    [
        {"answer": None},
        {"answer": {"calls": "any"}},
        {"answer": {"calls": [{"name": "renew", "arguments": {}, "optional": ["$.days"]}]}},
        {"tools": []},
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_what_a_form_cannot_say_is_refused(form: str, change: dict[str, Any]) -> None:
    value = {"messages": HISTORY[:2], "tools": TOOLS, "answer": {"calls": []}, **change}
    with pytest.raises(RowError):
        WRITERS[form](parse_row(value))


def test_sharegpt_has_no_words_beside_a_call() -> None:
    spoken = {"role": "assistant", "content": "I look.", "tool_calls": [call("renew")]}
    row = parse_row({"messages": [HISTORY[1], spoken], "tools": TOOLS, "answer": {"calls": []}})
    with pytest.raises(RowError, match="words beside a call"):
        WRITERS["sharegpt"](row)
