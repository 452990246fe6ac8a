"""BFCL as a suite: its entries, its checker, its averages; the wheel whole where it is given."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlcall.cli.compare import main as compare
from rlcall.cli.eval import main as evaluate
from rlcall.data.rows import Row, RowError
from rlcall.metrics.intervals import wilson_interval
from rlcall.suites.bfcl import (
    CATEGORIES,
    LIVE,
    NON_LIVE,
    BfclEntry,
    are_valid,
    ast_checker,
    is_valid,
    read_entries,
)
from rlcall.suites.bfcl_scores import gains, scores
from tests.support.bfcl_completions import BfclTask, completions, needs_completions
from tests.support.bfcl_wheel import BFCL, needs_bfcl
from tests.support.judged import row, tool

FUNCTION = {
    "name": "weather",
    "description": "Of a city.",
    "parameters": {
        "type": "dict",
        "required": ["city"],
        "properties": {"city": {"type": "string"}},
    },
}
RIGHT = [{"weather": {"city": ["Paris"]}}]
OWN_FAULT = [{"weather": {"city": [7]}}]  # its own schema rules its only value out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small copy of the wheel's data: two entries a category, the second with an answer that
    cannot be right."""
    data = tmp_path / "bfcl_eval" / "data"
    (data / "possible_answer").mkdir(parents=True)
    for category in CATEGORIES:
        asked = [[{"role": "user", "content": f"Weather for {category}?"}]]
        ids = [f"{category}_{place}" for place in range(2)]
        entries = [{"id": id, "question": asked, "function": [FUNCTION]} for id in ids]
        (data / f"BFCL_v4_{category}.json").write_text("\n".join(map(json.dumps, entries)))
        if "relevance" not in category:
            truths = [
                {"id": id, "ground_truth": truth}
                for id, truth in zip(ids, (RIGHT, OWN_FAULT), strict=True)
            ]
            (data / "possible_answer" / f"BFCL_v4_{category}.json").write_text(
                "\n".join(map(json.dumps, truths))
            )
    return tmp_path


def test_every_entry_counts_also_those_with_a_wrong_answer(folder: Path) -> None:
    entries = read_entries(str(folder))
    assert [entry.row.id for entry in entries] == [
        f"{name}_{place}" for name in CATEGORIES for place in range(2)
    ]
    unanswered = [entry for entry in entries if entry.row.answer is None]
    assert {entry.category for entry in unanswered} == {*NON_LIVE, *LIVE} and len(unanswered) == 8
    assert all(entry.truth == OWN_FAULT and entry.functions == [FUNCTION] for entry in unanswered)
    assert all(
        entry.row.tools[0]["function"]["parameters"]["type"] == "object" for entry in entries
    )
    assert all(entry.row.task == entry.category for entry in entries)


def test_what_is_no_bfcl_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "missing.whl"):
        with pytest.raises(RowError, match="pip download"):
            read_entries(str(place))


def entry(category: str, truth: Any) -> BfclEntry:
    one = row({"calls": []}, [tool("weather", city="string")], category, category)
    return BfclEntry(one, category, [FUNCTION], truth)


CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>'
BROKEN = '<tool_call>\n{"name": "weather", "argu\n</tool_call>'


@pytest.mark.parametrize(
    ("category", "completion", "expected"),
    [
        ("simple_python", CALL, True),
        ("simple_python", CALL + BROKEN, False),
        ("simple_python", BROKEN, False),
        ("simple_python", "no", False),
        ("irrelevance", "no", True),
        ("irrelevance", BROKEN, True),  # the leaderboard's rule, not ours
        ("irrelevance", CALL, False),
        ("live_relevance", CALL, True),
        ("live_relevance", BROKEN, False),
    ],
)
def test_what_bfcls_checker_is_given(category: str, completion: str, expected: bool) -> None:
    seen: list[Any] = []

    def is_right(tools: Any, calls: Any, truth: Any, of: str) -> bool:
        seen.append((tools, calls, truth, of))
        return True

    truth = RIGHT if category == "simple_python" else None
    assert is_valid(entry(category, truth), completion, "hermes", is_right) is expected
    asked = [([FUNCTION], [{"weather": {"city": "Paris"}}], RIGHT, category)]
    assert seen == (asked if truth and expected else [])


