"""`rlcall audit` as a user runs it: exit status, what it prints, what it writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rlcall.audit import sample_rows
from rlcall.audit.attacks import ATTACKS
from rlcall.data.rows import Row, write_rows

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rlcall", "audit", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


@pytest.fixture(scope="module")
def rows_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("audit") / "rows.jsonl"
    write_rows(path, [*sample_rows()[-12:-9], Row([{"role": "user", "content": "?"}], [], None)])
    return str(path)


def test_the_command_says_what_is_kept(rows_file: str) -> None:
    done = run("--rows", rows_file, "--rewards", "strict", "--wire", "hermes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "9 of 9 properties kept" in done.stdout and "FAILS" not in done.stdout
    assert "Rows set aside: 1, since nothing is known of its calls." in done.stdout
    assert all(attack.name in done.stdout for attack in ATTACKS)


def test_the_command_says_what_fails_and_writes_it_whole(rows_file: str, tmp_path: Path) -> None:
    done = run("--rows", rows_file, "--rewards", "toolrl", "--out", f"{tmp_path}/findings.jsonl")
    assert done.returncode == 1
    assert "fails  one surplus call costs at least half, wherever it is: 5 attacks" in done.stdout
    findings = [json.loads(line) for line in (tmp_path / "findings.jsonl").read_text().splitlines()]
    assert [finding["attack"] for finding in findings] == [attack.name for attack in ATTACKS]
    junk = findings[[finding["attack"] for finding in findings].index("20 junk calls")]
    assert (
        not junk["ok"]
        and junk["reached"] > 0.1
        and junk["completion"].count("delete_everything") == 20
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "findings.jsonl"]


def test_a_rule_that_raises_is_reported_by_the_command(rows_file: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def mine(verdict):\n    return 1 / len(verdict.calls)\n")
    (tmp_path / "mine.yaml").write_text(f"rewards: {{'{tmp_path}/mine.py:mine': 1.0}}\n")
    done = run("--rows", rows_file, "--rewards", f"{tmp_path}/mine.yaml")
    assert done.returncode == 1 and done.stderr == ""
    assert (
        "raised" in done.stdout
        and "ZeroDivisionError: division by zero (mine.py:2) on: (empty)" in done.stdout
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rewards", "gradde"], "presets are"),
        (["--rows", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["--wire", "morse"], "invalid choice"),
    ],
)
def test_a_mistake_in_the_call_is_2(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_rows_of_which_none_can_be_attacked_are_2(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [Row([{"role": "user", "content": "?"}], [], None)])
    done = run("--rows", f"{tmp_path}/rows.jsonl")
    assert done.returncode == 2 and "nothing is known of its calls" in done.stderr
