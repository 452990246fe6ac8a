"""A twin that asks for no call comes with the row that it was made from, and each row gets its
turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.data.rows import Row, read_rows, write_rows
from rlcall.runs.folder import RunFolder
from rlcall.tasks import phone
from rlcall.tasks.twins.no_call import with_no_call_twins
from rlcall.tasks.twins.twins import kind_of, original_id
from rlcall.train.groups.twin_pairs import TwinPairs, originals_of
from rlcall.train.main import main
from rlcall.train.row_sets import load_train_rows, rows_trained_on
from rlcall.train.settings import RunConfig
from tests.train.test_launch import read

ROWS = list(phone.generate(60, seed=1))


def test_a_twin_is_the_same_request_without_the_tool() -> None:
    rows = with_no_call_twins(ROWS, share=1.0, seed=0)
    twins = [row for row in rows if kind_of(row.id)]
    calling = [row for row in ROWS if row.answer["calls"]]
    assert 0.6 * len(calling) < len(twins) <= len(calling)
    assert [row for row in rows if not kind_of(row.id)] == ROWS
    for twin in twins:
        row = rows[rows.index(twin) - 1]
        assert original_id(twin.id) == row.id and twin.messages == row.messages
        assert row.answer["calls"] and twin.answer == {"calls": []}
        assert twin.tools != row.tools


def test_the_share_and_the_seed_say_which() -> None:
    rows = with_no_call_twins(ROWS, share=0.4, seed=0)
    assert 0.2 * len(ROWS) < len(rows) - len(ROWS) < 0.6 * len(ROWS)
    assert rows == with_no_call_twins(ROWS, share=0.4, seed=0)
    assert rows != with_no_call_twins(ROWS, share=0.4, seed=1)
    longer = with_no_call_twins([*ROWS, *phone.generate(5, seed=9)], share=0.4, seed=0)
    assert longer[: len(rows)] == rows
    assert with_no_call_twins(ROWS, share=0.0, seed=0) == ROWS


def test_rows_without_an_id_get_one() -> None:
    nameless = [replace(row, id=None) for row in ROWS[:10]]
    rows = with_no_call_twins(nameless, share=1.0, seed=0)
    assert len(originals_of(rows)) == len(rows) - 10 > 0


def test_which_rows_are_pairs() -> None:
    def row(id: str | None, calls: object) -> Row:
        return Row([], [], {"calls": calls}, id=id)

    rows = [
        row("a", [{"name": "f"}]),
        row("a~gold_tool_removed", []),
        row("a~distractor_removed", [{"name": "f"}]),
        row("b~gold_tool_removed", []),  # its row is not there
        row("c", []),
        row("c~distractor_removed", []),  # its row asks for no call either
        row("d~tool", []),  # no kind of twin
        row("d", "any"),
        row("d~enum_value_removed", []),
        replace(row(None, []), answer=None),
    ]
    assert originals_of(rows) == {1: 0, 8: 7}


@pytest.mark.parametrize("count", [2, 3, 4, 7])
@pytest.mark.parametrize("per_row", [0, 1, 2, 3])
@pytest.mark.parametrize("singles", [0, 1, 11])
def test_no_batch_has_a_twin_without_its_row(count: int, per_row: int, singles: int) -> None:
    """Rows 0 to 9 have `per_row` twins each, and then there are rows without any."""
    originals = {10 + twin: twin // max(per_row, 1) for twin in range(10 * per_row)}
    pool = range(10 + len(originals) + singles)
    pairs = TwinPairs(originals, seed=3)
    drawn: Counter[int] = Counter()
    for generation in range(2 * len(pool) // count + 2):
        batch = pairs.rows(pool, generation, count)
        assert len(batch) == len(set(batch)) == count
        assert all(originals.get(row_index, row_index) in batch for row_index in batch)
        assert batch == TwinPairs(originals, seed=3).rows(pool, generation, count)
        drawn.update(batch)
    assert set(drawn) == set(pool), "two turns hold every row"


def test_turns_differ() -> None:
    pairs = TwinPairs({2: 0, 3: 1}, seed=0)
    turns = {tuple(pairs.rows(range(12), 3 * turn, 4)) for turn in range(5)}
    assert len(turns) == 5


def test_twins_are_spread_evenly() -> None:
    originals = {30 + row_index: row_index for row_index in range(10)}
    pairs = TwinPairs(originals, seed=0)
    shares = [sum(row >= 30 for row in pairs.rows(range(40), number, 8)) for number in range(5)]
    assert shares == [2, 2, 2, 2, 2]


def test_a_run_draws_them_and_knows_its_rows_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "rows.jsonl", [row for row in ROWS if row.answer["calls"]][:16])
    keys = ["--train_rows", str(tmp_path / "rows.jsonl"), "--no_call_twins", "1", "--max_steps"]
    rest = ["4", "--eval_rows", "null", "--warm_start_steps", "0", "--output_dir"]
    folder = tmp_path / "run"
    line = ["--config", "configs/smoke/grpo.yaml", *keys, *rest, str(folder)]
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    assert main("grpo", line) == 0
    by_step: dict[int, set[str]] = {}
    for sample in read(folder / "samples.jsonl"):
        by_step.setdefault(sample["step"], set()).add(sample["id"])
    assert len(by_step) == 4
    for ids in by_step.values():
        twins = {id for id in ids if kind_of(id)}
        assert len(ids) == 4 and len(twins) == 2 and {original_id(twin) for twin in twins} < ids
    for metrics in read(folder / "metrics.jsonl"):
        assert metrics["abstention"] is not None and metrics["relevance"] is not None
    trained_on = rows_trained_on(RunFolder(folder))
    expected = with_no_call_twins(read_rows(tmp_path / "rows.jsonl"), share=1.0, seed=0)
    assert trained_on == expected


def test_under_a_curriculum_too() -> None:
    run = RunConfig(
        train_rows="worlds", train_size=6, curriculum=[[0, 1], [9, 2]], no_call_twins=1.0
    )
    training = load_train_rows(run)
    assert len(training.levels) == len(training.rows) > 12
    originals = originals_of(training.rows)
    assert originals
    assert all(training.levels[twin] == training.levels[row] for twin, row in originals.items())
