"""`correct` against BFCL's verdict on real completions, and the page against what is measured."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.reading.bfcl_answers import answer_of
from rlcall.data.rows import parse_row
from rlcall.verify import verify
from tests.support.bfcl_completions import BfclCompletion, completions, needs_completions, tasks

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "agreement.md"
SECTIONS = {True: "## Rows where calls are due", False: "## Rows where no call is due"}
each_part = pytest.mark.parametrize("call_due", SECTIONS, ids=["calls due", "no call due"])


@lru_cache(maxsize=1)
def outcomes() -> list[tuple[BfclCompletion, bool | None]]:
    return [
        (w, verify(w.completion, w.task.tools_text, w.task.answer_text).correct)
        for w in completions()
    ]


def part(call_due: bool) -> list[tuple[BfclCompletion, bool | None]]:
    return [
        (written, correct)
        for written, correct in outcomes()
        if bool(written.task.answers) is call_due
    ]


def listed(call_due: bool) -> Counter[str]:
    """The ids under the section's headings: `- model: `task`, `task``."""
    section = PAGE.read_text(encoding="utf-8").split(SECTIONS[call_due])[1].split("\n## ")[0]
    lines = re.findall(r"^- ([\w.-]+): (`.*)$", section, re.MULTILINE)
    return Counter(
        f"{model}/{task}" for model, line in lines for task in re.findall(r"`([^`]+)`", line)
    )


@needs_completions
def test_agreement_on_rows_with_calls_due() -> None:
    agree = sum(correct == written.valid for written, correct in part(True))
    assert agree / len(part(True)) >= 0.99


@needs_completions
@each_part
def test_the_page_lists_every_disagreement(call_due: bool) -> None:
    found = {written.id: written for written, correct in part(call_due) if correct != written.valid}
    names = listed(call_due)
    wrong = [f"missing from {PAGE.name}: {name}" for name in found.keys() - names.keys()]
    wrong += [f"no disagreement any more: {name}" for name in names.keys() - found.keys()]
    wrong += [f"listed twice: {name}" for name, count in names.items() if count > 1]
    assert not wrong, "\n".join(sorted(wrong))


@needs_completions
@each_part
def test_the_page_counts_right(call_due: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = part(call_due)
    agree = sum(correct == written.valid for written, correct in rows)
    assert f"{agree:,} of {len(rows):,} ({agree / len(rows):.2%})" in text
    section = text.split(SECTIONS[call_due])[1].split("\n## ")[0]
    for heading in section.split("\n### ")[1:]:
        count = re.search(r"\((\d+) rows?\)", heading.splitlines()[0])
        assert count and int(count[1]) == len(re.findall(r"`[\w.]+_\d+(?:\.u)?`", heading)), (
            heading.splitlines()[0]
        )


@needs_completions
def test_every_tasks_answer_is_a_row_of_ours() -> None:
    for task in tasks().values():
        messages = [{"role": "user", "content": "x"}]
        parse_row(
            {"messages": messages, "tools": task.tools, "answer": answer_of(task.answers)}, task.id
        )


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ({"a": [1]}, {"arguments": {"a": 1}}),
        ({"a": [1, 2]}, {"arguments": {"a": 1}, "accept": {"$.a": [2]}}),
        ({"a": ["", "x"]}, {"arguments": {"a": "x"}, "accept": {"$.a": [""]}, "optional": ["$.a"]}),
        ({"a": [""]}, {"arguments": {}, "accept": {"$.a": [""]}, "optional": ["$.a"]}),
        ({"a b": [[1, 2], [2, 1]]}, {"arguments": {"a b": [1, 2]}, "accept": {"$['a b']": [[2, 1]]}}),
        ({"a": [{"k": ["x", "y"]}]}, {"arguments": {"a": {"k": "x"}}, "accept": {"$.a.k": ["y"]}}),
        ({"a": [[{"k": [1, ""]}]]}, {"arguments": {"a": [{"k": 1}]}, "accept": {"$.a[0].k": [""]},
                                     "optional": ["$.a[0].k"]}),
        ({"a": [{"k": [{"deep": [1, 2]}]}]}, {"arguments": {"a": {"k": {"deep": [1, 2]}}}}),
        ({"a": ["$var1$"]}, {"arguments": {"a": "$$var1$"}}),
    ],
)  # fmt: skip
def test_answers_are_converted(accepted: Any, expected: Any) -> None:
    assert answer_of([{"f": accepted}]) == {"calls": [{"name": "f", **expected}], "compare": "text"}


def test_no_entry_is_no_call() -> None:
    assert answer_of([]) == {"calls": [], "compare": "text"}


def test_two_objects_in_one_place_have_no_form() -> None:
    with pytest.raises(ValueError, match=r"two objects are accepted at \$\.a"):
        answer_of([{"f": {"a": [{"k": [1]}, {"k": [2]}]}}])
