"""Rows that ask what a benchmark asks are recognised, and no run trains on them or chooses a checkpoint by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from rlcall.data.rows import Row, RowError
from rlcall.suites import overlap as module
from rlcall.suites.bfcl import read_entries
from rlcall.suites.bfcl_requests import lines
from rlcall.suites.overlap import (
    HASHES,
    bfcl_entries,
    bfcl_entry,
    hash_of,
    letters,
    overlap,
    requests,
)
from rlcall.tasks import phone
from tests.support.bfcl_wheel import BFCL, needs_bfcl
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
    table.write_text(f"# of a test\n{hash_of(letters(LONG))}\tsimple_python_7\n")
    monkeypatch.setattr(module, "HASHES", table)
    module._bfcl_entries.cache_clear()
    yield
    module._bfcl_entries.cache_clear()


def test_training_rows_that_ask_what_the_benchmark_asks() -> None:
    benchmark = [row(None, [], "one", asked=LONG), row(None, [], "two", asked="Thanks!")]
    trained = [
        row(None, [], "ONE", asked=SAME),
        row(None, [], "TWO", asked="Thanks!"),
        row(None, [], "three"),
    ]
    assert [one.id for one in overlap(trained, benchmark)] == ["ONE"]


@pytest.mark.usefixtures("planted")
def test_a_request_is_recognised_wherever_a_user_says_it() -> None:
    turns = [{"role": "user", "content": SAME}, {"role": "assistant", "content": "18 C"}]
    later = Row([*turns, {"role": "user", "content": "Thanks!"}], [], None)
    parts = Row([{"role": "user", "content": [{"type": "text", "text": LONG}]}], [], None)
    said_by_the_model = Row(
        [{"role": "user", "content": "Hm?"}, {"role": "assistant", "content": LONG}], [], None
    )
    assert [bfcl_entry(one) for one in (later, parts, said_by_the_model)] == [
        "simple_python_7"
    ] * 2 + [None]


def test_the_table_of_hashes_is_whole_and_our_own_rows_are_not_in_it() -> None:
    table = [line.split("\t") for line in HASHES.read_text().splitlines()[1:]]
    assert len(table) == len({digits for digits, _ in table}) == 4201
    assert all(len(digits) == 12 and int(digits, 16) >= 0 for digits, _ in table)
    assert not list(bfcl_entries(list(phone.generate(3000, 0))))


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


@needs_bfcl
def test_every_request_of_the_wheel_is_recognised() -> None:
    assert "\n".join(lines(BFCL)) + "\n" == HASHES.read_text()
    rows = [entry.row for entry in read_entries(BFCL)]
    long = [one for one in rows if requests(one)]
    assert len(long) > 0.8 * len(rows) and all(map(bfcl_entry, long))
