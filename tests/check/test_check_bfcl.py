"""BFCL's wheel, whole: the linter finds the entries that no answer can solve, and what
docs/evidence/bfcl-faults.md says."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from rlcall.check.finding import RowFinding
from rlcall.check.lint import Lint
from tests.support.bfcl_entries import entries
from tests.support.bfcl_wheel import BFCL, needs_bfcl
from tests.support.docs import read_pages

pytestmark = needs_bfcl

# No value that the answer accepts is valid under the tool's schema, in each of them.
UNSOLVABLE = {
    "live_multiple_756-169-11", "live_multiple_87-38-4", "live_multiple_947-197-0", "live_multiple_750-169-5",
    "live_multiple_835-178-10", "live_multiple_871-182-8", "live_parallel_multiple_2-2-0", "live_simple_71-35-0",
    "live_multiple_152-58-6", "live_multiple_595-158-1", "live_multiple_596-158-2", "live_multiple_552-153-1",
    "live_multiple_731-167-2", "live_multiple_733-167-4", "live_multiple_735-167-6",
    "parallel_multiple_94", "parallel_multiple_21", "live_simple_106-63-0", "live_simple_112-68-0",
    "live_multiple_862-181-3", "live_multiple_964-207-0",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[RowFinding]:
    file = tmp_path_factory.mktemp("bfcl") / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in entries(BFCL)), encoding="utf-8")
    return [*Lint([str(file)]).findings()]


def test_the_unsolvable_entries_are_found(found: list[RowFinding]) -> None:
    assert {finding.row for finding in found if finding.code == "gold_impossible"} == UNSOLVABLE


def test_the_docs_say_what_is_found(found: list[RowFinding]) -> None:
    rows = defaultdict(set)
    for finding in found:
        rows[finding.code].add(finding.row)
    page = read_pages("evidence/bfcl-faults.md")
    table = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    assert {code: len(ids) for code, ids in rows.items()} == {
        row[1].strip(" `"): int(row[2]) for row in table
    }


def test_a_row_of_bfcl_is_found_in_the_evaluation(tmp_path: Path) -> None:
    row = next(row for row in entries(BFCL) if row["id"] == "multiple_3")
    file = tmp_path / "rows.jsonl"
    asked = [{"role": "user", "content": "Nobody at BFCL asks for green umbrellas"}]
    other = {**row, "messages": asked, "answer": {"calls": []}}
    file.write_text(
        f"{json.dumps({**row, 'tools': [], 'answer': None})}\n{json.dumps(other)}\n",
        encoding="utf-8",
    )
    codes = [
        (finding.line, finding.code)
        for finding in Lint([str(file)], against=[f"bfcl:{BFCL}"]).findings()
    ]
    assert codes == [(1, "in_evaluation"), (0, "no_answer")]