def test_the_averages_by_hand() -> None:
    sizes = dict.fromkeys(CATEGORIES, 4) | {"live_simple": 10, "live_parallel": 2}
    right = dict.fromkeys(CATEGORIES, 2) | {
        "simple_python": 4,
        "live_simple": 10,
        "live_parallel": 0,
        "irrelevance": 4,
    }
    entries = [entry(name, RIGHT) for name, size in sizes.items() for _ in range(size)]
    verdicts = [place < right[name] for name, size in sizes.items() for place in range(size)]
    found = scores(rows_of(entries), verdicts)
    assert found["non_live_ast"].value == pytest.approx((1 + 0.5 + 0.5 + 0.5) / 4)
    assert found["live_ast"].value == pytest.approx((10 + 2 + 0 + 2) / 20), (
        "over entries, as the leaderboard weighs them"
    )
    assert found["total_irrelevance"].value == pytest.approx(0.75)
    assert found["live_ast"].n == 20 and found["non_live_ast"].n == 16
    assert (found["simple_python"].low, found["simple_python"].high) == wilson_interval(4, 4)
    assert all(one.low <= one.value <= one.high for one in found.values())


def test_the_interval_of_a_mean_of_categories_is_that_of_its_parts() -> None:
    """Four independent shares of 100 at 0.5: the mean's standard error is 0.05 / 2."""
    entries = [entry(name, RIGHT) for name in NON_LIVE for _ in range(100)]
    found = scores(rows_of(entries), [place % 2 == 0 for place in range(400)])["non_live_ast"]
    assert found.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_an_average_needs_all_its_categories_and_unknowns_are_left_out() -> None:
    entries = [
        entry("simple_python", RIGHT),
        entry("simple_python", None),
        entry("live_simple", RIGHT),
    ]
    found = scores(rows_of(entries), [True, None, False])
    assert found["non_live_ast"].value is None and found["simple_python"].n == 1
    assert found["live_ast"].value is None and found["live_simple"].value == 0.0


def test_what_one_has_over_another_entry_by_entry() -> None:
    """Twenty entries a category, of which the second gets two more right in each, and one less
    in `simple_python`."""
    entries = [entry(name, RIGHT) for name in NON_LIVE for _ in range(20)]
    first = [place % 20 < 10 for place in range(80)]
    second = [place % 20 < (9 if place < 20 else 12) for place in range(80)]
    found = gains(rows_of(entries), first, second)
    assert found["simple_python"].value == pytest.approx(-0.05) and found[
        "multiple"
    ].value == pytest.approx(0.1)
    average = found["non_live_ast"]
    assert average.value == pytest.approx((3 * 0.1 - 0.05) / 4) and average.n == 80
    assert average.low < average.value < average.high
    same = gains(rows_of(entries), first, first)["non_live_ast"]
    assert same.value == 0.0 and same.low == -same.high < 0, (
        "that all are alike here says little of others"
    )


