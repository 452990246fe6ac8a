"""BFCL's entries as rows: a small copy of its folder, and the whole wheel where it is given."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from rlcall.calls import Call
from rlcall.data.readers import bfcl
from rlcall.data.reading.answer_check import MISFIT, MISSING, UNDECLARED
from rlcall.data.reading.counts import Counts
from rlcall.data.rows import Row, RowError
from rlcall.verify import verify
from tests.support.bfcl_wheel import BFCL, load_checker, needs_bfcl
from tests.support.docs import read_pages
from tests.support.readings import parted

PARAMETERS = {
    "type": "dict",
    "required": ["city"],
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "float", "default": 1},
        "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
        "who": {
            "type": "dict",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        },
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
TOOL = {"name": "weather", "description": "Of a city.", "parameters": PARAMETERS}


def write(folder: Path, category: str, *truths: Any, **changes: Any) -> Path:
    """Write a category in BFCL's folder: an entry for each ground truth, without one for None."""
    data = folder / "bfcl_eval" / "data"
    (data / "possible_answer").mkdir(parents=True, exist_ok=True)
    turn = [{"role": "user", "content": "Weather in Paris?"}]
    ids = [f"{category}_{index}" for index in range(len(truths))]
    entries = [{"id": id, "question": [turn], "function": [TOOL], **changes} for id in ids]
    answers = [
        {"id": id, "ground_truth": truth}
        for id, truth in zip(ids, truths, strict=True)
        if truth is not None
    ]
    (data / f"BFCL_v4_{category}.json").write_text("\n".join(map(json.dumps, entries)))
    (data / "possible_answer" / f"BFCL_v4_{category}.json").write_text(
        "\n".join(map(json.dumps, answers))
    )
    return folder


def call(**accepted: Any) -> list[dict[str, Any]]:
    return [{"weather": accepted}]


def test_an_entry_becomes_a_row(tmp_path: Path) -> None:
    truth = call(city=["Paris", "Paris, France"], days=[2, ""], unit=["", "F"])
    (row,), errors, counts = parted(bfcl.read(str(write(tmp_path, "simple_python", truth))))
    properties = {
        **PARAMETERS["properties"],  # type: ignore[dict-item]
        "days": {"type": "number", "default": 1},
        "who": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        },
    }
    parameters = {"type": "object", "required": ["city"], "properties": properties}
    assert (row.id, row.task) == ("simple_python_0", "simple_python")
    assert row.messages == [{"role": "user", "content": "Weather in Paris?"}]
    assert row.tools == [{"type": "function", "function": {**TOOL, "parameters": parameters}}]
    due = {
        "name": "weather",
        "arguments": {"city": "Paris", "days": 2, "unit": "F"},
        "accept": {"$.city": ["Paris, France"]},
        "optional": ["$.days", "$.unit"],
    }
    assert row.answer == {"calls": [due], "compare": "text"}
    assert not errors
    assert counts.notes == {"type 'dict' is read as object": 2, "type 'float' is read as number": 1}


@pytest.mark.parametrize(
    ("accepted", "arguments", "accept"),
    [
        ({"unit": ["K", "F"]}, {"unit": "F"}, {}),
        ({"unit": ["K", "F", ""]}, {"unit": "F"}, {}),
        ({"unit": ["K", ""]}, {}, {}),
        ({"days": [None, 2, 3]}, {"days": 2}, {"$.days": [3]}),
        ({"tags": [[1], ["a"], ["b"]]}, {"tags": ["a"]}, {"$.tags": [["b"]]}),
        ({"who": [{"name": ["Ann"], "age": ["7", 7]}]}, {"who": {"name": "Ann", "age": 7}}, {}),
        ({"who": [{"name": ["Ann"], "age": ["7", ""]}]}, {"who": {"name": "Ann"}}, {}),
        ({"wind": [True, ""]}, {}, {}),
        ({"city": [""]}, {"city": ""}, {}),
    ],
)
def test_what_the_schema_rules_out_is_left_out(
    tmp_path: Path, accepted: Any, arguments: Any, accept: Any
) -> None:
    folder = write(tmp_path, "simple_python", call(**{"city": ["Paris"], **accepted}))
    (row,), _, counts = parted(bfcl.read(str(folder)))
    assert row.answer is not None
    (due,) = row.answer["calls"]
    assert due["arguments"] == {"city": "Paris", **arguments} and due.get("accept", {}) == accept
    ruled_out = counts.notes["accepted values that their tool's schema rules out were left out"]
    assert ruled_out == (accepted != {"city": [""]})


