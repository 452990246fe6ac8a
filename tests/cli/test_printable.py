"""What a file or a model wrote cannot steer a terminal: each command shows it, none obeys it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rlcall.__main__ import main

# colours, a title for the window, text from right to left, an eight-bit escape, a line separator
HOSTILE = "a\x1b[31mb\x1b]0;title\x07c\u202ed\x9b2Je\u2028f"
OBEYED = ("\x1b", "\x07", "\u202e", "\x9b", "\u2028")
SHOWN = "c⟨U+202E⟩d⟨U+009B⟩2Je⟨U+2028⟩f"


def row(**changes: object) -> dict[str, object]:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    function = {"name": "get_rain", "description": "Rain.", "parameters": parameters}
    return {
        "id": HOSTILE,
        "messages": [{"role": "user", "content": f"Rain in {HOSTILE}?"}],
        "tools": [{"type": "function", "function": function}],
        "answer": {"calls": [{"name": HOSTILE, "arguments": {"city": HOSTILE}}]},
        **changes,
    }


def written(path: Path, *values: object) -> str:
    lines = [json.dumps(value, ensure_ascii=False) for value in values]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def check(folder: Path) -> list[str]:
    return ["check", written(folder / "rows.jsonl", row(), row(**{HOSTILE: 1}))]


def verify(folder: Path) -> list[str]:
    calls = {"calls": [{"name": "get_rain", "arguments": {"city": HOSTILE}}]}
    call = json.dumps({"name": HOSTILE, "arguments": {HOSTILE: 1}}, ensure_ascii=False)
    block = f"{HOSTILE}<tool_call>{call}</tool_call>"
    rows = written(folder / "rows.jsonl", row(answer=calls, completion=block))
    return ["verify", rows, "--show"]


def convert(folder: Path) -> list[str]:
    rows = written(folder / f"{HOSTILE}.jsonl", row(), {HOSTILE: 1})
    return ["convert", "--from", "rows", "--to", "rows", rows, str(folder / "out.jsonl")]


def audit(folder: Path) -> list[str]:
    return ["audit", "--rewards", str(folder / f"{HOSTILE}.yaml")]


def tasks(folder: Path) -> list[str]:
    parameters = {"type": "object", "properties": {"city": {"$ref": f"#/{HOSTILE}"}}}
    function = {"name": HOSTILE, "description": "d", "parameters": parameters}
    tools = folder / "tools.json"
    tools.write_text(json.dumps([{"type": "function", "function": function}]), encoding="utf-8")
    return ["tasks", "--tools", str(tools), "--n", "1", "--out", str(folder / "o.jsonl")]


def train(folder: Path) -> list[str]:
    return ["sft", "--config", str(folder / f"{HOSTILE}.yaml")]


def doctor(folder: Path) -> list[str]:
    return ["doctor", "--config", str(folder / f"{HOSTILE}.yaml")]


def doctor_finding(folder: Path) -> list[str]:
    config = folder / "my.yaml"
    config.write_text(json.dumps({HOSTILE: 1}), encoding="utf-8")
    return ["doctor", "--config", str(config), "--no-steps"]


@pytest.mark.parametrize(
    "command", [check, verify, convert, audit, tasks, train, doctor, doctor_finding]
)
def test_no_command_prints_a_control_character(
    command: Callable[[Path], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(command(tmp_path))
    output = "".join(capsys.readouterr())
    assert not [character for character in OBEYED if character in output], ascii(output)
    assert "U+202E" in output or "u202e" in output, output
