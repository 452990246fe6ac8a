"""Imports point one way, and the verifier stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIGHT = [
    "rlcall",
    "rlcall.verify",
    "rlcall.reward",
    "rlcall.cli.verify",
    "rlcall.cli.audit",
    "rlcall.data.rows",
    "rlcall.runs.folder",
    "rlcall.tasks.phone",
    "rlcall.tasks.generate",
    "rlcall.cli.pairs",
    "rlcall.cli.passrate",
    "rlcall.cli.tasks",
    "rlcall.cli.tools",
    "rlcall.cli.convert",
    "rlcall.data.formats",
    "rlcall.tasks.twins.twins",
    "rlcall.metrics.template_rate",
    "rlcall.tasks.negatives",
    "rlcall.metrics.measure",
    "rlcall.metrics.paired",
    "rlcall.suites.bfcl_scores",
    "rlcall.cli.eval",
    "rlcall.cli.compare",
    "rlcall.cli.experiment",
]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (
                [f"{node.module}.{a.name}" for a in node.names]
                if node.module == "rlcall"
                else [node.module]
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_imports_point_one_way() -> None:
    """The layers of pyproject.toml hold, by import-linter, which prints the chain where they do
    not."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "file", sorted((ROOT / "rewards").glob("*.py")), ids=lambda file: file.stem
)
def test_rules_import_the_door_and_the_standard_library(file: Path) -> None:
    for module in imported(file):
        assert module == "rlcall.verify" or module.split(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("module", LIGHT)
def test_no_torch_in_the_verifier(module: str) -> None:
    check = (
        f"import sys, rlcall, {module}; rlcall.load_reward('graded'); print('torch' in sys.modules)"
    )
    assert (
        subprocess.check_output([sys.executable, "-c", check], cwd=ROOT, text=True).strip()
        == "False"
    )
