"""Malformed histories: the linter names each with its place, and no run begins with one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rlcall.check.history import CODE, faults
from rlcall.check.lint import Lint
from rlcall.data.rows import Row, RowError, write_rows
from rlcall.files.shipped import CONFIGS
from rlcall.sources import load_rows
from tests.support.sources import DATA

REPORTS = DATA / "reports" / "data"
Message = dict[str, Any]
ASK: Message = {"role": "user", "content": "Then water the basil."}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "water",
            "parameters": {"type": "object", "properties": {"plant": {"type": "string"}}},
        },
    }
]


def call(name: Any = "water", arguments: Any = None, identifier: Any = None) -> Message:
    made = {"type": "function", "function": {"name": name, "arguments": arguments or {}}}
    return made if identifier is None else {**made, "id": identifier}


def calling(*calls: Any) -> Message:
    return {"role": "assistant", "content": "", "tool_calls": list(calls)}


def result(identifier: str | None = None, content: Any = "done") -> Message:
    message = {"role": "tool", "content": content}
    return message if identifier is None else {**message, "tool_call_id": identifier}


BROKEN: dict[str, list[tuple[list[Message], str]]] = {
    "a result without a call": [
        ([ASK, result("a")], "messages[1]"),
        ([ASK, {"role": "assistant", "content": "Hello."}, result(), ASK], "messages[2]"),
        ([ASK, calling(call()), result(), result(), ASK], "messages[3]"),
    ],
    "a wrong id": [
        ([ASK, calling(call(identifier="a")), result("b"), ASK], "messages[2].tool_call_id"),
        (
            [ASK, calling(call(identifier="a"), call(identifier="b")), result("a"), result("a")],
            "messages[3].tool_call_id",
        ),
        (
            [ASK, calling(call(identifier="a")), result("a"), calling(call(identifier="b")), result("a")],
            "messages[4].tool_call_id",
        ),
        ([ASK, calling(call(identifier="a"), call(identifier="a")), result("a"), result("a")], "messages[1].tool_calls"),
    ],
    "calls without results": [
        ([ASK, calling(call()), ASK], "messages[1].tool_calls"),
        ([ASK, calling(call(), call()), result(), ASK], "messages[1].tool_calls"),
        ([ASK, calling(call())], "messages[1].tool_calls"),
    ],
    "two system messages": [
        ([{"role": "system", "content": "Be kind."}, {"role": "system", "content": "Be brief."}, ASK], "messages[1]"),
        ([ASK, {"role": "system", "content": "Be brief."}, ASK], "messages[1]"),
        ([{"role": "developer", "content": "Be kind."}, {"role": "system", "content": "Be brief."}, ASK], "messages[1]"),
    ],
    "a turn that says nothing": [
        ([{"role": "user", "content": ""}], "messages[0].content"),
        ([{"role": "user", "content": None}], "messages[0].content"),
        ([ASK, {"role": "assistant", "content": " \n"}, ASK], "messages[1].content"),
        ([{"role": "system", "content": []}, ASK], "messages[0].content"),
    ],
    "the assistant's turn last": [
        ([ASK, {"role": "assistant", "content": "Which one?"}], "messages[1]"),
        ([{"role": "assistant", "content": "How can I help?"}], "messages[0]"),
        ([ASK, calling(call()), result(), {"role": "assistant", "content": "Done."}], "messages[3]"),
    ],
    "nobody asks": [
        ([{"role": "system", "content": "Be brief."}], "messages[0]"),
        ([ASK, {"role": "developer", "content": "Today is Monday."}], "messages[1]"),
        ([{"role": "developer", "content": "Be brief."}], "messages[0]"),
    ],
    "parts that are no text": [
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "text", "value": "Hi"}]}], "messages[0].content[0].text"),
        ([{"role": "user", "content": [{"type": "text", "text": "Hi"}, None]}], "messages[0].content[1]"),
        ([{"role": "user", "content": [7]}], "messages[0].content[0]"),
    ],
    "calls that are none": [
        ([ASK, calling(call(name="")), result(), ASK], "messages[1].tool_calls[0].function.name"),
        ([ASK, calling(call(name=None)), result(), ASK], "messages[1].tool_calls[0].function.name"),
        ([ASK, calling({"function": "water"}), result(), ASK], "messages[1].tool_calls[0].function"),
        ([ASK, calling(call(arguments="{plant: basil}")), result(), ASK], "messages[1].tool_calls[0].function.arguments"),
        ([ASK, calling(call(arguments="[2]")), result(), ASK], "messages[1].tool_calls[0].function.arguments"),
        ([ASK, calling(call(arguments="true")), result(), ASK], "messages[1].tool_calls[0].function.arguments"),
        ([ASK, calling(call(arguments=3)), result(), ASK], "messages[1].tool_calls[0].function.arguments"),
        ([ASK, calling(call(identifier=4)), result(), ASK], "messages[1].tool_calls[0].id"),
    ],
    "calls of another role or in another form": [
        ([{**ASK, "tool_calls": [call()]}, result(), ASK], "messages[0].tool_calls"),
        ([ASK, {"role": "assistant", "content": "", "function_call": {"name": "water"}}, ASK], "messages[1].function_call"),
        ([ASK, {"role": "assistant", "content": "x", "functionCall": {"name": "water"}}, ASK], "messages[1].functionCall"),
    ],
}  # fmt: skip
CASES = [
    pytest.param(messages, field, id=f"{kind} {number}")
    for kind, cases in BROKEN.items()
    for number, (messages, field) in enumerate(cases)
]
IN_ORDER = [
    [ASK],
    [{"role": "system", "content": "Be brief."}, ASK],
    [{"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Today is Monday."}, ASK],
    [ASK, calling(call(), call()), result(), result(content=""), ASK],
    [ASK, calling(call(identifier="a"), call(identifier="b")), result("b"), result("a")],
    [ASK, calling(call(arguments='{"plant": "basil"}')), result(), {"role": "assistant", "content": "Done."}, ASK],
    [ASK, ASK],
    [{"role": "user", "content": [{"type": "text", "text": "Water "}, {"type": "text", "text": "it."}]}],
    [ASK, calling(call(arguments="")), result(content=None)],
]  # fmt: skip


def row(messages: list[Message]) -> Row:
    return Row(messages, TOOLS, {"calls": []}, id="garden")


@pytest.mark.parametrize(("messages", "field"), CASES)
def test_the_linter_names_the_place_and_what_to_do(
    tmp_path: Path, messages: list[Message], field: str
) -> None:
    write_rows(tmp_path / "rows.jsonl", [row([ASK]), row(messages)])
    findings = [finding for finding in Lint([str(tmp_path / "rows.jsonl")]).findings()]
    broken = [finding for finding in findings if finding.code == CODE]
    assert field in [finding.field for finding in broken]
    assert all((finding.line, finding.row) == (2, "garden") for finding in broken)
    assert all(len(finding.message) > 20 for finding in broken)


@pytest.mark.parametrize(("messages", "field"), CASES)
def test_rows_of_a_run_are_refused_with_file_line_and_id(
    tmp_path: Path, messages: list[Message], field: str
) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [row([ASK]), row(messages)])
    for split in ("train", "validation", "test"):
        with pytest.raises(RowError) as caught:
            load_rows(str(path), None, 0, split, {})
        message = str(caught.value)
        assert f"{path}, line 2: row 2 (garden), " in message and "rlcall check" in message
        assert caught.value.field.partition(", ")[2] == next(faults(row(messages))).field


@pytest.mark.parametrize("messages", IN_ORDER)
def test_a_history_in_order_has_no_fault(tmp_path: Path, messages: list[Message]) -> None:
    assert not list(faults(row(messages)))
    write_rows(tmp_path / "rows.jsonl", [row(messages)])
    assert load_rows(str(tmp_path / "rows.jsonl"), None, 0, "train", {})[0]


@pytest.mark.parametrize("name", sorted(path.name for path in REPORTS.glob("history_*.jsonl")))
def test_reported_histories_are_found(name: str) -> None:
    codes = {finding.code for finding in Lint([str(REPORTS / name)]).findings()}
    assert CODE in codes


@pytest.mark.parametrize("kind", ["a wrong id", "calls that are none", "the assistant's turn last"])
def test_commands_say_so_in_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "rows.jsonl"
    messages, field = BROKEN[kind][0]
    write_rows(path, [row([ASK]), row(messages)])
    config = str(CONFIGS / "smoke" / "sft.yaml")
    out = str(tmp_path / "out")
    commands = [["check", str(path), "--model", "tiny", "--max-length", "900"]]
    if kind == "a wrong id":
        pytest.importorskip("trl", reason="the training extra is not installed")
        commands += [
            ["sft", "--config", config, "--train_rows", str(path), "--output_dir", out],
            ["sft", "--config", config, "--eval_rows", str(path), "--output_dir", out],
            ["eval", "tiny", str(path), "--out", out],
        ]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "rlcall", *command], capture_output=True, text=True, timeout=300
        )
        printed = done.stdout + done.stderr
        assert done.returncode != 0 and "Traceback" not in printed, printed
        flat = printed.replace("\n", "").replace(" ", "")
        assert field in flat and "line2" in flat, printed
