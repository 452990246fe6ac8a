"""BFCL's single-turn entries from the wheel `bfcl-eval` as rows, wrong ones and all; rlcall.data.readers.bfcl sets those aside.

rows = entries("bfcl_eval-2026.3.23-py3-none-any.whl")     # {"id": "simple_python_0", "task": "simple_python", ...}
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlcall.data.readers.bfcl import answer_of

CATEGORIES = (
    "simple_python", "multiple", "parallel", "parallel_multiple", "live_simple", "live_multiple", "live_parallel",
    "live_parallel_multiple", "irrelevance", "live_irrelevance", "live_relevance",
)  # fmt: skip


def entries(wheel: str) -> Iterator[dict[str, Any]]:
    """The entries of the wheel, or of the folder that it was unzipped to."""
    data = (zipfile.Path(wheel) if Path(wheel).is_file() else Path(wheel)) / "bfcl_eval" / "data"
    for category in CATEGORIES:
        name = f"BFCL_v4_{category}.json"
        relevance = {"calls": [] if "irrelevance" in category else "any"}
        truth = (
            {}
            if "relevance" in category
            else {e["id"]: e["ground_truth"] for e in _lines(data / "possible_answer" / name)}
        )
        for entry in _lines(data / name):
            yield {
                "id": entry["id"],
                "task": category,
                "messages": entry["question"][0],
                "tools": [
                    {"type": "function", "function": function} for function in entry["function"]
                ],
                "answer": answer_of(truth[entry["id"]]) if truth else relevance,
            }


def _lines(file: Any) -> Iterator[Any]:
    return map(json.loads, filter(None, file.read_text(encoding="utf-8").splitlines()))
