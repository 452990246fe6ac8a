"""`rlcall pairs` on preferences: both replies, verified, in the wire format that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli.pairs import main
from rlcall.samples.pair_files import read_pairs

TOOLS = [{"type": "function", "function": {"name": "find_book", "parameters": {
    "type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}}}]  # fmt: skip


def called(**arguments: str) -> dict[str, Any]:
    function = {"name": "find_book", "arguments": arguments}
    return {"role": "assistant", "tool_calls": [{"type": "function", "function": function}]}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def preference(request: str, chosen: Any, rejected: Any) -> dict[str, Any]:
    prompt = [{"role": "user", "content": request}]
    return {"prompt": prompt, "chosen": [chosen], "rejected": [rejected], "tools": TOOLS}


RECORDS = {
    "a call against words": preference("Momo?", called(title="Momo"), said("No idea.")),
    "words against a call": preference("A book?", said("Which one?"), called(title="")),
    "a call against another": preference("Momo?", called(title="Momo"), called(title="Emil")),
    "two that are right": preference("Momo?", called(title="Momo"), called(title="Momo")),
    "two replies in words": preference("A book?", said("Which one?"), said("No.")),
}


@pytest.mark.parametrize("wire", ["hermes", "python", "llama3"])
def test_pairs_are_made_of_preferences(
    wire: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "preferences.jsonl", tmp_path / "pairs.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in RECORDS.values()))
    arguments = [f"trl_preferences:{source}", "--wire", wire, "--out", str(out)]
    assert main(arguments) == 0
    pairs = read_pairs(str(out), wire)
    assert [pair.kind for pair in pairs] == ["given"] * 3
    assert pairs[0].rejected == "No idea."
    assert pairs[1].chosen == "Which one?"
    assert "Emil" in pairs[2].rejected and "Momo" in pairs[2].chosen
    printed = capsys.readouterr().out
    assert "rows: 5, 3 of them with pairs" in printed
    assert "2 left out: the rejected reply is right by the row's own answer" in printed


@pytest.mark.parametrize("form", ["when2call", "ms_swift", "sharegpt"])
def test_other_forms_have_preferences_too(form: str, tmp_path: Path) -> None:
    function = {"name": "find_book", "arguments": {"title": "Momo"}}
    user, reply = {"role": "user", "content": "A book?"}, "Which one?"
    records: dict[str, dict[str, Any]] = {
        "when2call": {
            "tools": [json.dumps(TOOLS[0]["function"])],
            "messages": [user],
            "chosen_response": said(reply),
            "rejected_response": said(f"<TOOLCALL>{json.dumps([function])}</TOOLCALL>"),
        },
        "ms_swift": {
            "tools": json.dumps(TOOLS),
            "messages": [user, {"role": "assistant", "content": reply}],
            "rejected_response": '<tool_call>{"name": "find_book"}</tool_call>',
        },
        "sharegpt": {
            "tools": json.dumps(TOOLS),
            "conversations": [{"from": "human", "value": "A book?"}],
            "chosen": {"from": "gpt", "value": reply},
            "rejected": {"from": "function_call", "value": json.dumps(function)},
        },
    }
    source, out = tmp_path / "data.jsonl", tmp_path / "pairs.jsonl"
    source.write_text(json.dumps(records[form]) + "\n")
    assert main([f"{form}:{source}", "--wire", "hermes", "--out", str(out)]) == 0
    (pair,) = read_pairs(str(out), "hermes")
    assert pair.chosen == reply and "find_book" in pair.rejected
    assert "call_not_due" in pair.codes
