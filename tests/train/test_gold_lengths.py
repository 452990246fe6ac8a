"""Golds that do not fit into a limit: told with how many and which task, and refused unless asked
for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.data.rows import Row, write_rows
from rlcall.files.shipped import CONFIGS
from rlcall.tasks import phone

REFUSE = ["--allow_cut_golds", "false"]
ROOMY = ["--eval_max_new_tokens", "200"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six rows with short golds, and two with long ones of tasks of their own."""
    short = [row for row in phone.generate(60, seed=5) if row.wanted.has_gold]
    short = [row for row in short if len(str(row.answer)) < 120][:6]
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    long = []
    for number, task in enumerate(("ballad", "epic")):
        tool = {"type": "function", "function": {"name": "sing", "parameters": {
            "type": "object", "properties": {"text": {"type": "string"}}}}}  # fmt: skip
        words = " ".join(f"verse {line} of {number}" for line in range(60))
        answer = {"calls": [{"name": "sing", "arguments": {"text": words}}]}
        long.append(Row([{"role": "user", "content": f"Sing: {words}"}], [tool], answer, task=task))
    write_rows(path, [*short, *long])
    return path


def launch(method: str, folder: Path, *keys: str) -> tuple[int, str]:
    config = str(CONFIGS / "smoke" / f"{method}.yaml")
    line = [sys.executable, "-m", "rlcall", method, "--config", config, "--output_dir", str(folder)]
    done = subprocess.run([*line, *keys], capture_output=True, text=True, timeout=500)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("method", "keys", "key"),
    [
        ("grpo", ["--max_completion_length", "200"], "max_completion_length"),
        ("sft", ["--max_length", "700"], "max_length"),
        ("sft", [], "eval_max_new_tokens"),
        ("dpo", [], "eval_max_new_tokens"),
    ],
)
def test_they_are_told_and_refused(
    tmp_path: Path, rows: Path, method: str, keys: list[str], key: str
) -> None:
    source = "--eval_rows" if key == "eval_max_new_tokens" else "--train_rows"
    keys = [source, str(rows), *ROOMY, *REFUSE, *keys]
    status, printed = launch(method, tmp_path / "run", *keys)
    assert status != 0 and "Traceback" not in printed, printed
    assert f"{key} is " in printed and f"2 of 8 golds of {rows} exceed" in printed
    assert "(ballad 1, epic 1)" in printed and "allow_cut_golds: true" in printed
    assert not (tmp_path / "run" / "run.json").exists()


def test_asked_for_they_are_told_and_the_run_goes_on(tmp_path: Path, rows: Path) -> None:
    keys = ["--train_rows", str(rows), "--max_length", "700", "--eval_rows", "null"]
    status, printed = launch("sft", tmp_path / "run", *keys)
    assert status == 0, printed
    assert "warning: max_length is 700, which 2 of 8 golds" in printed
    assert "(ballad 1, epic 1)" in printed and "lose their end" in printed


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_a_limit_into_which_nothing_fits_is_refused_either_way(
    tmp_path: Path, rows: Path, method: str
) -> None:
    keys = ["--train_rows", str(rows), "--max_length", "9", "--eval_rows", "null"]
    status, printed = launch(method, tmp_path / "run", *keys)
    assert status != 0 and "Traceback" not in printed, printed
    assert "max_length is 9" in printed and "null" in printed


def test_what_fits_is_not_spoken_of(tmp_path: Path, rows: Path) -> None:
    keys = ["--train_rows", str(rows), "--max_length", "4000", "--eval_rows", "null", *REFUSE]
    status, printed = launch("sft", tmp_path / "run", *keys)
    assert status == 0 and "golds of" not in printed
