"""The formats of data: each is one file, and a new one is found without another being touched."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rlcall
from rlcall.data import readers
from rlcall.data.formats import BENCHMARKS, READERS, WRITERS

FOLDER = Path(readers.__path__[0])
FILES = sorted(file for file in FOLDER.glob("*.py") if file.stem != "__init__")
NEW_FORMAT = '''
"""Questions without tools."""

from rlcall.data.reading.counts import read_each
from rlcall.data.reading.records import records


def read(path):
    return read_each(records(path), _rows)


def _rows(record, notes):
    messages = [{"role": "user", "content": record.value["question"]}]
    yield record.row({"messages": messages, "tools": [], "answer": {"calls": []}})
'''


def test_each_file_is_a_format() -> None:
    assert list(READERS) == [file.stem for file in FILES]
    assert set(WRITERS) == {
        *("rows", "openai", "trl"),
        *("sharegpt", "llamafactory_v1", "ms_swift", "responses"),
    }
    assert set(BENCHMARKS) == {"bfcl", "when2call_test", "mobile_actions_eval"}


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_reader_rests_on_no_other(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert "rlcall.data.readers" not in str(node.module)


def test_a_format_is_one_new_file(tmp_path: Path) -> None:
    copy = tmp_path / "rlcall"
    shutil.copytree(
        Path(rlcall.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__")
    )
    (copy / "data" / "readers" / "questions.py").write_text(NEW_FORMAT, encoding="utf-8")
    (tmp_path / "in.jsonl").write_text('{"question": "What time is it?"}\n', encoding="utf-8")
    command = [sys.executable, "-m", "rlcall", "convert", "--from", "questions"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run(
        [*command, "in.jsonl", "out.jsonl"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert row["id"] == "in-0" and row["messages"][0]["content"] == "What time is it?"
