"""Rows that ask what an evaluation asks: the linter finds them, and no run trains on them or
selects by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from rlcall.check import contamination
from rlcall.check.contamination import (
    BFCL_HASHES,
    EvaluationRequests,
    bfcl_entry,
    bfcl_rows,
    certain_repeats,
)
from rlcall.check.finding import Location
from rlcall.check.lint import Lint
from rlcall.check.requests import letters_hash, user_request
from rlcall.data.rows import Row, RowError, write_rows
from rlcall.tasks import phone
from tests.support.judged import row

LONG = "What's the weather in Paris, France, and in Lyon?"
SAME = "whats the weather in paris france AND in Lyon"


BESIDE = {
    "completions": {"wire": "smollm2", "completion": "[]"},
    "pairs": {"wire": "smollm2", "chosen": "[]", "rejected": "no"},
}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """BFCL's entry simple_python_7 asks LONG."""
    table = tmp_path / "requests.tsv"
    words = user_request(asking(LONG)).words
    table.write_text(f"# of a test\n{letters_hash(words):016x}\tsimple_python_7\n")
    monkeypatch.setattr(contamination, "BFCL_HASHES", table)
    contamination._bfcl_entries.cache_clear()
    yield
    contamination._bfcl_entries.cache_clear()


def asking(*texts: str) -> Row:
    return Row([{"role": "user", "content": text} for text in texts], [], {"calls": []})


def found_by_the_linter(rows: list[Row], against: list[Row], folder: Path) -> set[int]:
    """The lines of the rows that the linter says are in the evaluation rows or in BFCL."""
    write_rows(folder / "train.jsonl", rows)
    write_rows(folder / "test.jsonl", against)
    lint = Lint([str(folder / "train.jsonl")], against=[str(folder / "test.jsonl")])
    return {finding.line for finding in lint.findings() if finding.code == "in_evaluation"}


def test_training_rows_that_ask_what_the_benchmark_asks() -> None:
    benchmark = [row(None, [], "one", asked=LONG), row(None, [], "two", asked="Thanks!")]
    trained = [
        row(None, [], "ONE", asked=SAME),
        row(None, [], "TWO", asked="Thanks!"),
        row(None, [], "three"),
    ]
    assert [one.id for one in certain_repeats(trained, benchmark)] == ["ONE"]


@pytest.mark.parametrize(
    ("test_text", "train_texts"),
    [
        (LONG, [SAME]),
        (LONG, ["Hello!", SAME, "Thanks!"]),
        ("Is there a café near the Élysée Palace?", ["is there a cafe near the elysee palace"]),
        ("book an icecream cake for my birthday", ["Book an ice cream cake for my birthday!"]),
        ("거실 에어컨을 실행하고 침실 공기청정기를 중지한 다음에 다용도실 세탁기를 켜줘",
         ["거실 에어컨을 실행하고, 침실 공기청정기를 중지한 다음에, 다용도실 세탁기를 켜줘."]),
    ],
)  # fmt: skip
def test_what_a_run_refuses_the_linter_finds(
    test_text: str, train_texts: list[str], tmp_path: Path
) -> None:
    """However the request is spelled, and wherever in a conversation the user says it."""
    rows = [asking("Wake me at seven"), asking(*train_texts)]
    assert certain_repeats(rows, [asking(test_text)]) == rows[1:]
    assert found_by_the_linter(rows, [asking(test_text)], tmp_path) == {2}


@pytest.mark.usefixtures("planted")
def test_the_linter_finds_what_a_run_refuses_of_bfcl(tmp_path: Path) -> None:
    rows = [asking("Wake me at seven"), asking(SAME)]
    assert [index for index, _ in bfcl_rows(rows)] == [1]
    assert found_by_the_linter(rows, [], tmp_path) == {2}


def test_a_short_request_is_possible_but_not_certain() -> None:
    short, location = user_request(asking("Weather in Paris?")), Location("test.jsonl", 1, None)
    evaluation = EvaluationRequests()
    evaluation.add(short, location)
    assert evaluation.find_equal(short) == location and evaluation.find_certain(short) is None


@pytest.mark.usefixtures("planted")
def test_a_request_is_recognised_wherever_a_user_says_it() -> None:
    turns = [{"role": "user", "content": SAME}, {"role": "assistant", "content": "18 C"}]
    later = Row([*turns, {"role": "user", "content": "Thanks!"}], [], None)
    parts = Row([{"role": "user", "content": [{"type": "text", "text": LONG}]}], [], None)
    by_the_model = Row(
        [{"role": "user", "content": "Hm?"}, {"role": "assistant", "content": LONG}], [], None
    )
    entries = [bfcl_entry(user_request(one)) for one in (later, parts, by_the_model)]
    assert entries == ["simple_python_7", "simple_python_7", None]


def test_the_table_of_hashes_is_whole_and_our_own_rows_are_not_in_it() -> None:
    table = [line.split("\t") for line in BFCL_HASHES.read_text().splitlines()[1:]]
    assert len(table) == len({digits for digits, _ in table}) == 4201
    assert all(len(digits) == 16 and int(digits, 16) >= 0 for digits, _ in table)
    assert not list(bfcl_rows(list(phone.generate(3000, 0))))


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("key", ["train_rows", "validation_rows", "completions", "pairs"])
def test_a_run_refuses_rows_of_bfcl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    pytest.importorskip("trl", reason="the training extra is not installed")
    from rlcall.train import main

    monkeypatch.setattr(main.signal, "signal", lambda *_: None)
    tools = next(phone.generate(1, 0)).tools
    asked = {"good": "Call Anna", "stolen": SAME}
    rows = [
        Row([{"role": "user", "content": text}], tools, None, id=id) for id, text in asked.items()
    ]
    path = tmp_path / "rows.jsonl"
    texts = BESIDE.get(key, {})
    lines = [json.dumps({**one.to_json(), **texts}) for one in rows]
    path.write_text("\n\n".join(lines) + "\n")  # a blank line is no row, and is counted as a line
    method = "dpo" if key == "pairs" else "sft"
    keys = {
        "--validation_rows": "phone",
        "--validation_every": "1",
        "--eval_rows": "null",
        f"--{key}": str(path),
    }
    argv = [
        "--config",
        f"configs/smoke/{method}.yaml",
        "--output_dir",
        str(tmp_path / "run"),
        *chain(*keys.items()),
    ]
    assert main.main(method, argv) == 2
    message = capsys.readouterr().err
    assert (
        f"{path}, line 3: row 2 (stolen), messages: asks what BFCL asks in simple_python_7. Take"
        in message
    )
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_row_of_a_generator_has_no_line(planted: None) -> None:
    from rlcall.sources import refuse_benchmarks

    with pytest.raises(
        RowError,
        match=r"^phone: row 1, messages: asks what BFCL asks in simple_python_7; so do 1 more",
    ):
        refuse_benchmarks([Row([{"role": "user", "content": LONG}], [], None)] * 2, "phone")
