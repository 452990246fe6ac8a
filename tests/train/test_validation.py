"""Validation while a model trains: its figures, the best weights, the same training as without
it, resuming."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rlcall.data.rows import Row, write_rows
from rlcall.evaluation.evaluate import StageResult, judge
from rlcall.metrics.logged import figures
from rlcall.reward import load_reward
from rlcall.train.watch.clock import TrainingClock
from tests.support.judged import due, judge_all, row, tool

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.errors import ConfigError
from rlcall.runs.folder import RunFolder
from rlcall.train.config import parse
from rlcall.train.opening import open_session
from rlcall.train.resume.best import BestWeights
from rlcall.train.row_sets import RowSets, TrainingRows
from rlcall.train.stages import run
from rlcall.train.watch import heldout, validation
from rlcall.train.watch.reward_hacking import ValidationResult
from rlcall.train.watch.validation import weights_to_publish
from tests.train.test_launch import command
from tests.train.test_launch import run as launch

ROOT = Path(__file__).resolve().parents[2]
TOOL = tool("call", who="string")
CALL = '<tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call>'
ROWS = [row(due("call", who="Anna"), [TOOL], f"r{place}") for place in range(3)]
REWARD = load_reward("graded")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    write_rows(tmp_path / "validation.jsonl", ROWS)
    return tmp_path / "validation.jsonl"


def train(
    method: str, folder: Path, rows: Path | str, *argv: str, every: int = 2, steps: int = 6
) -> dict[str, Any]:
    """A whole run on the tiny model, in this process; its run.json."""
    config = ["--config", str(ROOT / f"configs/smoke/{method}.yaml"), "--output_dir", str(folder)]
    keys = (
        "--eval_rows",
        "null",
        "--validation_rows",
        str(rows),
        "--warm_start_steps",
        "0",
        "--save_steps",
        "2",
    )
    counts = ("--validation_every", str(every), "--max_steps", str(steps))
    run(parse(method, [*config, *keys, *counts, *argv]))
    return read(folder / "run.json")


def read(path: Path) -> Any:
    text = path.read_text()
    return (
        [json.loads(line) for line in text.splitlines()]
        if path.suffix == ".jsonl"
        else json.loads(text)
    )


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


class Planted:
    """Replaces `evaluate`: this many rows are right at each validation, in turn. 'x'
    kills the run."""

    def __init__(self, right: Sequence[int | str]) -> None:
        self.right = list(right)

    def __call__(
        self, model: Any, tokenizer: Any, rows: Sequence[Row], *_: Any, **__: Any
    ) -> StageResult:
        count = self.right.pop(0)
        if isinstance(count, str):
            raise KeyboardInterrupt
        return StageResult([judge(one, CALL if place < count else "[]", "smollm2", REWARD, place)
                           for place, one in enumerate(rows)])  # fmt: skip


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def plant(*right: int | str) -> None:
        monkeypatch.setattr(heldout, "evaluate", Planted(right))

    return plant


def validations(folder: Path) -> list[dict[str, Any]]:
    return [line for line in read(folder / "metrics.jsonl") if "validation/accuracy" in line]


@pytest.mark.parametrize("method", ["sft", pytest.param("dpo", marks=pytest.mark.slow)])
def test_the_best_weights_become_the_model(
    tmp_path: Path, rows_file: Path, planted: Any, method: str
) -> None:
    planted(1, 2, 2, 0)
    folder = tmp_path / "run"
    record = train(method, folder, rows_file)
    assert (
        weights(folder / "model")
        == weights(folder / "checkpoint-2")
        != weights(folder / "checkpoint-6")
    )
    assert record["best"] == {"step": 2, "accuracy": 2 / 3, "last_step": 6, "last_accuracy": 0.0}
    assert not (folder / "best").exists()
    lines = validations(folder)
    assert [(line["phase"], line["step"]) for line in lines] == [
        (method, 0),
        (method, 2),
        (method, 4),
        (method, 6),
    ]
    assert [line["validation/correct"] for line in lines] == [1, 2, 2, 0]
    written = {"validation/rows": 3, "validation/malformed": 0.0, "validation/rules/name": 2 / 3}
    assert written.items() <= lines[1].items() and lines[1]["validation/format/smollm2"] == 2 / 3
    assert 0 < lines[1]["validation/reward"] < 1 and lines[1]["validation/seconds"] >= 0
    kept = read(folder / "validation" / "2.jsonl")
    assert [one["correct"] for one in kept] == [True, True, False] and kept[2]["completion"] == "[]"


def killed_at_step_4(log: Any) -> Any:
    def killed(own: Any, now: Any, *rest: Any) -> None:
        if now.step == 4:
            raise KeyboardInterrupt  # the best weights are there, and their checkpoint is not
        log(own, now, *rest)

    return killed


def test_a_resumed_run_ends_as_one_that_was_not_interrupted(
    tmp_path: Path, rows_file: Path, planted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(1, 2, 3, 0)
    whole = train("sft", tmp_path / "whole", rows_file)
    assert whole["best"]["step"] == 4
    folder = tmp_path / "run"
    planted(1, 2, 3)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(validation.Validation, "_log", killed_at_step_4(validation.Validation._log))
        train("sft", folder, rows_file)
    assert (
        BestWeights(RunFolder(folder)).steps() == [2, 4] and not (folder / "checkpoint-4").exists()
    )
    (folder / "best" / ".part").mkdir()
    (folder / "best" / ".part" / "model.safetensors").write_bytes(b"torn")
    planted(3, 0)  # of steps 4 and 6
    assert train("sft", folder, rows_file, "--resume")["best"] == whole["best"]
    assert weights(folder / "model") == weights(tmp_path / "whole" / "model")
    places = [[(line["step"], line.get("validation/correct")) for line in read(one / "metrics.jsonl")]
              for one in (folder, tmp_path / "whole")]  # fmt: skip
    assert places[0] == places[1]
    seconds = [line["seconds"] for line in read(folder / "metrics.jsonl")]
    assert seconds == sorted(seconds) and seconds[-1] > seconds[len(seconds) // 2] > 0


def test_the_best_is_what_rank_0_finds(
    tmp_path: Path, rows_file: Path, planted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign rule that runs out of time on one rank must not have that rank save alone, and
    wait for ever."""
    right = iter([1, 0, 0, 3])  # as rank 0 sees it; this rank sees steps 0 and 2 as the best

    def from_rank_0(own: list[ValidationResult]) -> list[ValidationResult]:
        return [replace(own[0], correct=np.array([float(place < count) for place in range(3)]))
                for count in [next(right)]]  # fmt: skip

    monkeypatch.setattr(validation, "broadcast_object_list", from_rank_0)
    saved: list[int] = []
    monkeypatch.setattr(BestWeights, "save", lambda own, trainer, step: saved.append(step))
    planted(1, 2, 0, 0)
    train("sft", tmp_path / "run", rows_file)
    assert saved == [0, 6]


