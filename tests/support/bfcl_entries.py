"""BFCL's single-turn entries from the wheel `bfcl-eval` as rows; our reader sets some aside.

rows = entries("bfcl_eval-2026.3.23-py3-none-any.whl")
next(rows)      # {"id": "simple_python_0", "task": "simple_python", "messages": [...], ...}
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlcall.data.reading.bfcl_answers import answer_of

CATEGORIES = (
    "simple_python", "multiple", "parallel", "parallel_multiple", "live_simple", "live_multiple",
    "live_parallel", "live_parallel_multiple", "irrelevance", "live_irrelevance", "live_relevance",
)  # fmt: skip


def entries(wheel: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of the wheel, or of the folder that it was unzipped to."""
    root = zipfile.Path(wheel) if Path(wheel).is_file() else Path(wheel)
    data = root / "bfcl_eval" / "data"
    for category in CATEGORIES:
        name = f"BFCL_v4_{category}.json"
        truths = {}
        if "relevance" not in category:
            for truth in _lines(data / "possible_answer" / name):
                truths[truth["id"]] = truth["ground_truth"]
        for entry in _lines(data / name):
            functions = entry["function"]
            yield {
                "id": entry["id"],
                "task": category,
                "messages": entry["question"][0],
                "tools": [{"type": "function", "function": function} for function in functions],
                "answer": _answer(category, truths.get(entry["id"])),
            }


def _answer(category: str, truth: Any) -> dict[str, Any]:
    if "relevance" in category:
        return {"calls": [] if "irrelevance" in category else "any"}
    return answer_of(truth)


def _lines(file: Any) -> Iterator[Any]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line:
            yield json.loads(line)
