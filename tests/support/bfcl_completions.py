"""Real completions of eight models on BFCL's single-turn tasks, each with BFCL's verdict.

    for real in completions():
        verdict = verify(real.completion, real.task.tools_text, real.task.answer_text)
        verdict.correct == real.valid

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
class BfclTask:
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
class BfclCompletion:
    """What one model wrote on one task, as text or as a message. `valid` is BFCL's verdict."""

    model: str
    task: BfclTask
    wire: str
    completion: Any
    valid: bool

    @property
    def id(self) -> str:
        return f"{self.model}/{self.task.id}"


@lru_cache(maxsize=1)
def tasks() -> dict[str, BfclTask]:
    """Return the tasks by their ids."""
    result = {}
    for line in (COMPLETIONS / "tasks.jsonl").read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        result[value["id"]] = BfclTask(
            value["id"], value["category"], value["tools"], value["answers"]
        )
    return result


def completions() -> Iterator[BfclCompletion]:
    """Yield every line of every model's file, in the files' order."""
    for path in sorted(COMPLETIONS.glob("*.jsonl")):
        if path.name == "tasks.jsonl":
            continue
        head, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        wire = WIRES[head["format"]]
        for line in lines:
            task = tasks()[line["task"]]
            yield BfclCompletion(head["model"], task, wire, line["completion"], line["valid"])