def test_with_other_validation_rows_than_before_the_last_weights_are_taken(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, writes=True)
    folder.add_validation(2, [judge(ROWS[0], CALL, "smollm2", REWARD)])
    (folder.best / "step-2").mkdir(parents=True)
    others = [replace(ROWS[0], id="another")]
    session: Any = SimpleNamespace(folder=folder, rows=RowSets(TrainingRows([]), [], others))
    assert (
        weights_to_publish(session, "sft", tmp_path / "checkpoint-6") == tmp_path / "checkpoint-6"
    )


@pytest.mark.slow
def test_what_was_best_before_an_interruption_stays_it(
    tmp_path: Path, rows_file: Path, planted: Any
) -> None:
    folder = tmp_path / "run"
    planted(0, 3, 1, "killed at step 6")
    with pytest.raises(KeyboardInterrupt):
        train("sft", folder, rows_file)
    planted(2)  # step 0, 2 and 4 are not validated again
    assert train("sft", folder, rows_file, "--resume")["best"]["step"] == 2
    assert weights(folder / "model") == weights(folder / "checkpoint-2")


@pytest.mark.slow
def test_a_run_that_is_killed_before_a_checkpoint_begins_anew(
    tmp_path: Path, rows_file: Path, planted: Any
) -> None:
    folder = tmp_path / "run"
    planted(3, "killed at step 2")
    with pytest.raises(KeyboardInterrupt):
        train("sft", folder, rows_file)
    planted(0, 0, 1, 0)
    assert train("sft", folder, rows_file, "--resume")["best"]["step"] == 4
    assert [line["validation/correct"] for line in validations(folder)] == [0, 0, 1, 0]


