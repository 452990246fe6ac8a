"""The linter on golden files of rows: what it finds, at which line and field, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rlcall.check.finding import CODES
from rlcall.check.lint import Lint
from rlcall.cli.check import main
from rlcall.data.rows import Row, read_rows, write_rows
from rlcall.tasks import phone
from tests.support.docs import read_pages

CASES = [
    json.loads(line)
    for line in Path(__file__)
    .parents[1]
    .joinpath("golden")
    .joinpath("check.jsonl")
    .open(encoding="utf-8")
]


def too_long_a_case(case: str, code: str, field: str) -> dict[str, Any]:
    """Return a case whose name or value is longer than any completion may be."""
    endless = "so on " * 12_000
    value = endless if code == "no_format" else "Paris"
    name = endless if code == "unwritable_name" else "g"
    city = {"type": "object", "properties": {"city": {"type": "string"}}}
    tools = [
        {"type": "function", "function": {"name": "f", "parameters": city}},
        {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}},
    ]
    for tool in tools:
        tool["function"]["description"] = "Does something."
    row = {
        "messages": [{"role": "user", "content": f"Weather in {value}"}],
        "tools": tools,
        "answer": {"calls": [{"name": "f", "arguments": {"city": value}}]},
    }
    return {"case": case, "rows": [row], "expect": [{"line": 1, "code": code, "field": field}]}


CASES += [
    too_long_a_case("an endless name", "unwritable_name", "tools[1].function.name"),
    too_long_a_case("an endless value", "no_format", "answer.calls"),
]
BY_NAME = {case["case"]: case for case in CASES}


def write(path: Path, rows: list[Any]) -> str:
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows),
        encoding="utf-8",
    )
    return str(path)


def files_of(case: dict[str, Any], folder: Path) -> tuple[list[str], list[str]]:
    """The case's rows as files: those to check, and those of the evaluation."""
    against = [write(folder / "test.jsonl", case["against"])] if "against" in case else []
    return [write(folder / "rows.jsonl", case["rows"])], against


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_golden(case: dict[str, Any], tmp_path: Path) -> None:
    found = [*Lint(*files_of(case, tmp_path)).findings()]
    assert [{"line": f.line, "code": f.code, "field": f.field} for f in found] == case["expect"]
    assert all(finding.message and "\n" not in finding.message for finding in found)


def test_every_code_is_found_in_some_case() -> None:
    with_a_model = {"too_long", "not_rendered"}
    assert {
        finding["code"] for case in CASES for finding in case["expect"]
    } == CODES.keys() - with_a_model


def test_every_code_stands_in_the_docs_with_an_example() -> None:
    page = read_pages("check-codes.md")
    table = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {
        row[1].strip(" `"): (row[2].strip(), row[3].strip())
        for row in table
        if row[2].strip() in ("error", "warning")
    }
    assert told == CODES
    assert all(len(row[4].strip()) > 10 for row in table if row[2].strip() in ("error", "warning"))


def test_tokens_are_held_to_the_limit(tmp_path: Path) -> None:
    def length(row: Row) -> int:
        if row.messages[0]["content"] == "Hello":
            raise ValueError("the template refuses it")
        return len(row.messages[0]["content"])

    rows = files_of(BY_NAME["nothing is wrong"], tmp_path)[0]
    found = [*Lint(rows, length=length, limit=15).findings()]
    assert [(f.line, f.code) for f in found] == [(1, "too_long"), (2, "not_rendered")]
    assert "16 tokens" in found[0].message and "1 over" in found[0].message


def test_tokens_of_a_model(
    tmp_path: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, phone.generate(30, seed=0))
    assert main([str(rows), "--model", str(tiny_folder), "--max_length", "4000"]) == 0
    assert main([str(rows), "--model", str(tiny_folder), "--max_length", "200"]) == 1
    assert "too_long" in capsys.readouterr().out


@pytest.mark.parametrize("name", [case["case"] for case in CASES if case["expect"]])
def test_the_command_says_what_it_found(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, out = BY_NAME[name], tmp_path / "out" / "findings.jsonl"
    rows, against = files_of(case, tmp_path)
    status = main([*rows, "--out", str(out), *(["--against", *against] if against else [])])
    severities = {CODES[finding["code"]][0] for finding in case["expect"]}
    assert status == (1 if "error" in severities else 0)
    findings = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [
        {key: finding[key] for key in ("line", "code", "field")} for finding in findings
    ] == case["expect"]
    assert {finding["severity"] for finding in findings} == severities
    assert all(finding["code"] in capsys.readouterr().out for finding in findings[:1])


@pytest.mark.parametrize(
    "arguments",
    [
        ["no.jsonl"],
        ["{rows}", "--against", "no.jsonl"],
        ["{rows}", "--model", "x"],
        ["{rows}", "--max_length", "9"],
    ],
)
def test_wrong_use(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = files_of(BY_NAME["nothing is wrong"], tmp_path)[0][0]
    out = tmp_path / "out.jsonl"
    assert main([*(part.format(rows=rows) for part in arguments), "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith("rlcall check: ") and not out.exists()


def test_a_model_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = files_of(BY_NAME["nothing is wrong"], tmp_path)[0][0]
    assert main([rows, "--model", str(tmp_path / "none"), "--max_length", "9"]) == 2
    assert "was not found" in capsys.readouterr().err


def test_rows_that_come_with_rlcall_have_no_errors(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    write_rows(rows, phone.generate(300, seed=3))
    assert {finding.severity for finding in Lint([str(rows)]).findings()} <= {"warning"}


def test_other_forms_are_read_by_their_readers(tmp_path: Path) -> None:
    rows = files_of(BY_NAME["the same row twice"], tmp_path)[0][0]
    assert [f.code for f in Lint([f"rows:{rows}"]).findings()] == ["duplicate"]
    assert len(read_rows(rows)) == 2


def test_several_files_are_one_body_of_rows(tmp_path: Path) -> None:
    row = BY_NAME["nothing is wrong"]["rows"][0]
    first, second = write(tmp_path / "a.jsonl", [row]), write(tmp_path / "b.jsonl", ["", row])
    found = [*Lint([first, second]).findings()]
    assert [(f.file, f.line, f.code) for f in found] == [
        (second, 2, "duplicate")
    ] and first in found[0].message


def test_no_torch_without_a_model(tmp_path: Path) -> None:
    rows = files_of(BY_NAME["nothing is wrong"], tmp_path)[0][0]
    check = f"import sys; from rlcall.cli.check import main; main([{rows!r}]); print('torch' in sys.modules)"
    assert (
        subprocess.check_output([sys.executable, "-c", check], text=True).splitlines()[-1]
        == "False"
    )


def test_what_a_file_holds_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"messages": [{"role": "user", "content": "x"}], "tools": [], "answer": None}
    line = json.dumps({**row, "\x1b[2J\u202e": 1})
    (tmp_path / "rows.jsonl").write_text(line + "\n")
    main([str(tmp_path / "rows.jsonl")])
    output = "".join(capsys.readouterr())
    assert "\x1b" not in output and "\u202e" not in output and "U+001B" in output
