"""Generation and evaluation, with a tiny model that has learned a few rows by heart."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.rows import Row, write_rows
from rlcall.evaluation.evaluate import StageResult, evaluate, judge
from rlcall.metrics.intervals import wilson_interval
from rlcall.model.generate import generate
from rlcall.model.load import load_model
from rlcall.model.prompts import render_completion, render_prompt
from rlcall.reward import load_reward
from tests.support.tiny import memorise

REWARD = load_reward("graded")
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
REQUESTS = {
    "Ring Anna.": "Anna",
    "Please phone the old dentist": "dentist",
    "Call Bo": "Bo",
    "hello?": None,
    "Dial 7": "7",
}


def row_of(request: str, who: str | None) -> Row:
    calls = [{"name": "call", "arguments": {"who": who}}] if who else []
    return Row([{"role": "user", "content": request}], [TOOL], {"calls": calls}, id=request)


ROWS = [row_of(request, who) for request, who in REQUESTS.items()]


@pytest.fixture(scope="module")
def learned_folder(
    tiny_folder: Path, tiny_tokenizer: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    model = load_model(str(tiny_folder))
    memorise(model, tiny_tokenizer, ROWS, "smollm2")
    folder = tmp_path_factory.mktemp("learned")
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def learned(learned_folder: Path) -> Any:
    return load_model(str(learned_folder))


def run(model: Any, tokenizer: Any, rows: list[Row], batch_size: int = 2) -> StageResult:
    return evaluate(
        model, tokenizer, rows, "smollm2", REWARD, max_new_tokens=48, batch_size=batch_size
    )


def test_what_was_learned_is_right(learned: Any, tiny_tokenizer: Any) -> None:
    result = run(learned, tiny_tokenizer, ROWS)
    golds = [
        render_completion(row, tiny_tokenizer, "smollm2").removesuffix("<|im_end|>") for row in ROWS
    ]
    assert [one["completion"] for one in result.completions] == golds
    assert [one["id"] for one in result.completions] == [row.id for row in ROWS]
    summary = result.summary()
    assert (summary["rows"], summary["correct"], summary["accuracy"], summary["reward"]) == (
        5,
        5,
        1.0,
        1.0,
    )
    assert all(value == 1.0 for value in summary["rules"].values() if value is not None)


def test_what_is_wrong_is_counted_and_explained(learned: Any, tiny_tokenizer: Any) -> None:
    rows = [row_of("Ring Anna.", "Berta"), row_of("hello?", "Bo"), *ROWS[2:3]]
    result = run(learned, tiny_tokenizer, rows)
    assert [one["correct"] for one in result.completions] == [False, False, True]
    assert [[error["code"] for error in one["errors"]] for one in result.completions] == [
        ["wrong_value"],
        ["no_call"],
        [],
    ]
    assert result.summary()["accuracy"] == pytest.approx(1 / 3)
    assert 0 < result.summary()["reward"] < 1
    assert json.loads(json.dumps(result.completions)) == result.completions


def test_rows_without_an_answer_are_not_counted(learned: Any, tiny_tokenizer: Any) -> None:
    unknown = Row(ROWS[0].messages, ROWS[0].tools, None)
    assert run(learned, tiny_tokenizer, [unknown, ROWS[2]]).summary()["rows"] == 1
    nothing = run(learned, tiny_tokenizer, [unknown]).summary()
    assert (nothing["rows"], nothing["accuracy"], nothing["reward"], nothing["interval"]) == (
        0,
        None,
        None,
        [0.0, 1.0],
    )


def test_a_rule_counts_only_where_it_applies() -> None:
    texts = ['<tool_call>[{"name": "call", "arguments": {"who": "Eve"}}]</tool_call>', "[]"]
    rules = StageResult(
        [judge(row, text, "smollm2", REWARD) for row, text in zip(ROWS[2:4], texts, strict=True)]
    ).rules
    assert (rules["name"], rules["values"], rules["abstains"]) == (1.0, 0.0, 1.0)


def test_no_rows_are_an_error(learned: Any, tiny_tokenizer: Any) -> None:
    with pytest.raises(ValueError, match="no rows"):
        run(learned, tiny_tokenizer, [])


def test_the_batch_size_changes_nothing(learned: Any, tiny_tokenizer: Any) -> None:
    rows = [*ROWS, row_of("Something that it has never seen before", "x")]
    together = run(learned, tiny_tokenizer, rows, batch_size=6)
    assert together == run(learned, tiny_tokenizer, rows, batch_size=1)
    assert len({one["completion"] for one in together.completions}) >= len(ROWS)


def test_the_model_is_left_as_it_was(learned: Any, tiny_tokenizer: Any) -> None:
    decoding = learned.generation_config
    for mode in (True, False):
        learned.train(mode)
        run(learned, tiny_tokenizer, ROWS[:1])
        assert learned.training is mode
        assert learned.generation_config is decoding


def test_a_models_own_taste_in_decoding_does_not_count(learned: Any, tiny_tokenizer: Any) -> None:
    learned.generation_config.update(
        do_sample=True,
        temperature=50.0,
        repetition_penalty=5.0,
        max_new_tokens=1,
        no_repeat_ngram_size=2,
    )
    assert run(learned, tiny_tokenizer, ROWS).correct == len(ROWS)


def test_a_completion_ends_where_its_turn_or_its_room_ends(
    learned: Any, tiny_tokenizer: Any
) -> None:
    prompts = [render_prompt(row, tiny_tokenizer, "smollm2") for row in ROWS]
    for length in (1, 3):
        for text in generate(learned, tiny_tokenizer, prompts, max_new_tokens=length, batch_size=5):
            assert 0 < len(tiny_tokenizer(text)["input_ids"]) <= length
    assert generate(learned, tiny_tokenizer, [], max_new_tokens=1, batch_size=5) == []


def test_special_tokens_inside_a_completion_are_kept(
    tiny_folder: Path, tiny_tokenizer: Any
) -> None:
    tokenizer = deepcopy(tiny_tokenizer)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<tool_call>", "</tool_call>"]})
    model = load_model(str(tiny_folder))
    model.resize_token_embeddings(len(tokenizer))
    memorise(model, tokenizer, ROWS[:2], "smollm2")
    result = run(model, tokenizer, ROWS[:2])
    assert (
        result.completions[0]["completion"]
        == '<tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call>'
    )
    assert result.correct == 2


@pytest.mark.parametrize("correct, n", [(0, 1), (0, 64), (1, 64), (37, 64), (64, 64), (480, 961)])
def test_the_interval_is_wilsons(correct: int, n: int) -> None:
    z = 1.959963984540054  # the standard normal's 97.5 % quantile
    p = correct / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert wilson_interval(correct, n) == pytest.approx(
        (max(middle - half, 0), min(middle + half, 1)), abs=1e-12
    )


def on_two_ranks(folder: Path, rows: Path, mode: str) -> list[dict[str, Any]]:
    script = Path(__file__).parents[1] / "support" / "ranks_evaluate.py"
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc_per_node",
        "2",
        str(script),
    ]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(script.parents[1]), os.environ.get("PYTHONPATH")])
        ),
    }
    done = subprocess.run(
        [*command, str(folder), str(rows), mode],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("[{")))


@pytest.mark.parametrize("mode", ["ddp", pytest.param("zero3", marks=pytest.mark.slow)])
def test_two_ranks_write_what_one_writes(
    learned: Any, learned_folder: Path, tiny_tokenizer: Any, tmp_path: Path, mode: str
) -> None:
    write_rows(tmp_path / "rows.jsonl", ROWS)  # five rows: the shares do not come out even
    assert (
        on_two_ranks(learned_folder, tmp_path / "rows.jsonl", mode)
        == run(learned, tiny_tokenizer, ROWS).completions
    )
