"""Pass rates: counted strictly, kept in a cache that survives a kill, and rows within the limits
written."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcall.cli.passrate import main
from rlcall.data.rows import Row, RowError, read_rows, write_rows
from rlcall.samples.cost import read_cost
from rlcall.samples.pass_rate_cache import PassRate, PassRateCache
from rlcall.samples.pass_rates import buckets, key_of, measure, within
from tests.support.chat_server import chat, serving

TOOL = {
    "type": "function",
    "function": {
        "name": "call",
        "parameters": {
            "type": "object",
            "properties": {"who": {"type": "string"}},
            "required": ["who"],
        },
    },
}
SETTINGS = {"wire": "hermes", "weights": "1", "samples": 4, "seed": 0}


def row_of(who: str, request: str = "", id: str | None = None) -> Row:
    calls = {"calls": [{"name": "call", "arguments": {"who": who}}]}
    return Row(
        [{"role": "user", "content": request or f"Ring {who}."}], [TOOL], calls, id=id or who
    )


def wrote(who: str) -> str:
    return f"<tool_call>{json.dumps({'name': 'call', 'arguments': {'who': who}})}</tool_call>"


ROWS = [row_of(name) for name in ("Anna", "Bo", "Carla", "Dora", "Eva")]
RIGHT = {"Anna": 0, "Bo": 1, "Carla": 2, "Dora": 3, "Eva": 4}


class Model:
    """Right so many times of four, by the row's id; stops after `patience` rows."""

    def __init__(self, patience: int = 99) -> None:
        self.patience, self.asked = patience, []

    def __call__(self, rows: Sequence[Row], start: int) -> Iterator[list[str]]:
        for row in rows:
            if len(self.asked) == self.patience:
                raise KeyboardInterrupt
            self.asked.append((row.id, start))
            right = RIGHT[str(row.id)]
            yield [wrote(str(row.id))] * right + [wrote("nobody")] * (4 - right)


def test_rates_are_counted_and_limits_are_included(tmp_path: Path) -> None:
    rates = list(measure(ROWS, SETTINGS, Model(), PassRateCache(tmp_path / "c"), chunk=2))
    assert rates == [PassRate(right, 4) for right in range(5)]
    assert [row.id for row in within(ROWS, rates, 0.05, 0.95)] == ["Bo", "Carla", "Dora"]
    assert [row.id for row in within(ROWS, rates, 0.5, 1.0)] == ["Carla", "Dora", "Eva"]


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    cut = Model(patience=3)
    with pytest.raises(KeyboardInterrupt):
        list(measure(ROWS, SETTINGS, cut, PassRateCache(tmp_path / "c"), chunk=2))
    again, once_more = Model(), Model()
    rates = list(measure(ROWS, SETTINGS, again, PassRateCache(tmp_path / "c"), chunk=2))
    assert cut.asked == [("Anna", 0), ("Bo", 0), ("Carla", 2)]
    assert again.asked == [("Carla", 2), ("Dora", 2), ("Eva", 4)], (
        "a chunk is drawn as a whole, as it would have been"
    )
    assert (
        list(measure(ROWS, SETTINGS, once_more, PassRateCache(tmp_path / "c"), chunk=2)) == rates
        and not once_more.asked
    )
    other = Model()
    list(measure(ROWS, {**SETTINGS, "weights": "2"}, other, PassRateCache(tmp_path / "c"), chunk=2))
    assert len(other.asked) == 5, "another model knows nothing of the first"


def test_the_key_is_of_content(tmp_path: Path) -> None:
    one = row_of("Anna")
    assert key_of(one, SETTINGS) == key_of(row_of("Anna", id="other"), SETTINGS)
    assert key_of(one, SETTINGS) != key_of(row_of("Anna", "Ring her."), SETTINGS)
    assert key_of(one, SETTINGS) != key_of(one, {**SETTINGS, "seed": 1})
    model = Model()
    list(measure([one, one], SETTINGS, model, PassRateCache(tmp_path / "c"), chunk=2))
    assert len(model.asked) == 1, "the same row twice is one question"


def test_rows_without_an_answer_are_not_asked(tmp_path: Path) -> None:
    unknown = Row([{"role": "user", "content": "hm"}], [TOOL], None, id="unknown")
    model = Model()
    rates = list(
        measure([unknown, ROWS[1]], SETTINGS, model, PassRateCache(tmp_path / "c"), chunk=2)
    )
    assert rates == [None, PassRate(1, 4)] and [id for id, _ in model.asked] == ["Bo"]
    assert within([unknown, ROWS[1]], rates, 0.0, 1.0) == [ROWS[1]]


def old_line(row: Row, right: int) -> str:
    """A line of a cache as it was written before caches were databases."""
    values = {"key": key_of(row, SETTINGS), "id": row.id, "right": right, "samples": 4}
    return json.dumps(values) + "\n"


def test_a_cache_of_json_lines_is_carried_over(tmp_path: Path) -> None:
    """Its last line was being written when its command was killed."""
    path = tmp_path / "c"
    text = "".join(old_line(row, right) for row, right in zip(ROWS, range(5), strict=True))[:-5]
    path.write_text(text)
    assert len(PassRateCache(path)) == 4 and path.read_text() == text, "reading changes nothing"
    model = Model()
    rates = list(measure(ROWS, SETTINGS, model, PassRateCache(path), chunk=5))
    assert [id for id, _ in model.asked] == ["Eva"]
    assert rates == [PassRate(right, 4) for right in range(5)]
    assert len(PassRateCache(path)) == 5 and path.read_bytes().startswith(b"SQLite format 3")
    assert os.listdir(tmp_path) == ["c"]


