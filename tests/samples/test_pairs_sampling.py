"""Sampling, and pairs of what a model wrote: with a tiny model that has learned a few rows by
heart."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch

from rlcall.cli.pairs import main
from rlcall.data.rows import Row, write_rows
from rlcall.model import generate as generation
from rlcall.model.generate import generate
from rlcall.model.load import load_model
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.model.sample import Sampling, open_model
from rlcall.samples.cost import read_cost
from rlcall.samples.pair_files import read_pairs, read_right
from rlcall.verify import verify
from tests.support.chat_server import chat, serving, transformers_serve
from tests.support.tiny import memorise

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


def row_of(request: str, who: str | None, id: str) -> Row:
    calls = [{"name": "call", "arguments": {"who": who}}] if who else []
    return Row([{"role": "user", "content": request}], [TOOL], {"calls": calls}, id=id)


LEARNED = [
    row_of("Ring Anna.", "Anna", "anna"),
    row_of("Call Bo", "Bo", "bo"),
    row_of("hello?", None, "hello"),
]
# The model says Anna, whatever this row finds right.
ROWS = [*LEARNED, row_of("Ring Anna.", "Berta", "never")]


@pytest.fixture(scope="module")
def learned(
    tiny_folder: Path, tiny_tokenizer: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    model = load_model(str(tiny_folder))
    memorise(model, tiny_tokenizer, LEARNED, "smollm2", goal=0.05)
    folder = tmp_path_factory.mktemp("learned")
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


def write(model: Any, tokenizer: Any, row: Row, times: int, **how: Any) -> list[str]:
    prompts = [render_prompt(row, tokenizer, "smollm2")] * times
    return generate(model, tokenizer, prompts, max_new_tokens=48, batch_size=8, **how)


def test_samples_follow_the_seed_and_the_temperature(learned: Path, tiny_tokenizer: Any) -> None:
    model = load_model(str(learned))
    gold = render_completion(ROWS[0], tiny_tokenizer, "smollm2").removesuffix("<|im_end|>")
    before = torch.get_rng_state()
    assert write(model, tiny_tokenizer, ROWS[0], 3) == [gold] * 3, "temperature 0 is greedy"
    assert write(model, tiny_tokenizer, ROWS[0], 4, temperature=1e-3) == [gold] * 4
    hot = write(model, tiny_tokenizer, ROWS[0], 12, temperature=3.0, seed=1)
    assert len(set(hot)) > 6, "copies of a prompt are drawn apart"
    assert write(model, tiny_tokenizer, ROWS[0], 12, temperature=3.0, seed=1) == hot
    assert write(model, tiny_tokenizer, ROWS[0], 12, temperature=3.0, seed=2) != hot
    assert torch.equal(torch.get_rng_state(), before), "training draws what it would have drawn"


def test_each_rank_draws_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(rank: int) -> list[float]:
        monkeypatch.setattr(generation, "_rank", lambda: rank)
        with generation._random_numbers_of_rank(5):
            return torch.rand(4).tolist()

    assert drawn(0) == drawn(0) != drawn(1)


def test_the_whole_distribution_is_sampled(learned: Path, tiny_tokenizer: Any) -> None:
    """transformers' own default would cut it at the 50 likeliest tokens."""
    model = load_model(str(learned))
    prompts = [render_prompt(ROWS[0], tiny_tokenizer, "smollm2")] * 256
    first = generate(
        model, tiny_tokenizer, prompts, max_new_tokens=1, batch_size=256, temperature=1e4
    )
    assert len(set(first)) > 150


def test_samples_come_row_by_row(learned: Path) -> None:
    sampler = open_model(str(learned), None)
    how = Sampling(
        samples=3, temperature=1e-3, max_new_tokens=48, batch_size=2
    )  # two pieces: 5 rows, then the rest
    rows = [ROWS[place % 3] for place in (2, 0, 1, 1, 2, 0, 0)]
    texts = list(sampler.sample(rows, how))
    assert sampler.wire == "smollm2" and [len(one) for one in texts] == [3] * 7
    for row, some in zip(rows, texts, strict=True):
        assert all(verify(text, row.tools, row.answer, wire="smollm2").correct for text in some)


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    write_rows(path, ROWS)
    return path


