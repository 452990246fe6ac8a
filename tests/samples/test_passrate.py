"""Pass rates: counted strictly, kept in a cache that survives a kill, and rows within the limits written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcall.cli.passrate import main
from rlcall.data.rows import Row, RowError, read_rows, write_rows
from rlcall.samples.cost import read_cost
from rlcall.samples.pass_rates import Cache, PassRate, buckets, key_of, measure, within
from tests.model.test_endpoint import chat, serving

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
    rates = list(measure(ROWS, SETTINGS, Model(), Cache(tmp_path / "c"), piece=2))
    assert rates == [PassRate(right, 4) for right in range(5)]
    assert [row.id for row in within(ROWS, rates, 0.05, 0.95)] == ["Bo", "Carla", "Dora"]
    assert [row.id for row in within(ROWS, rates, 0.5, 1.0)] == ["Carla", "Dora", "Eva"]


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    cut = Model(patience=3)
    with pytest.raises(KeyboardInterrupt):
        list(measure(ROWS, SETTINGS, cut, Cache(tmp_path / "c"), piece=2))
    again, once_more = Model(), Model()
    rates = list(measure(ROWS, SETTINGS, again, Cache(tmp_path / "c"), piece=2))
    assert cut.asked == [("Anna", 0), ("Bo", 0), ("Carla", 2)]
    assert again.asked == [("Carla", 2), ("Dora", 2), ("Eva", 4)], (
        "a piece is drawn as a whole, as it would have been"
    )
    assert (
        list(measure(ROWS, SETTINGS, once_more, Cache(tmp_path / "c"), piece=2)) == rates
        and not once_more.asked
    )
    other = Model()
    list(measure(ROWS, {**SETTINGS, "weights": "2"}, other, Cache(tmp_path / "c"), piece=2))
    assert len(other.asked) == 5, "another model knows nothing of the first"


def test_the_key_is_of_content(tmp_path: Path) -> None:
    one = row_of("Anna")
    assert key_of(one, SETTINGS) == key_of(row_of("Anna", id="other"), SETTINGS)
    assert key_of(one, SETTINGS) != key_of(row_of("Anna", "Ring her."), SETTINGS)
    assert key_of(one, SETTINGS) != key_of(one, {**SETTINGS, "seed": 1})
    model = Model()
    list(measure([one, one], SETTINGS, model, Cache(tmp_path / "c"), piece=2))
    assert len(model.asked) == 1, "the same row twice is one question"


def test_rows_without_an_answer_are_not_asked(tmp_path: Path) -> None:
    unknown = Row([{"role": "user", "content": "hm"}], [TOOL], None, id="unknown")
    model = Model()
    rates = list(measure([unknown, ROWS[1]], SETTINGS, model, Cache(tmp_path / "c"), piece=2))
    assert rates == [None, PassRate(1, 4)] and [id for id, _ in model.asked] == ["Bo"]
    assert within([unknown, ROWS[1]], rates, 0.0, 1.0) == [ROWS[1]]


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "c"
    list(measure(ROWS, SETTINGS, Model(), Cache(path), piece=5))
    path.write_bytes(path.read_bytes()[:-5])
    model = Model()
    list(measure(ROWS, SETTINGS, model, Cache(path), piece=5))
    assert [id for id, _ in model.asked] == ["Eva"]
    assert [json.loads(line)["right"] for line in path.read_text().splitlines()] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "text", ['{"id": "r1"}\n', "my notes", '{"key": "of a safe"}', "{", '{"key": "0"}\n']
)
def test_a_file_of_the_users_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes"
    path.write_text(text)
    with pytest.raises(
        RowError, match=r"notes, line 1: is no line of a cache .* Name another file with --cache"
    ):
        Cache(path)
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
        (["--low", "2"], "not a share"),
    ],
)
def test_what_does_not_go_together(
    more: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["tiny", "rows.jsonl", "--out", "kept.jsonl", *more])
    assert words in capsys.readouterr().err


def test_the_command_with_a_model(tiny_folder: Path, tiny_tokenizer: Any, tmp_path: Path) -> None:
    """A tiny model that has learned two rows and has never seen the third: what is kept trains GRPO as it is."""
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
