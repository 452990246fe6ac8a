"""`rlcall verify` as programs call it: one line out for each line in, whole files, and a view
for a person."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TOOLS = [
    {
        "type": "function",
        "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}},
    }
]
CALL = '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>'


def row(completion: Any, answer: Any, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "f of 1"}]
    return {
        "messages": messages,
        "tools": TOOLS,
        "answer": answer,
        "completion": completion,
        **more,
    }


def run(folder: Path, rows: list[Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    lines = [item if isinstance(item, str) else json.dumps(item) for item in rows]
    (folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = [sys.executable, "-m", "rlcall", "verify", str(folder / "rows.jsonl"), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


RIGHT = {"calls": [{"name": "f", "arguments": {"a": 1}}]}


def test_one_line_out_for_each_line_in(tmp_path: Path) -> None:
    message = {
        "role": "assistant",
        "tool_calls": [{"function": {"name": "f", "arguments": '{"a": 1}'}}],
    }
    rows = [
        row(CALL, RIGHT, id="r1"),
        "{broken",
        row(message, RIGHT),
        row(CALL, None),
        row(CALL, RIGHT, anwser=1),
        row("no", {"calls": []}),
    ]
    done = run(tmp_path, rows)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and len(lines) == len(rows)
    assert list(lines[0]) == ["id", "correct", "reward", "rules", "wire", "calls", "errors"]
    assert (lines[0]["id"], lines[0]["correct"], lines[0]["reward"], lines[0]["wire"]) == (
        "r1",
        True,
        1.0,
        "hermes",
    )
    assert lines[1]["line"] == 2 and lines[4]["line"] == 5 and "anwser" in lines[4]["error"]
    assert lines[2]["correct"] is True
    assert lines[3]["correct"] is None and lines[3]["reward"] is None
    assert lines[5]["correct"] is True


def test_errors_have_code_call_path_and_message(tmp_path: Path) -> None:
    (line,) = map(
        json.loads, run(tmp_path, [row(CALL.replace("1", "2"), RIGHT)]).stdout.splitlines()
    )
    (error,) = line["errors"]
    assert (error["code"], error["call"], error["path"]) == ("wrong_value", 0, "$.a") and error[
        "message"
    ]


def test_a_fixed_wire_and_other_rewards(tmp_path: Path) -> None:
    done = run(tmp_path, [row(CALL, RIGHT)], "--wire", "python", "--rewards", "strict")
    line = json.loads(done.stdout)
    assert (
        done.returncode == 0
        and line["correct"] is False
        and set(line["rules"]) == {"correct", "parses"}
    )


def test_the_file_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "verdicts.jsonl"
    done = run(tmp_path, [row(CALL, RIGHT)] * 3, "--out", str(out))
    assert done.returncode == 0 and not done.stdout and len(out.read_text().splitlines()) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl", "verdicts.jsonl"]


def test_a_wrong_reward_or_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    done = run(tmp_path, [row(CALL, RIGHT)], "--rewards", "gradde", "--out", str(tmp_path / "out"))
    assert done.returncode == 2 and "presets are" in done.stderr and not (tmp_path / "out").exists()
    missing = subprocess.run(
        [sys.executable, "-m", "rlcall", "verify", "nowhere.jsonl"], capture_output=True, text=True
    )
    assert (
        missing.returncode == 2
        and "nowhere.jsonl" in missing.stderr
        and "Traceback" not in missing.stderr
    )


def test_show_is_for_a_person(tmp_path: Path) -> None:
    shown = run(tmp_path, [row(CALL.replace("1", "2"), RIGHT, id="r9")], "--show").stdout
    for part in (
        "r9: wrong",
        "f of 1",
        "- f(a=1)",
        "+ f(a=2)",
        "wrong_value",
        "$.a",
        "values 0.00",
    ):
        assert part in shown
