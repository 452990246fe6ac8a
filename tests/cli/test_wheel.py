"""The wheel as a user gets it: built, installed without extras in a clean environment, run in
another directory."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(out),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin/ of a clean environment with the wheel and its core dependencies only."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [
        str(venv / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
    ]
    subprocess.run(
        [*pip, str(wheel), "-c", str(ROOT / "constraints.txt")], check=True, capture_output=True
    )
    return venv / "bin"


def test_rules_and_configs_travel_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("rewards", "configs"):
        files = [
            file.relative_to(ROOT)
            for file in (ROOT / folder).rglob("*.*")
            if "__pycache__" not in file.parts
        ]
        assert files and {f"rlcall/{file.as_posix()}" for file in files} <= names


def test_templates_travel_in_the_wheel(wheel: Path) -> None:
    templates = {file.relative_to(ROOT).as_posix() for file in (ROOT / "rlcall").rglob("*.html")}
    templates |= {file.relative_to(ROOT).as_posix() for file in (ROOT / "rlcall").rglob("*.css")}
    assert {"rlcall/show/table.html", "rlcall/compare/page.html"} < templates
    assert templates <= set(zipfile.ZipFile(wheel).namelist())


def test_help_needs_no_torch(installed: Path, tmp_path: Path) -> None:
    said = subprocess.run(
        [installed / "rlcall", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "verify" in said.stdout
    torch = subprocess.run(
        [installed / "python", "-c", "import torch"], cwd=tmp_path, capture_output=True
    )
    assert torch.returncode != 0


def test_verify_in_another_directory(installed: Path, tmp_path: Path) -> None:
    tools = [
        {
            "type": "function",
            "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}},
        }
    ]
    row = {
        "messages": [{"role": "user", "content": "f of 1"}],
        "tools": tools,
        "answer": {"calls": [{"name": "f", "arguments": {"a": 1}}]},
        "completion": '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>',
    }
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(row)}\nnot a row\n", encoding="utf-8")
    (tmp_path / "rewards.py").write_text(
        "raise SystemExit('a file of the user with this name must not be imported')\n"
    )
    run = subprocess.run(
        [installed / "rlcall", "verify", "rows.jsonl"], cwd=tmp_path, capture_output=True, text=True
    )
    first, second = map(json.loads, run.stdout.splitlines())
    assert run.returncode == 1 and second["line"] == 2
    assert first["correct"] is True and first["reward"] == 1.0
