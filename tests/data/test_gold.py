"""The gold of a row as a completion: what it is, that it is right, and where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rlcall import wire as wires
from rlcall.calls import Call
from rlcall.data.gold import gold_completion, render_calls
from rlcall.data.rows import Row
from rlcall.tasks import phone, worlds
from rlcall.verifier.answer import AnswerError
from rlcall.verify import verify

TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {}}}},
}
CALL = {"name": "weather", "arguments": {"city": "Paris"}, "label": "w"}
ROW = Row([{"role": "user", "content": "Weather in Paris?"}], [TOOL], {"calls": [CALL]})


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"calls": [CALL]}, "[weather(city='Paris')]"),
        ({"calls": []}, "[]"),
        ({"names": ["weather"]}, '["weather"]'),
        ({"arguments": {"city": "Paris"}, "name": "weather"}, '{"city": "Paris"}'),
        ({"slots": ["12"], "reply": "It is 12 degrees."}, "It is 12 degrees."),
    ],
)
def test_the_gold_in_python(answer: dict[str, Any], text: str) -> None:
    row = replace(ROW, answer=answer)
    assert gold_completion(row, "python") == text
    assert verify(text, row.tools, row.answer).correct


@pytest.mark.parametrize("answer", [None, {"calls": "any"}, {"slots": ["12"]}])
def test_an_answer_that_names_no_completion(answer: dict[str, Any] | None) -> None:
    with pytest.raises(AnswerError, match="no gold to render"):
        gold_completion(replace(ROW, answer=answer), "python")


def test_what_a_format_cannot_write() -> None:
    spaced = replace(ROW, answer={"calls": [{**CALL, "name": "the weather"}]})
    assert gold_completion(spaced, "python") is None
    assert gold_completion(spaced, "hermes") is not None
    assert render_calls([Call("the weather", {})], wires.get("python")) is None


def test_the_text_where_no_call_is_due() -> None:
    idle = replace(ROW, answer={"calls": []})
    assert gold_completion(idle, "hermes", no_call="") == ""
    assert render_calls([], wires.get("hermes")) == "[]"


def test_there_is_no_such_format() -> None:
    for answer in (ROW.answer, {"names": ["weather"]}):
        with pytest.raises(ValueError, match="no wire format 'auto'"):
            gold_completion(replace(ROW, answer=answer), "auto")


@pytest.mark.parametrize("wire", wires.NAMES)
def test_every_gold_is_right(wire: str) -> None:
    rows = [*phone.generate(30, 1), *worlds.generate(60, 1, "train")]
    texts = [(row, gold_completion(row, wire)) for row in rows if row.wanted.has_gold]
    golds = [(row, text) for row, text in texts if text is not None]
    assert len(golds) > 60
    for row, text in golds:
        assert verify(text, row.tools, row.answer, wire=wire).correct, (wire, text)
