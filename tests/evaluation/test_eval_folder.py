"""An evaluation's folder: it goes on where it was, and takes nothing that is of another
evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.rows import Row, RowError
from rlcall.evaluation import run
from rlcall.evaluation.folder import EvaluationFolder, EvaluationFolderError, digest_of
from rlcall.evaluation.run import complete
from rlcall.evaluation.settings import EvaluationSettings, keys_of
from rlcall.evaluation.source import CompletionSource, file_source
from rlcall.metrics.judged_completion import JudgedCompletion
from tests.support.judged import GRADED, due, row, tool

ROWS = [row(due("f", a=place), [tool("f", a="integer")], f"r{place}") for place in range(10)]
SETTINGS = EvaluationSettings(
    model="m", rows="r.jsonl", rows_digest=digest_of(ROWS), wire="python", samples=2, batch_size=8
)


class Stopped(Exception):
    """What ends an evaluation in these tests."""


def source(stop_at: int | None = None, asked: list[int] | None = None) -> CompletionSource:
    """Two samples of each row that say where they come from; it stops before the row `stop_at`."""

    def write(rows: Sequence[Row], start: int) -> Iterator[Sequence[str]]:
        for place in range(start, start + len(rows)):
            if place == stop_at:
                raise Stopped
            if asked is not None:
                asked.append(place)
            yield [f"[f(a={place})]", f"{start}, {place}"]

    return CompletionSource(SETTINGS, write)


@pytest.fixture(autouse=True)
def pieces_of_three_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CHUNK", 6)


def evaluate(folder: EvaluationFolder, one: CompletionSource) -> list[JudgedCompletion]:
    return complete(ROWS, one, GRADED, folder, folder.begin(SETTINGS, ROWS), lambda done: None)


@pytest.mark.parametrize("torn", [0, 1, 40, 700])
def test_what_was_interrupted_goes_on_and_ends_the_same(tmp_path: Path, torn: int) -> None:
    whole = EvaluationFolder(tmp_path / "whole")
    expected = evaluate(whole, source())
    halved = EvaluationFolder(tmp_path / "halved")
    with pytest.raises(Stopped):
        evaluate(halved, source(stop_at=7))
    text = halved.verdicts.read_bytes()
    assert text.count(b"\n") == 12, "two pieces of three rows with two samples"
    halved.verdicts.write_bytes(text[: len(text) - torn])
    asked: list[int] = []
    assert evaluate(halved, source(asked=asked)) == expected
    assert asked == list(range(6 if not torn else 3, 10)), (
        "a piece that is not whole is made again, and no other"
    )
    assert halved.verdicts.read_bytes() == whole.verdicts.read_bytes()
    assert evaluate(halved, source(stop_at=0)) == expected, "nothing is left to do"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "n"}, "model: m there, n now"),
        ({"samples": 3}, "samples: 2 there, 3 now"),
        ({"rows_digest": "x"}, f"rows_digest: {digest_of(ROWS)} there, x now"),
        ({"temperature": 1.0}, "temperature: None there, 1.0 now"),
    ],
)
def test_another_evaluations_folder_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    folder = EvaluationFolder(tmp_path)
    folder.begin(SETTINGS, ROWS)
    with pytest.raises(EvaluationFolderError, match=said) as caught:
        folder.begin(replace(SETTINGS, **changes), ROWS)
    assert "--out" in str(caught.value)
    folder.begin(replace(SETTINGS, batch_size=1), ROWS)


def test_what_a_setting_counts_for_is_said_where_it_is_born() -> None:
    """Old pass rates, old folders and comparisons rest on these."""
    assert {key.name for key in fields(EvaluationSettings)} == keys_of(
        "label", "model", "rows", "chance", "protocol", "circumstance"
    )
    assert keys_of("circumstance") == {"batch_size", "command", "device", "versions"}
    assert keys_of("protocol") == {
        "max_new_tokens",
        "rewards",
        "rewards_digest",
        "samples",
        "temperature",
    }
    assert EvaluationSettings(model="m", source="here", weights="5", seed=0).sampled_from() == {
        "weights": "5",
        "seed": 0,
    }


def test_a_row_changed_anywhere_changes_the_digest() -> None:
    others = [
        ROWS[::-1],
        ROWS[:-1],
        [*ROWS[:-1], row(due("f", a=10), [tool("f", a="integer")], "r9")],
    ]
    assert len({digest_of(rows) for rows in (ROWS, *others)}) == 4


@pytest.mark.parametrize("line", ["{}", '{"row": 0}', "[]", "oops"])
def test_lines_that_are_no_verdicts_are_refused(tmp_path: Path, line: str) -> None:
    folder = EvaluationFolder(tmp_path)
    evaluate(folder, source())
    folder.verdicts.write_text(line + "\n" + folder.verdicts.read_text())
    with pytest.raises(EvaluationFolderError, match="line that is no verdict"):
        folder.begin(SETTINGS, ROWS)


def test_verdicts_in_another_order_are_refused(tmp_path: Path) -> None:
    folder = EvaluationFolder(tmp_path)
    evaluate(folder, source())
    folder.verdicts.write_text("".join(folder.verdicts.read_text().splitlines(keepends=True)[::-1]))
    with pytest.raises(EvaluationFolderError, match="not in the order"):
        evaluate(folder, source())


def test_verdicts_without_settings_are_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "verdicts.jsonl").write_text("{}\n")
    with pytest.raises(EvaluationFolderError, match=r"without settings\.json"):
        EvaluationFolder(tmp_path).begin(SETTINGS, ROWS)


def test_a_finished_evaluation_is_read_again(tmp_path: Path) -> None:
    folder = EvaluationFolder(tmp_path)
    with pytest.raises(EvaluationFolderError, match="holds no evaluation"):
        folder.read()
    with pytest.raises(Stopped):
        evaluate(folder, source(stop_at=7))
    with pytest.raises(EvaluationFolderError, match="has 12 of 20 completions"):
        folder.read()
    records = evaluate(folder, source())
    assert folder.read() == (ROWS, records)


# Completions from a file


def lines(path: Path, *values: Any) -> str:
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return str(path)


def test_completions_are_joined_by_id(tmp_path: Path) -> None:
    message = {"role": "assistant", "content": "no"}
    written = [
        {"id": one.id, "completion": text, "extra": 1}
        for one in ROWS[::-1]
        for text in (f"{one.id}!", message)
    ]
    found = file_source(lines(tmp_path / "c.jsonl", *written), ROWS, "auto")
    assert found.samples == 2
    assert list(found.write(ROWS[3:5], 3)) == [["r3!", message], ["r4!", message]]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([{"id": "r0", "completion": "x"}], "no completion for row 'r1'"),
        ([{"id": f"r{n}", "completion": "x"} for n in range(11)], "'r10' is none of the 10 rows"),
        (
            [{"id": f"r{min(n, 9)}", "completion": "x"} for n in range(11)],
            r"rows have \[1, 2\] completions",
        ),
        ([{"id": "r0", "completion": 5}], "line 1: is not a completion"),
        ([{"completion": "x"}], "line 1: is not a completion"),
        ([[]], "line 1: is not a completion"),
    ],
)
def test_completions_that_do_not_fit_the_rows_are_refused(
    tmp_path: Path, written: list[Any], said: str
) -> None:
    with pytest.raises(RowError, match=said):
        file_source(lines(tmp_path / "c.jsonl", *written), ROWS, "auto")


def test_rows_that_ids_do_not_tell_apart_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"id": "r0", "completion": "x"})
    with pytest.raises(RowError, match="'r0' is not one row's alone"):
        file_source(path, [ROWS[0], ROWS[0]], "auto")
    with pytest.raises(RowError, match="cannot be read"):
        file_source(str(tmp_path / "missing"), ROWS, "auto")
