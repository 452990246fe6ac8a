"""Rows of a source: a file is read no further than asked for, and the note counts what was read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcall.data import formats
from rlcall.data.reading.counts import Reading, gather
from rlcall.data.rows import Row, RowError, write_rows
from rlcall.errors import ConfigError
from rlcall.sources import load_rows
from rlcall.tasks import phone

ROWS = list(phone.generate(6, seed=0))
BROKEN_ROW = {"messages": [], "tools": [], "answer": None}


def load(source: str, size: int | None) -> tuple[list[Row], str]:
    return load_rows(source, size, 0, "train", {})


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The indices of the records that were asked for so far; each has two rows, the second none."""
    indices: list[int] = []

    def read(path: str) -> Iterator[Reading]:
        for index in range(100):
            indices.append(index)
            if index == 1:
                yield Reading(set_aside=(RowError(path, 0, "", "is none"),), notes=())
            else:
                yield Reading(rows=(ROWS[0], ROWS[1]))

    monkeypatch.setitem(formats.READERS, "counted", read)
    return indices


def test_a_reader_goes_no_further_than_the_size(records: list[int]) -> None:
    rows, note = load("counted:file", 3)
    assert rows == [ROWS[0], ROWS[1], ROWS[0]] and records == [0, 1, 2]
    assert note == (
        "counted:file, read until there were 3 rows: 3 read, 4 rows, 1 set aside\n       1  is none"
    )


def test_without_a_size_all_is_read(records: list[int]) -> None:
    rows, note = load("counted:file", None)
    assert len(rows) == 198 and len(records) == 100
    assert note.startswith("counted:file: 100 read, 198 rows, 1 set aside")


def test_a_source_with_fewer_rows_than_asked_for(records: list[int]) -> None:
    rows, note = load("counted:file", 1000)
    assert len(rows) == 198 and note.startswith("counted:file: 100 read")


def test_the_counts_are_of_what_was_read(records: list[int]) -> None:
    rows, counts = gather(formats.READERS["counted"]("file"), 2)
    assert len(rows) == 2 and (counts.read, counts.rows, counts.set_aside) == (1, 2, 0)


def test_lines_that_are_damaged_behind_those_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, ROWS)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"a": ')
    assert load(f"rows:{path}", 4)[0] == ROWS[:4]
    rows, note = load(f"rows:{path}", None)
    assert rows == ROWS and "7 read, 6 rows, 1 set aside" in note


def test_a_list_that_is_damaged_behind_the_rows_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([row.to_json() for row in ROWS])[:-1] + ", ", encoding="utf-8")
    assert load(f"rows:{path}", 4)[0] == ROWS[:4]
    with pytest.raises(RowError, match="is not JSON"):
        load(f"rows:{path}", None)


def test_rows_of_ours_are_read_up_to_the_size(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, ROWS)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(BROKEN_ROW) + "\n")
    assert load(str(path), 6) == (ROWS, "")
    with pytest.raises(RowError, match=r"rows\.jsonl, line 7: messages"):
        load(str(path), 7)
    with pytest.raises(RowError, match=r"rows\.jsonl, line 7: messages"):
        load(str(path), None)


def test_a_tool_that_is_broken_is_found_before_a_run(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    parameters = {"type": "object", "properties": {"a": {"enum": 5}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    write_rows(path, [ROWS[0], Row(ROWS[0].messages, [tool], {"calls": []}, "bad")])
    assert load(str(path), 1)[0] == ROWS[:1]
    with pytest.raises(
        RowError, match=r"line 2: tools\[0\]\.function\.parameters\.properties\.a: .*enum"
    ):
        load(str(path), None)


@pytest.mark.parametrize(
    ("source", "size", "options", "message"),
    [
        ("phone", None, {}, "say how many with train_size"),
        ("phone:dev", 2, {}, "phone:dev: no such split; write one of train, validation, test"),
        ("phone", 2, {"phrasing": 2}, "rows_options: phone has no 'phrasing'; it has phrasings"),
        ("bfcl:wheel", 2, {}, "train_rows: bfcl:wheel: bfcl is a benchmark"),
    ],
)
def test_what_a_source_cannot_give(
    source: str, size: int | None, options: dict[str, int], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_rows(source, size, 0, "train", options)
