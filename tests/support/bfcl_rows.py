"""Real completions of eight models on BFCL's single-turn tasks, each with BFCL's verdict, and their rows.

    for written in completions():
        verify(written.completion, written.task.tools_text, written.task.answer_text).correct == written.valid

The files are no part of the project; `DATA` says where they are looked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.reading.bfcl_answers import answer_of

DATA = Path(os.environ.get("RLCALL_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
COMPLETIONS = DATA / "completions"
needs_completions = pytest.mark.skipif(
    not COMPLETIONS.is_dir(), reason=f"no completions at {COMPLETIONS}; set RLCALL_TEST_DATA"
)

# The files' word for a wire format -> ours. A message has its own form, whatever the run's format.
WIRES = {
    "hermes": "hermes",
    "xlam": "json",
    "granite": "granite20b",
    "pythonic": "python",
    "glm4": "glm4",
    "openai": "openai",
}


@dataclass(frozen=True)
class Task:
    """One task of BFCL's, and its row's tools and answer as JSON text."""

    id: str
    category: str
    tools: list[dict[str, Any]]
    answers: list[dict[str, Any]]

    @cached_property
    def tools_text(self) -> str:
        return json.dumps(self.tools)

    @cached_property
    def answer_text(self) -> str:
        return json.dumps(answer_of(self.answers))


@dataclass(frozen=True, slots=True)
class Written:
    """What one model wrote on one task, as text or as a message. `valid` is BFCL's verdict."""

    model: str
    task: Task
    wire: str
    completion: Any
    valid: bool

    @property
    def id(self) -> str:
        return f"{self.model}/{self.task.id}"


@lru_cache(maxsize=1)
def tasks() -> dict[str, Task]:
    """Task id -> task."""
    values = map(json.loads, (COMPLETIONS / "tasks.jsonl").read_text(encoding="utf-8").splitlines())
    return {v["id"]: Task(v["id"], v["category"], v["tools"], v["answers"]) for v in values}


def completions() -> Iterator[Written]:
    """Every line of every model's file, in the files' order."""
    for path in sorted(COMPLETIONS.glob("*.jsonl")):
        if path.name != "tasks.jsonl":
            head, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            wire = WIRES[head["format"]]
            for line in lines:
                yield Written(
                    head["model"], tasks()[line["task"]], wire, line["completion"], line["valid"]
                )