def test_it_is_the_evaluation_of_the_saved_model(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    keys = (
        "--eval_rows",
        "phone",
        "--eval_size",
        "5",
        "--validation_size",
        "5",
        "--learning_rate",
        "1e-2",
    )
    best = train("sft", folder, "phone:test", *keys, steps=4)["best"]
    assert read(folder / "validation" / "0.jsonl") == read(folder / "evaluation" / "base.jsonl")
    assert read(folder / "validation" / f"{best['step']}.jsonl") == read(
        folder / "evaluation" / "sft.jsonl"
    )
    written = [
        [one["completion"] for one in read(folder / "validation" / f"{step}.jsonl")]
        for step in (0, 4)
    ]
    assert written[0] != written[1], "these steps change nothing: the test would say nothing"


LORA = pytest.param("4", marks=pytest.mark.slow)


@pytest.mark.parametrize("lora", ["0", LORA])
def test_training_is_the_same_with_validation_and_without(tmp_path: Path, lora: str) -> None:
    keys = (
        "--lora_rank",
        lora,
        "--validation_size",
        "5",
        "--save_strategy",
        "no",
        "--per_device_train_batch_size",
        "8",
    )
    apart = [
        train("grpo", tmp_path / str(every), "phone", *keys, every=every, steps=3)
        for every in (0, 1)
    ]
    assert apart[0]["weights"] == apart[1]["weights"] and "best" not in apart[0]
    samples = [
        [one["completion"] for one in read(tmp_path / str(every) / "samples.jsonl")]
        for every in (0, 1)
    ]
    assert samples[0] == samples[1] and len(samples[0]) == 24
    lines = validations(tmp_path / "1")
    assert [line["step"] for line in lines] == [0, 1, 2, 3] and lines[-1]["validation/rows"] == 5
    assert not (tmp_path / "0" / "validation").exists()
    spent = sum(line["validation/seconds"] for line in lines)
    assert spent > 0 and apart[1]["seconds"] < apart[0]["seconds"] + spent, (
        "seconds are those of training alone"
    )


@pytest.mark.slow
@pytest.mark.parametrize(("config", "lora"), [("zero3", "0"), ("zero3", "4"), ("cpu2", "0")])
def test_two_ranks_validate_together(tmp_path: Path, config: str, lora: str) -> None:
    records = []
    for every in ("0", "1"):
        keys = {
            "validation_every": every,
            "validation_rows": "phone",
            "validation_size": "5",
            "lora_rank": lora,
        }
        fixed = {
            "output_dir": str(tmp_path / every),
            "eval_rows": "null",
            "warm_start_steps": "0",
            "ranks": "2",
        }
        argv = [text for key, value in {**keys, **fixed}.items() for text in (f"--{key}", value)]
        launch(command("launch/grpo.py", *argv, config=config))
        records.append(read(tmp_path / every / "run.json"))
    assert (
        records[0]["weights"] == records[1]["weights"]
        and len(set(records[1]["weights"]["grpo"])) == 1
    )
    lines = validations(tmp_path / "1")
    assert [(line["step"], line["validation/rows"]) for line in lines] == [(0, 5), (1, 5), (2, 5)]
    assert records[1]["best"]["step"] in (0, 1, 2) and not (tmp_path / "1" / "best").exists()
    assert (tmp_path / "1" / "model" / "model.safetensors").is_file()


BY_RANK = """
import os

seen = []

def by_rank(verdict):
    seen.append(1)
    return len(seen) / 1e6 if os.environ["RANK"] == "1" else 0.0
"""


@pytest.mark.slow
def test_ranks_that_score_apart_save_together(tmp_path: Path) -> None:
    """On rank 1 alone each validation is better than the last; on its own it would wait for rank
    0 for ever."""
    (tmp_path / "rule.py").write_text(BY_RANK)
    rewards = {f"{tmp_path}/rule.py:by_rank": {"weight": 1.0, "in_process": True}, "correct": 1.0}
    keys = {
        "rewards": json.dumps(rewards),
        "gates": "[]",
        "validation_every": "1",
        "validation_rows": "phone",
    }
    fixed = {
        "output_dir": str(tmp_path / "run"),
        "eval_rows": "null",
        "warm_start_steps": "0",
        "validation_size": "5",
    }
    argv = [text for key, value in {**keys, **fixed}.items() for text in (f"--{key}", value)]
    launch(command("launch/grpo.py", *argv, config="cpu2"))
    lines = validations(tmp_path / "run")
    assert {line["validation/reward"] for line in lines} == {lines[0]["validation/accuracy"] / 2}
    assert read(tmp_path / "run" / "run.json")["best"]["step"] == 0


def test_a_warning_is_given_once_for_each_best_that_was_left_behind(
    tmp_path: Path,
    rows_file: Path,
    planted: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def hacked(history: list[Any], training: list[tuple[int, float]], planned: int) -> str | None:
        asked.append(([one.step for one in history], [step for step, _ in training], planned))
        return f"reward hacking at {history[-1].step}" if history[-1].step >= 2 else None

    monkeypatch.setattr(validation, "hacking_warning", hacked)
    planted(3, 1, 1, 0)
    folder = tmp_path / "run"
    record = train("grpo", folder, rows_file, "--save_strategy", "no", every=1, steps=3)
    assert asked == [([0, 1], [], 4), ([0, 1, 2], [1], 4)], "not again at step 3"
    assert record["warnings"] == [{"step": 2, "message": "reward hacking at 2"}]
    assert [line.get("warning") for line in validations(folder)] == [
        None,
        None,
        "reward hacking at 2",
        None,
    ]
    assert capsys.readouterr().out.count("warning: reward hacking at 2") == 1


def test_the_figures_of_a_policy_that_never_calls_show_it() -> None:
    rows = [*ROWS, row({"calls": []}, [TOOL], "idle")]
    never = figures(judge_all(rows, [""] * 4))
    assert (never["accuracy"], never["correct"], never["rows"]) == (0.25, 1, 4)
    assert (never["relevance"], never["irrelevance"], never["balanced"]) == (0.0, 1.0, 0.5)
    assert never["format/text"] == 1.0 and never["rules/abstains"] == 1.0
    always = figures(judge_all(rows, [CALL] * 4))
    assert (always["accuracy"], always["irrelevance"], always["balanced"]) == (0.75, 0.0, 0.5)
    assert always["format/smollm2"] == 1.0 and "irrelevance" not in figures(
        judge_all(ROWS, [CALL] * 3)
    )


def test_rows_without_an_answer_are_left_out_of_the_figures() -> None:
    found = figures(judge_all([*ROWS[:1], row(None, [TOOL], "unknown")], [CALL, CALL]))
    assert (found["accuracy"], found["correct"], found["rows"]) == (1.0, 1, 1)
    assert all(np.isfinite(value) for value in found.values())


def test_the_clock_counts_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("rlcall.train.watch.clock.time.monotonic", lambda: now[0])
    clock = TrainingClock(5.0)
    now[0] += 50
    assert clock.seconds() == 5.0, "not started yet"
    clock.start(7.0)
    now[0] += 2
    with clock.paused():
        now[0] += 30
        assert clock.seconds() == 9.0
    now[0] += 1
    assert clock.seconds() == 10.0
    clock.stop()
    now[0] += 9
    assert clock.seconds() == 10.0


def test_validation_rows_that_are_trained_on_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(
        tmp_path / "train.jsonl",
        [replace(one, messages=asked("Anna, and do it now")) for one in ROWS],
    )
    write_rows(
        tmp_path / "validation.jsonl", [replace(ROWS[0], messages=asked("ANNA and do it now"))]
    )
    files = {
        "train_rows": "train.jsonl",
        "validation_rows": "validation.jsonl",
        "output_dir": "run",
    }
    argv = [text for key, name in files.items() for text in (f"--{key}", str(tmp_path / name))]
    config = [
        "--config",
        str(ROOT / "configs/smoke/sft.yaml"),
        "--eval_rows",
        "null",
        "--validation_every",
        "5",
    ]
    assert len(open_session(parse("sft", [*config, *argv])).rows.validation) == 1
    said = capsys.readouterr().out
    assert (
        "every 5 steps" in said
        and "warning: 3 training rows ask what a validation row asks" in said
    )


def asked(more: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": f"Would you please call {more}"}]


def test_what_cannot_be_validated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="validation_every needs validation_rows"):
        parse("sft", ["--validation_every", "5"])
    with pytest.raises(ConfigError, match=r"validation_every should be .* 0, not -1"):
        parse("sft", ["--validation_every", "-1", "--validation_rows", "phone"])
    write_rows(tmp_path / "unknown.jsonl", [row(None, [TOOL], "unknown")])
    with pytest.raises(ConfigError, match=r"no row of .*unknown.jsonl has an answer"):
        train("sft", tmp_path / "run", tmp_path / "unknown.jsonl")