def test_pairs_of_what_a_model_wrote(
    learned: Path, rows_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, right = tmp_path / "pairs.jsonl", tmp_path / "right.jsonl"
    argv = [str(rows_file), "--model", str(learned), "--samples", "16", "--temperature", "1.0"]
    argv += ["--max-new-tokens", "48", "--batch-size", "32", "--seed", "3"]
    assert main([*argv, "--out", str(out), "--right", str(right)]) == 0
    printed = capsys.readouterr().out
    pairs, kept = read_pairs(str(out), "smollm2"), read_right(str(right), "smollm2")
    assert {pair.kind for pair in pairs} == {"sampled"}
    ids = Counter(pair.row.id for pair in pairs)
    assert {"anna", "bo"} <= set(ids) and "never" not in ids
    assert Counter(one.row.id for one in kept) >= ids, (
        "every right completion of these rows has its pair"
    )
    assert [(pair.row.id, pair.chosen) for pair in pairs] == [
        (one.row.id, one.completion) for one in kept if one.row.id in ids
    ]
    for pair in pairs:
        verdict = verify(pair.rejected, pair.row.tools, pair.row.answer, wire="smollm2")
        assert verdict.correct is False and pair.codes and pair.reward is not None
    assert (
        "all wrong" in printed
        and f"sampled {len(pairs)}" in printed
        and "completions: 64;" in printed
    )
    took = read_cost(out)
    assert took and took == read_cost(right) and took.completions == 64 and took.seconds > 0
    first, other = out.read_bytes(), tmp_path / "other.jsonl"
    assert main([*argv, "--out", str(out)]) == 0 and out.read_bytes() == first
    assert main([str(rows_file), "--wire", "smollm2", "--out", str(out)]) == 0
    assert read_cost(out) is None, "made pairs took none, and the old file's cost is not theirs"
    assert main([*argv, "--out", str(other), "--made-share", "0.5"]) == 0
    both = read_pairs(str(other), "smollm2")
    assert both[: len(pairs)] == pairs and {pair.kind for pair in both[len(pairs) :]}.isdisjoint(
        {"sampled"}
    )
    assert "made pairs: " in capsys.readouterr().out and len(both) > len(pairs)


def test_nothing_to_pair_is_said(
    learned: Path, rows_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.jsonl"
    argv = [
        str(rows_file),
        "--n",
        "2",
        "--model",
        str(learned),
        "--samples",
        "1",
        "--temperature",
        "0",
    ]
    assert main([*argv, "--max-new-tokens", "48", "--out", str(out)]) == 2 and not out.exists()
    assert (
        "gives no pairs: rows: 2, 0 of them with pairs; 2 left out: all right"
        in capsys.readouterr().err
    )
    assert main([*argv, "--max-new-tokens", "48", "--right", str(out)]) == 0
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["anna", "bo"]


def test_pairs_of_what_an_endpoint_wrote(
    rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-1")
    out = tmp_path / "pairs.jsonl"
    calls = [
        json.dumps({"name": "call", "arguments": {"who": who}}) for who in ("Anna", "Bo", "Bo")
    ]
    texts = [f"<tool_call>{call}</tool_call>" for call in calls]
    with serving(lambda body: (200, chat(*texts[: body.get("n", 1)]))) as server:
        argv = [
            str(rows_file),
            "--url",
            server.url,
            "--model",
            "big",
            "--key-env",
            "MY_KEY",
            "--wire",
            "hermes",
        ]
        assert main([*argv, "--samples", "3", "--temperature", "0.5", "--out", str(out)]) == 0
    assert [
        (pair.row.id, pair.chosen, pair.rejected) for pair in read_pairs(str(out), "hermes")
    ] == [
        ("anna", texts[0], texts[1]),
        ("bo", texts[1], texts[0]),
    ]
    assert "2 left out: all wrong" in capsys.readouterr().out
    (_, body), *others = server.asked
    assert len(others) == 3 and (body["model"], body["n"], body["temperature"]) == ("big", 3, 0.5)
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer sk-1"}
    assert (
        "call(who: string)" in body["messages"][0]["content"]
        and "<tool_call>" in body["messages"][0]["content"]
    )
    with serving(lambda body: (401, {"error": {"message": "no"}})) as server:
        assert main([*argv[:2], server.url, *argv[3:], "--out", str(tmp_path / "none.jsonl")]) == 2
    assert (
        "answered 401 for model 'big'" in capsys.readouterr().err
        and not (tmp_path / "none.jsonl").exists()
    )


@pytest.mark.slow
def test_pairs_of_what_a_real_server_wrote(
    learned: Path, tiny_tokenizer: Any, rows_file: Path, tmp_path: Path
) -> None:
    """`transformers serve` with a model of ours, whose own settings tell the server to sample."""
    model = load_model(str(learned))
    model.generation_config.do_sample = True
    model.save_pretrained(tmp_path / "sampling")
    tiny_tokenizer.save_pretrained(tmp_path / "sampling")
    out, right = tmp_path / "pairs.jsonl", tmp_path / "right.jsonl"
    with transformers_serve() as url:
        argv = [
            str(rows_file),
            "--url",
            url,
            "--model",
            str(tmp_path / "sampling"),
            "--wire",
            "smollm2",
        ]
        argv += [
            "--samples",
            "16",
            "--temperature",
            "1.0",
            "--max-new-tokens",
            "48",
            "--batch-size",
            "16",
        ]
        assert main([*argv, "--out", str(out), "--right", str(right)]) == 0
    pairs, kept = read_pairs(str(out), "smollm2"), read_right(str(right), "smollm2")
    assert pairs and {one.row.id for one in kept} <= {"anna", "bo", "hello"}
    for pair in pairs:
        verdict = verify(pair.rejected, pair.row.tools, pair.row.answer, wire="smollm2")
        assert verdict.correct is False and pair.kind == "sampled"


@pytest.mark.slow
def test_what_the_embedded_model_wrote_behind_a_real_server(
    embedded: str, rows_file: Path, tmp_path: Path, capsys: Any
) -> None:
    """A raw model answers in words, which is right where no call is due and wrong elsewhere; so
    there are no pairs."""
    with transformers_serve() as url:
        argv = [
            str(rows_file),
            "--url",
            url,
            "--model",
            embedded,
            "--wire",
            "smollm2",
            "--samples",
            "2",
        ]
        assert main([*argv, "--max-new-tokens", "16", "--out", str(tmp_path / "pairs.jsonl")]) == 2
    said = capsys.readouterr().err
    assert "3 left out: all wrong; 1 left out: all right; completions: 8" in said
