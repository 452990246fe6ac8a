"""Inputs of public bug reports, where they are at hand: each is judged as it should be.

Rows with `wire`, and `expect` for what is right; they are read under that format and under `auto`.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from rlcall.reward import load_reward
from tests.support.bfcl_completions import DATA

REPORTS = DATA / "reports" / "verifier.jsonl"
GRADED = load_reward("graded")


def reports() -> list[Any]:
    lines = REPORTS.read_text(encoding="utf-8").splitlines() if REPORTS.is_file() else []
    rows = map(json.loads, lines)
    return [pytest.param(row, id=row["id"]) for row in rows]


@pytest.mark.skipif(not REPORTS.is_file(), reason=f"no {REPORTS}; set RLCALL_TEST_DATA")
@pytest.mark.parametrize("form", ["its own", "auto"])
@pytest.mark.parametrize("row", reports())
def test_a_report_is_judged_as_it_should_be(row: dict[str, Any], form: str) -> None:
    wire = row["wire"] if form == "its own" else "auto"
    start = time.process_time()
    verdict = GRADED.verify(row["completion"], row["tools"], row["answer"], wire=wire)
    assert time.process_time() - start < 0.5
    assert verdict.correct is row["expect"]["correct"], verdict.errors
    assert verdict.correct or verdict.errors, "a verdict without a reason"
    json.dumps(verdict.to_json(), allow_nan=False)