WRITER = """
import sys
from pathlib import Path
from rlcall.samples.pass_rate_cache import PassRate, PassRateCache
from tests.samples.test_pass_rates import ROWS

cache = PassRateCache(Path(sys.argv[1]))
for chunk in range(10**6):
    cache.add({f"{chunk} {row.id}": (row, PassRate(1, 4)) for row in ROWS})
    print(chunk, flush=True)
"""


@pytest.mark.parametrize("chunks", [1, 7, 30])
def test_a_killed_command_leaves_whole_chunks(tmp_path: Path, chunks: int) -> None:
    path, environment = tmp_path / "c", {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        for _ in range(chunks):
            process.stdout.readline()
        process.kill()
    rates = PassRateCache(path)
    assert len(rates) % len(ROWS) == 0 and len(rates) >= chunks * len(ROWS)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE notes (text)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(RowError, match=r"notes: is not a cache of pass rates: no such table"):
        PassRateCache(path)
    assert path.read_bytes() == before


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    cache = PassRateCache(tmp_path / "c")
    (tmp_path / "c").mkdir()
    with pytest.raises(RowError, match=r"c: cannot be written: .*--cache"):
        cache.add({"key": (ROWS[0], PassRate(1, 4))})


@pytest.mark.parametrize(
    "text", ['{"id": "r1"}\n', "my notes", '{"key": "of a safe"}', "{", '{"key": "0"}\n']
)
def test_a_file_of_the_users_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes"
    path.write_text(text)
    with pytest.raises(
        RowError, match=r"notes, line 1: is not a line of a cache .* Name another file with --cache"
    ):
        PassRateCache(path)
    assert path.read_text() == text


@given(st.lists(st.integers(0, 8) | st.none()), st.floats(0, 1), st.floats(0, 1))
def test_every_rate_is_in_one_bucket(rights: list[int | None], low: float, high: float) -> None:
    rates = [None if right is None else PassRate(right, 8) for right in rights]
    found = buckets(rates)
    assert sum(map(len, found.values())) == len(rates)
    assert found["never"] == [PassRate(0, 8)] * rights.count(0) and found["always"] == [
        PassRate(8, 8)
    ] * rights.count(8)
    rows = [row_of(str(place)) for place in range(len(rates))]
    assert len(within(rows, rates, low, high)) == sum(
        rate is not None and low <= rate.share <= high for rate in rates
    )


def test_the_command_with_an_endpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The endpoint says Anna once and Bo twice, whoever is asked for."""
    rows, out = tmp_path / "rows.jsonl", tmp_path / "kept.jsonl"
    write_rows(rows, ROWS[:3])
    texts = [wrote(who) for who in ("Anna", "Bo", "Bo")]
    with serving(lambda body: (200, chat(*texts[: body.get("n", 1)]))) as server:
        argv = [
            "big",
            str(rows),
            "--url",
            server.url,
            "--wire",
            "hermes",
            "--samples",
            "3",
            "--out",
            str(out),
        ]
        assert main(argv) == 0
        assert [row.id for row in read_rows(out)] == ["Anna", "Bo"] and len(server.asked) == 3
        printed = capsys.readouterr().out
        assert "rows: 2 of 3 kept, 33% right over all" in printed and "never" in printed
        assert main([*argv, "--low", "0.5"]) == 0 and len(server.asked) == 3, (
            "other limits ask nothing"
        )
        assert [row.id for row in read_rows(out)] == ["Bo"]
        assert main([*argv, "--low", "0.9"]) == 2
    assert "no row has a pass rate from 0.9 to 0.95" in capsys.readouterr().err
    assert [row.id for row in read_rows(out)] == ["Bo"], "what was there stays"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--low", "0.9", "--high", "0.1"], "--low must not be above"),
        (["--temperature", "0"], "--temperature must be above 0"),
        (["--url", "http://x"], "--url needs --wire"),
        (["--low", "2"], "must be a number from 0 to 1"),
    ],
)
def test_what_does_not_go_together(
    more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["tiny", "rows.jsonl", "--out", "kept.jsonl", *more])
    assert words in capsys.readouterr().err


def test_the_command_with_a_model(tiny_folder: Path, tiny_tokenizer: Any, tmp_path: Path) -> None:
    """A tiny model that has learned two rows and has never seen the third: what is kept trains
    GRPO as it is."""
    pytest.importorskip("trl", reason="the training extra is not installed")
    from rlcall.model.load import load_model
    from rlcall.sources import load_rows
    from tests.support.tiny import memorise

    learned, never = [row_of("Anna"), row_of("Bo")], row_of("Berta", "Ring Anna.", id="never")
    model = load_model(str(tiny_folder))
    memorise(model, tiny_tokenizer, learned, "smollm2", goal=0.05)
    folder, rows, out = tmp_path / "learned", tmp_path / "rows.jsonl", tmp_path / "kept.jsonl"
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    write_rows(rows, [*learned, never])
    argv = [
        str(folder),
        str(rows),
        "--out",
        str(out),
        "--samples",
        "8",
        "--max-new-tokens",
        "32",
        "--temperature",
        "0.5",
    ]
    assert main([*argv, "--low", "0.5", "--high", "1"]) == 0
    assert [row.id for row in read_rows(out)] == ["Anna", "Bo"]
    known, took = (tmp_path / "kept.jsonl.cache").read_bytes(), read_cost(out)
    assert took and took.completions == 24
    assert main([*argv, "--low", "0", "--high", "0.4"]) == 0 and [
        row.id for row in read_rows(out)
    ] == ["never"]
    assert (tmp_path / "kept.jsonl.cache").read_bytes() == known and read_cost(out) == took
    assert load_rows(str(out), None, 0, "train", {})[0] == read_rows(out)