@needs_bfcl
def test_an_evaluation_keeps_the_verdict_on_each_entry(tmp_path: Path) -> None:
    """As the command leaves them, and as a comparison reads them."""
    entries = [
        one
        for name in CATEGORIES
        for one in [e for e in read_entries(BFCL) if e.category == name][:2]
    ]
    lines = [json.dumps({"id": one.row.id, "completion": gold(one)}) for one in entries]
    (tmp_path / "written.jsonl").write_text("\n".join(lines))
    for run in ("sft", "grpo"):
        out = tmp_path / run / "eval" / "bfcl"
        written = ["--completions", str(tmp_path / "written.jsonl"), "--out", str(out)]
        assert evaluate(["--suite", "bfcl", "--bfcl", BFCL, "--n", "2", *written]) == 0
    kept = [json.loads(line) for line in (out / "bfcl.jsonl").read_text().splitlines()]
    assert [one["id"] for one in kept] == [one.row.id for one in entries]
    assert all(one["bfcl"] for one in kept if not one["id"].startswith("live_relevance"))
    assert [one["never calls"] for one in kept] == ["irrelevance" in one["id"] for one in kept]
    page = ["--against", "sft", "--out", str(tmp_path / "page")]
    assert compare([str(tmp_path / "sft"), str(tmp_path / "grpo"), *page]) == 0
    report = (tmp_path / "page" / "compare.md").read_text()
    against = report[report.index("### BFCL, against sft") :]
    assert re.search(r"^\| grpo \| 0\.0 \(", against, re.M) and re.search(
        r"^\| \*never calls\* \| \**−100\.0", against, re.M
    )


@needs_bfcl
def test_the_golds_of_the_wheel() -> None:
    """Every gold of ours is right to BFCL, and no answer is known to us for 21 entries."""
    entries = read_entries(BFCL)
    counts = Counter(one.category for one in entries)
    assert sum(counts.values()) == 3491 and counts["live_multiple"] == 1053
    assert sum(one.row.answer is None for one in entries) == 21
    written = [gold(one) for one in entries]
    judged = are_valid(entries, written, "auto", BFCL)
    wrong = {str(one.row.id) for one, good in zip(entries, judged, strict=True) if not good}
    assert wrong == {
        str(one.row.id)
        for one in entries
        if one.row.answer is None or one.category == "live_relevance"
    }
    assert not [name for name in sys.modules if name.startswith("bfcl_eval")], (
        "nothing of the wheel stays imported"
    )
    found = scores(rows_of(entries), judged)
    assert found["simple_python"].value == 1.0 and found["total_irrelevance"].value == 1.0
    shares = [
        np.mean([good for one, good in zip(entries, judged, strict=True) if one.category == n])
        for n in NON_LIVE
    ]
    assert found["non_live_ast"].value == pytest.approx(np.mean(shares))


def rows_of(entries: Sequence[BfclEntry]) -> list[Row]:
    return [one.row for one in entries]


def gold(entry: BfclEntry) -> Any:
    if not entry.truth or entry.row.answer is None:
        return ""
    calls = entry.row.wanted.gold_calls()
    functions = [{"name": call.name, "arguments": call.arguments} for call in calls]
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": one} for one in functions],
    }


@needs_bfcl
@needs_completions
def test_the_leaderboards_verdicts_on_what_real_models_wrote() -> None:
    """9,815 completions: our parser and BFCL's checker against BFCL's decoders and BFCL's
    checker."""
    entries = {str(one.row.id): one for one in read_entries(BFCL)}
    agree: Counter[bool] = Counter()
    total: Counter[bool] = Counter()
    with ast_checker(BFCL) as is_right:
        for one in completions():
            verdict = is_valid(as_shown(one.task, entries), one.completion, "auto", is_right)
            total[bool(one.task.answers)] += 1
            agree[bool(one.task.answers)] += verdict is one.valid
    assert total == {True: 7921, False: 1894}
    assert agree == {True: 7904, False: 1888}


def as_shown(task: BfclTask, entries: dict[str, BfclEntry]) -> BfclEntry:
    """The entry under the names that a model was shown: with `_` for `.` where it takes no dots
    (`.u`)."""
    known = entries[task.id.removesuffix(".u")]
    functions = [{**one, "name": one["name"].replace(".", "_") if task.id.endswith(".u") else one["name"]}
                 for one in known.functions]  # fmt: skip
    return BfclEntry(
        Row([], task.tools, None, id=task.id), task.category, functions, task.answers or None
    )