NO_FORM = "the accepted values have no form in a row"
SET_ASIDE = {
    "value": (call(city=["Paris"], unit=["K"]), ".ground_truth.weather.unit", MISFIT),
    "nested": (call(city=["Paris"], who=[{"age": ["7"]}]), ".ground_truth.weather.who.age", MISFIT),
    "required": (call(days=[2]), ".ground_truth.weather.city", MISSING),
    "no value": (call(city=[]), ".ground_truth.weather.city", MISSING),
    "undeclared": (call(city=["Paris"], wind=[True]), ".ground_truth.weather.wind", UNDECLARED),
    "tool": (
        [{"wind": {"city": ["Paris"]}}],
        ".ground_truth.wind",
        "the gold calls a tool that is not listed",
    ),
    "two objects": (
        call(city=["Paris"], who=[{"age": [7]}, {"age": [8]}]),
        "ground_truth",
        NO_FORM,
    ),
    "no list": (call(city=["Paris"], who=[{"age": 7}]), "ground_truth", NO_FORM),
    "call strings": (["weather(city='Paris')"], "ground_truth", "has no answer of BFCL's form"),
    "no answer": (None, "ground_truth", "has no answer of BFCL's form"),
}


@pytest.mark.parametrize(("truth", "field", "reason"), SET_ASIDE.values(), ids=SET_ASIDE)
def test_an_answer_that_cannot_be_right_is_set_aside(
    tmp_path: Path, truth: Any, field: str, reason: str
) -> None:
    good = call(city=["Paris"])
    folder = write(tmp_path, "simple_python", good, truth, good)
    rows, (error,), _ = parted(bfcl.read(str(folder)))
    assert [row.id for row in rows] == ["simple_python_0", "simple_python_2"]
    assert error.path.endswith("BFCL_v4_simple_python.json") and error.line == 2
    assert error.field == (f"simple_python_1{field}" if field.startswith(".") else field)
    assert error.reason.startswith(reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"question": []},
        {"question": [[], []]},
        {"question": "x"},
        {"function": [{}]},
        {"function": {}},
        {"id": 7},
    ],
)
def test_an_entry_of_another_form_is_set_aside(tmp_path: Path, changes: Any) -> None:
    rows, (error,), _ = parted(bfcl.read(str(write(tmp_path, "irrelevance", None, **changes))))
    assert not rows and error.reason == "is not an entry of BFCL"


def test_no_call_is_due_and_some_call_is_due(tmp_path: Path) -> None:
    for category in ("irrelevance", "live_irrelevance", "live_relevance"):
        write(tmp_path, category, None)
    rows, _, _ = parted(bfcl.read(str(tmp_path)))
    assert [row.answer for row in rows] == [{"calls": []}, {"calls": []}, {"calls": "any"}]


def test_categories_of_another_kind_are_counted(tmp_path: Path) -> None:
    for category in ("simple_java", "simple_javascript", "multi_turn_base", "memory", "web_search"):
        write(tmp_path, category, None, None)
    (tmp_path / "bfcl_eval" / "data" / "BFCL_v4_format_sensitivity.json").write_text(
        '{\n"simple_python": []\n}'
    )
    rows, _, counts = parted(bfcl.read(str(tmp_path)))
    assert not rows and counts.read == 11
    assert sorted(counts.reasons.values()) == [1, 2, 4, 4]


def test_the_places_where_bfcl_is_found(tmp_path: Path) -> None:
    folder = write(tmp_path / "unzipped", "simple_python", call(city=["Paris"]))
    with zipfile.ZipFile(tmp_path / "bfcl.whl", "w") as wheel:
        for file in folder.rglob("*.json"):
            wheel.write(file, file.relative_to(folder))
    write(
        tmp_path / "gorilla" / "berkeley-function-call-leaderboard",
        "simple_python",
        call(city=["Paris"]),
    )
    data = folder / "bfcl_eval" / "data"
    for place in (
        folder,
        data,
        data / "BFCL_v4_simple_python.json",
        tmp_path / "bfcl.whl",
        tmp_path / "gorilla",
    ):
        assert len(parted(bfcl.read(str(place)))[0]) == 1, place
    (data / "possible_answer" / "BFCL_v4_simple_python.json").unlink()
    for place in (folder, tmp_path, tmp_path / "missing.whl"):
        with pytest.raises(RowError, match=r"is not there|holds no questions"):
            list(bfcl.read(str(place)))


