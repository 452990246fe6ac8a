"""Generated rows are the same bytes as those of earlier versions, by digests made at df317ad."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rlcall.cli.tasks import main
from rlcall.tasks import phone, worlds
from rlcall.tasks.negatives import NEGATIVES, negatives

GOLDEN = Path(__file__).parents[1] / "golden"
DIGESTS: dict[str, Any] = json.loads((GOLDEN / "task_rows.json").read_text(encoding="utf-8"))


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize("line", DIGESTS["rlcall tasks"])
def test_rows_of_the_command(line: str, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    arguments = line.replace("own_tools.json", str(GOLDEN / "own_tools.json")).split()
    assert main([*arguments, "--out", str(out)]) == 0
    assert digest(out.read_bytes()) == DIGESTS["rlcall tasks"][line]


@pytest.mark.parametrize("split", DIGESTS["phone"])
def test_rows_of_the_phone(split: str) -> None:
    lines = [json.dumps(row.to_json()) for row in phone.generate(200, seed=3, split=split)]
    assert digest("\n".join(lines).encode()) == DIGESTS["phone"][split]


@pytest.mark.parametrize("wire", DIGESTS["negatives"])
def test_negatives(wire: str) -> None:
    rows = [*phone.generate(40, seed=2), *worlds.generate(60, seed=8, split="train")]
    completions = [
        [negative.completion for negative in negatives(row, wire, Random(row.id))] for row in rows
    ]
    assert digest(json.dumps([list(NEGATIVES), completions]).encode()) == DIGESTS["negatives"][wire]
