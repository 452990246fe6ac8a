"""Readers of conversations and requests, each on golden cases, on damaged ones and on deep ones.

The cases, one to a line in golden/readers/<form>.jsonl, are written for this project as the data
sets' cards document; what is odd about some is odd in the data sets.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.data.formats import READERS, RECOGNISERS, recognised_form
from rlcall.data.reading.counts import gather
from rlcall.data.rows import parse_row
from rlcall.verify import verify

FOLDER = Path(__file__).parents[1] / "golden" / "readers"
FORMS = tuple(sorted(file.stem for file in FOLDER.glob("*.jsonl")))


def golden(form: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in (FOLDER / f"{form}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


CASES = [
    pytest.param(form, case, id=f"{form}: {case['case']}")
    for form in FORMS
    for case in golden(form)
]


def read(form: str, tmp_path: Path, *records: Any) -> Any:
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return READERS[form](str(path))


@pytest.mark.parametrize(("form", "case"), CASES)
def test_golden(form: str, case: dict[str, Any], tmp_path: Path) -> None:
    (reading,) = read(form, tmp_path, case["record"])
    assert [row.to_json() for row in reading.rows] == case["rows"]
    assert [[error.field, error.reason] for error in reading.set_aside] == case["set_aside"]
    assert Counter(reading.notes) == case["notes"]
    assert all(
        (error.path, error.line) == (str(tmp_path / "data.jsonl"), 1) for error in reading.set_aside
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_golden_row_is_right_by_its_own_tools(form: str) -> None:
    for case in golden(form):
        for value in case["rows"]:
            row = parse_row(value)
            calls = row.wanted.gold_calls()
            text = wire.get("openai").render(calls) if calls else "Which one do you mean?"
            assert verify(text, row.tools, row.answer).correct, case["case"]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_read_to_its_end_and_counted(form: str, tmp_path: Path) -> None:
    cases = golden(form)
    rows, counts = gather(read(form, tmp_path, *(case["record"] for case in cases)))
    assert (counts.read, counts.rows) == (len(cases), sum(len(case["rows"]) for case in cases))
    assert counts.set_aside == sum(len(case["set_aside"]) for case in cases)
    assert len({row.id for row in rows}) == len(rows)


@pytest.mark.parametrize("form", sorted(set(RECOGNISERS) & set(FORMS)))
def test_auto_takes_the_form_that_it_is(form: str, tmp_path: Path) -> None:
    cases = [case for case in golden(form) if case["rows"] and RECOGNISERS[form](case["record"])]
    (tmp_path / "data.jsonl").write_text(json.dumps(cases[0]["record"]) + "\n", encoding="utf-8")
    assert recognised_form(str(tmp_path / "data.jsonl")) == form


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in members:
        yield from places(item, (*path, key))


@st.composite
def broken_records(draw: st.DrawFn, form: str) -> Any:
    """Draw a golden record with a value replaced, or a text cut short or mixed with another."""
    record = copy.deepcopy(draw(st.sampled_from(golden(form)))["record"])
    path = draw(st.sampled_from([path for path in places(record) if path]))
    parent = record
    for step in path[:-1]:
        parent = parent[step]
    old = parent[path[-1]]
    if isinstance(old, str) and old and draw(st.booleans()):
        at = draw(st.integers(0, len(old)))
        piece = draw(
            st.sampled_from(["", "[", '"', "<tool_call>", "\n\nASSISTANT:", "<|endoftext|>", "{"])
        )
        parent[path[-1]] = old[:at] + piece + draw(st.sampled_from(["", old[at:]]))
    else:
        parent[path[-1]] = draw(VALUES)
    return record


@pytest.mark.parametrize("form", FORMS)
def test_no_record_stops_a_reader(form: str, tmp_path: Path) -> None:
    @settings(max_examples=100, deadline=None)
    @given(broken_records(form))
    def check(record: dict[str, Any]) -> None:
        (reading,) = read(form, tmp_path, record)
        assert reading.rows or reading.set_aside
        for row in reading.rows:
            assert parse_row(row.to_json()).to_json() == row.to_json()
        for recognises in RECOGNISERS.values():
            assert recognises(record) in (True, False)

    check()


@pytest.mark.parametrize("depth", [70, 700, 950, 100_000])
@pytest.mark.parametrize("form", [form for form in FORMS if form != "api_bank"])
def test_what_is_nested_too_deeply_is_set_aside(form: str, depth: int, tmp_path: Path) -> None:
    """Too deep for a completion, for Python's own recursion, and for its JSON parser."""
    deep = re.sub(
        r'\\*"Paris\\*"', "[" * depth + "]" * depth, json.dumps(golden(form)[0]["record"])
    )
    (tmp_path / "data.jsonl").write_text(deep, encoding="utf-8")
    (reading,) = READERS[form](str(tmp_path / "data.jsonl"))
    assert len(reading.set_aside) == 1 and all(row.answer == {"calls": []} for row in reading.rows)
