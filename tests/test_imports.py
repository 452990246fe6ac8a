"""Imports point one way, and the verifier stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each part may import from its own row and from those above it.
ORDER = [
    {"argument_types", "endpoint", "calls", "shipped", "yaml_file", "intervals"},
    {"wire", "values", "graph", "dialects"},
    {"codes", "keywords", "subschemas"},
    {"schema", "answer"},
    {"grade", "replies"},
    {"match"},
    {"verdict"},
    {"granular"},
    {"verify"},
    {"rules", "completions"},
    {"rule_spec"},
    {"guard", "guard_worker"},
    {"reward"},
    {"data"},
    {"tasks"},
    {"check", "pairs", "passrate", "sampling_cost"},
    {"pair_lines"},
    {"show", "cli_verify", "attacks"},
    {"audit"},
    {"cli_audit"},
    {"metrics"},
    {"suites"},
    {"evaluate"},
    {"train"},
    {"evaluation"},
    {"compare"},
    {"doctor", "experiment"},
    {"cli_check", "cli_compare", "cli_convert", "cli_doctor", "cli_eval"},
    {"cli_experiment", "cli_pairs", "cli_passrate", "cli_tasks"},
    {"__main__"},
]
LEVEL = {part: level for level, parts in enumerate(ORDER) for part in parts}
# The trainer evaluates while it trains, and evaluation renders prompts and generates as the trainer does.
BOTH_WAYS = {"evaluate", "train"}
LIGHT = [
    "rlcall",
    "rlcall.verify",
    "rlcall.reward",
    "rlcall.cli_verify",
    "rlcall.cli_audit",
    "rlcall.data.rows",
    "rlcall.tasks.phone",
    "rlcall.tasks.generate",
    "rlcall.cli_pairs",
    "rlcall.cli_passrate",
    "rlcall.cli_tasks",
    "rlcall.cli_convert",
    "rlcall.data.formats",
    "rlcall.tasks.twins",
    "rlcall.tasks.template_rate",
    "rlcall.tasks.negatives",
    "rlcall.metrics.measure",
    "rlcall.metrics.paired",
    "rlcall.suites.bfcl_scores",
    "rlcall.cli_eval",
    "rlcall.cli_compare",
    "rlcall.cli_experiment",
]


def part_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from ([f"{node.module}.{a.name}" for a in node.names] if node.module == "rlcall" else [node.module])
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def source_files() -> list[Path]:
    return sorted((ROOT / "rlcall").rglob("*.py"))


@pytest.mark.parametrize("file", source_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_one_way(file: Path) -> None:
    own = part_of(".".join(file.relative_to(ROOT).with_suffix("").parts))
    if own == "__init__":
        return
    assert own in LEVEL, f"{own} has no place in ORDER: say where it stands"
    for module in imported(file):
        part = part_of(module) if module.startswith("rlcall.") else None
        if part is None or part == "__init__" or part not in LEVEL or {own, part} == BOTH_WAYS:
            continue
        assert LEVEL[part] <= LEVEL[own], f"{own} imports {part}, which comes after it"


@pytest.mark.parametrize("file", sorted((ROOT / "rewards").glob("*.py")), ids=lambda file: file.stem)
def test_rules_import_only_rlcall(file: Path) -> None:
    modules = {module.split(".")[0] for module in imported(file)}
    assert modules <= {"rlcall", "__future__"} | sys.stdlib_module_names


@pytest.mark.parametrize("module", LIGHT)
def test_no_torch_in_the_verifier(module: str) -> None:
    check = f"import sys, rlcall, {module}; rlcall.load_reward('graded'); print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", check], cwd=ROOT, text=True).strip() == "False"