# Entries, and rows among them, of each category in bfcl-eval 2026.3.23
CATEGORIES = {
    "simple_python": (400, 400),
    "multiple": (200, 200),
    "parallel": (200, 200),
    "parallel_multiple": (200, 198),
    "irrelevance": (240, 240),
    "live_simple": (258, 255),
    "live_multiple": (1053, 1038),
    "live_parallel": (16, 16),
    "live_parallel_multiple": (24, 23),
    "live_irrelevance": (884, 884),
    "live_relevance": (16, 16),
    "simple_java": (100, 0),
    "simple_javascript": (50, 0),
    "multi_turn_base": (200, 0),
    "multi_turn_long_context": (200, 0),
    "multi_turn_miss_func": (200, 0),
    "multi_turn_miss_param": (200, 0),
    "memory": (155, 0),
    "web_search": (100, 0),
    "format_sensitivity": (1, 0),
}
WITHOUT_A_VALID_ANSWER = [
    "live_multiple_756-169-11",
    "live_multiple_87-38-4",
    "live_multiple_947-197-0",
    "live_multiple_750-169-5",
    "live_multiple_835-178-10",
    "live_multiple_871-182-8",
    "live_parallel_multiple_2-2-0",
    "live_simple_71-35-0",
    "live_multiple_152-58-6",
    "live_multiple_595-158-1",
    "live_multiple_596-158-2",
    "live_multiple_552-153-1",
    "live_multiple_731-167-2",
    "live_multiple_733-167-4",
    "live_multiple_735-167-6",
    "parallel_multiple_94",
    "parallel_multiple_21",
    "live_simple_106-63-0",
    "live_simple_112-68-0",
    "live_multiple_862-181-3",
    "live_multiple_964-207-0",
]


@lru_cache(maxsize=1)
def wheel() -> tuple[list[Row], list[RowError], Counts]:
    return parted(bfcl.read(BFCL))


@needs_bfcl
def test_the_wheel_category_by_category() -> None:
    rows, errors, _ = wheel()
    given = Counter(str(row.task) for row in rows)
    aside = Counter(Path(error.path).stem.removeprefix("BFCL_v4_") for error in errors)
    assert {name: (given[name] + aside[name], given[name]) for name in given | aside} == CATEGORIES


PARTS_OF_THE_TABLE = {
    "BFCL, Python calls": r"simple_python|(live_)?(simple|multiple|parallel|parallel_multiple)",
    "BFCL, irrelevance and relevance": r"(live_)?(ir)?relevance",
    "BFCL, Java and JavaScript": r"simple_java(script)?",
    "BFCL, all else": r"multi_turn.*|memory|web_search|format_sensitivity",
}


def test_the_page_sums_the_categories_up() -> None:
    page = read_pages("data.md")
    seen = 0
    for label, pattern in PARTS_OF_THE_TABLE.items():
        parts = [counts for name, counts in CATEGORIES.items() if re.fullmatch(pattern, name)]
        read, rows = map(sum, zip(*parts, strict=True))
        assert f"| {label} | {read:,} | {rows:,} | {rows / read:.1%} |" in page
        seen += len(parts)
    assert seen == len(CATEGORIES)


@needs_bfcl
def test_the_entries_without_any_valid_answer() -> None:
    named = [error.field.split(".")[0] for error in wheel()[1] if ".ground_truth" in error.field]
    assert sorted(named) == sorted(WITHOUT_A_VALID_ANSWER)


def gold_of(row: Row) -> list[Call]:
    return row.wanted.gold_calls()


@needs_bfcl
def test_every_gold_is_correct() -> None:
    for row in wheel()[0]:
        if row.answer != {"calls": "any"}:
            functions = [{"name": call.name, "arguments": call.arguments} for call in gold_of(row)]
            made = {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": f} for f in functions],
            }
            assert verify(made, row.tools, row.answer).correct, row.id


@needs_bfcl
def test_every_gold_is_right_for_bfcls_checker() -> None:
    is_valid = load_checker()
    tools, truths = ({id: value[key] for id, value in entries(folder)} for folder, key in PARTS)
    due = [(str(row.id), str(row.task), row) for row in wheel()[0] if row.id in truths]
    for id, task, row in due:
        calls = [{call.name: call.arguments} for call in gold_of(row)]
        assert is_valid(tools[id], calls, truths[id], task), id
    assert len(due) == 2330


PARTS = (("", "function"), ("possible_answer/", "ground_truth"))


def entries(folder: str) -> list[tuple[str, Any]]:
    """Return the entries of the categories with calls by id, of questions or of answers."""
    data = zipfile.Path(BFCL) if zipfile.is_zipfile(BFCL) else Path(BFCL)
    names = [name for name, (_, rows) in CATEGORIES.items() if rows and "relevance" not in name]
    texts = [
        (data / f"bfcl_eval/data/{folder}BFCL_v4_{name}.json").read_text(encoding="utf-8")
        for name in names
    ]
    values = [json.loads(line) for text in texts for line in text.split("\n") if line.strip()]
    return [(value["id"], value) for value in values]
