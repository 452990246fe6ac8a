"""How many changed texts `compare: text` takes for right, by kind, on the answers of BFCL's tasks.

    RLCALL_TEST_DATA=... python -m tests.bench.bench_text

Each text of each answer is changed in one place (tests/support/text_mutations.py), and the answer's
calls are verified with it. Nothing is drawn by chance.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from rlcall.verify import verify
from tests.support.bfcl_completions import BfclTask, tasks
from tests.support.text_mutations import mutate, respell

Change = Callable[[str], Iterator[tuple[str, str]]]


def main() -> None:
    for title, change in (("another meaning", mutate), ("another spelling", respell)):
        print(title)
        for kind, (accepted, tried) in count(change).items():
            print(f"  {accepted:>5} of {tried:>5} accepted  {kind}")


def count(change: Change) -> dict[str, tuple[int, int]]:
    """Return for each kind of change how many are accepted, and how many there are."""
    accepted: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for task in tasks().values():
        for kind, completion in changed_completions(task, change):
            tried[kind] += 1
            accepted[kind] += bool(verify(completion, task.tools_text, task.answer_text).correct)
    return {kind: (accepted[kind], tried[kind]) for kind in sorted(tried)}


def changed_completions(task: BfclTask, change: Change) -> Iterator[tuple[str, str]]:
    """Yield the answer's calls with one text changed, where the calls as they are, are right."""
    calls = json.loads(task.answer_text)["calls"]
    if not calls or not verify(render(calls), task.tools_text, task.answer_text).correct:
        return
    for index, call in enumerate(calls):
        for name, value in call["arguments"].items():
            for kind, other in changed_values(value, change):
                arguments = {**call["arguments"], name: other}
                changed = [*calls[:index], {**call, "arguments": arguments}, *calls[index + 1 :]]
                yield kind, render(changed)


def changed_values(value: Any, change: Change) -> Iterator[tuple[str, Any]]:
    """Yield a value with one text in it changed."""
    if isinstance(value, str):
        yield from change(value)
    elif isinstance(value, list | dict):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in members:
            for kind, other in changed_values(item, change):
                copy = value.copy()
                copy[key] = other
                yield kind, copy


def render(calls: list[dict[str, Any]]) -> str:
    """Return calls as a completion in bare JSON."""
    return json.dumps(
        {"tool_calls": [{"name": call["name"], "arguments": call["arguments"]} for call in calls]}
    )


if __name__ == "__main__":
    main()
