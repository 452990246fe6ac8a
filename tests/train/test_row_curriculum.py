"""Curricula: rows of the level in force, by a plan or by the pass rate, alike on all ranks and
after a resume."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from trl import GRPOTrainer

from rlcall.data.rows import write_rows
from rlcall.errors import ConfigError
from rlcall.runs.folder import RunFolder
from rlcall.tasks import phone
from rlcall.train.config import parse
from rlcall.train.groups.curriculum import Curriculum
from rlcall.train.groups.dynamic_sampling import DynamicSampling
from rlcall.train.resume.generation_buffer import GenerationBuffer
from rlcall.train.resume.sealed_checkpoints import SealedCheckpoints
from rlcall.train.row_sets import load_train_rows, rows_trained_on
from rlcall.train.settings import RunConfig
from tests.support.ranks_dynamic_sampling import Checked, build, rows_of

LEVELS = [1] * 6 + [2] * 9 + [3] * 9


def test_a_plan_of_steps() -> None:
    curriculum = Curriculum([[0, 1], [10, 3]], LEVELS, seed=4)
    assert [curriculum.level(step) for step in (0, 9, 10, 99)] == [1, 1, 3, 3]
    assert curriculum.rows_of_level(0) == list(range(6)) and curriculum.rows_of_level(10) == list(
        range(15, 24)
    )


def test_each_row_of_a_level_comes_once_before_any_comes_again() -> None:
    curriculum = Curriculum([[0, 2]], LEVELS, seed=4)
    drawn = [place for generation in range(9) for place in curriculum.rows(generation, 0, 4)]
    turns = [drawn[start : start + 9] for start in range(0, 36, 9)]
    assert all(sorted(turn) == list(range(6, 15)) for turn in turns) and turns[0] != turns[1]
    assert Curriculum([[0, 2]], LEVELS, seed=4).rows(5, 0, 4) == drawn[20:24], (
        "it follows from the number alone"
    )
    assert Curriculum([[0, 2]], LEVELS, seed=5).rows(5, 0, 4) != drawn[20:24]


def test_the_level_follows_the_pass_rate_and_is_kept() -> None:
    curriculum = Curriculum("pass_rate", LEVELS, seed=0)
    curriculum.observe([True] * 63 + [None] * 8)
    assert curriculum.level(0) == 1, "what has no answer is not counted"
    other = Curriculum("pass_rate", LEVELS, seed=0)
    other.restore(json.loads(json.dumps(curriculum.state())))
    for one in (curriculum, other):
        one.observe([True])
        assert one.level(0) == 2 and one.rows_of_level(0) == list(range(6, 15))


def test_rows_are_made_at_each_level() -> None:
    run = RunConfig(train_rows="worlds", train_size=12, curriculum=[[0, 1], [5, 4]])
    training = load_train_rows(run)
    rows, levels = training.rows, training.levels
    assert levels == [1] * 12 + [4] * 12 and len({row.id for row in rows}) == 24
    assert max(len(row.tools) for row in rows[:12]) < max(len(row.tools) for row in rows[12:])
    level_4 = RunConfig(train_rows="worlds", train_size=12, rows_options={"level": 4})
    alone = load_train_rows(level_4).rows
    assert [row.messages for row in alone] == [row.messages for row in rows[12:]]


def test_rows_without_levels_are_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", phone.generate(4, seed=0))
    for source in ("phone", str(tmp_path / "rows.jsonl")):
        with pytest.raises(
            ConfigError, match="have none; write one of these as train_rows: worlds"
        ):
            load_train_rows(RunConfig(train_rows=source, curriculum="pass_rate"))
    with pytest.raises(ConfigError, match="rows_options sets a level"):
        load_train_rows(
            RunConfig(train_rows="worlds", curriculum="pass_rate", rows_options={"level": 2})
        )


@pytest.mark.parametrize(
    "text",
    ["[[1, 1]]", "[[0, 9]]", "[]", "[[0, 1], [0, 2]]", "[[0]]", "[[0, 1, 2]]", "by_rate", "{a: 1}"],
)
def test_a_curriculum_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match="curriculum"):
        parse("grpo", ["--curriculum", text])


def test_the_keys_are_read() -> None:
    run = parse("grpo", ["--curriculum", "[[0, 1], [50, 2]]", "--dynamic_sampling_rounds", "3"]).run
    assert (run.curriculum, run.dynamic_sampling_rounds) == ([[0, 1], [50, 2]], 3)
    assert parse("grpo", ["--curriculum", "pass_rate"]).run.curriculum == "pass_rate"
    for key in ("dynamic_sampling_rounds", "reward_std_floor"):
        with pytest.raises(
            ConfigError, match=f"{key} should be greater than or equal to 0, not -1"
        ):
            parse("grpo", [f"--{key}", "-1"])


def test_a_generation_and_its_refills_are_of_the_level_in_force(tiny_folder: Path) -> None:
    trainer = build(Checked, str(tiny_folder), rows_of(), max_steps=6)
    trainer.sample_dynamically(
        rounds=2, curriculum=Curriculum([[0, 1], [2, 2], [4, 3]], LEVELS, seed=0)
    )
    trainer.train()
    levels = [sorted({LEVELS[place] for place in one["places"]}) for one in trainer.compared]
    assert levels == [[1], [1], [2], [2], [3], [3]]
    assert [one["differing"] for one in trainer.compared] == [[]] * 6
    assert [line["curriculum/level"] for line in trainer.state.log_history[:6]] == [
        1,
        1,
        2,
        2,
        3,
        3,
    ]
    assert any(one["groups"]["groups/refilled"] for one in trainer.compared)


def test_the_level_goes_up_where_all_is_right(tiny_folder: Path) -> None:
    trainer = build(Checked, str(tiny_folder), rows_of(("easy",)), max_steps=20)
    trainer.sample_dynamically(
        outcomes=lambda: [True] * 8, curriculum=Curriculum("pass_rate", LEVELS, seed=0)
    )
    trainer.train()
    levels = [line["curriculum/level"] for line in trainer.state.log_history[:20]]
    assert levels == [1] * 8 + [2] * 8 + [3] * 4, "after each window of 64 completions"


class Resumable(SealedCheckpoints, GenerationBuffer, DynamicSampling, GRPOTrainer):
    """As a run has it, but for shared prompts."""


def _train(folder: str, output: Path, resume: Path | None = None) -> Any:
    settings = {
        "num_iterations": 2,
        "steps_per_generation": 2,
        "max_steps": 11,
        "save_steps": 5,
        "save_strategy": "steps",
    }
    trainer = build(Resumable, folder, rows_of(("mixed", "easy")), **settings, temperature=1.0)
    trainer.args.output_dir = str(output)
    scored: list[bool] = []

    def told(completion_ids: list[list[int]], kind: list[str], **_: Any) -> list[float]:
        scored[:] = [
            k == "easy" or sum(ids) % 8 > 0 for ids, k in zip(completion_ids, kind, strict=True)
        ]
        return [float(one) for one in scored]

    trainer.reward_funcs = [told]
    trainer.sample_dynamically(
        rounds=2, outcomes=lambda: scored, curriculum=Curriculum("pass_rate", LEVELS, seed=0)
    )
    trainer._curriculum._by_rate.window = 32
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return trainer


def test_a_resumed_run_refills_and_paces_as_one_that_was_not_stopped(
    tiny_folder: Path, tmp_path: Path
) -> None:
    """From the middle of a generation, with the level and the count as they were."""
    straight = _train(str(tiny_folder), tmp_path / "straight")
    resumed = _train(str(tiny_folder), tmp_path / "resumed", tmp_path / "straight" / "checkpoint-5")
    pairs = zip(straight.model.parameters(), resumed.model.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    lines = [
        [
            {
                key: line.get(key)
                for key in line
                if key.startswith(("groups", "curriculum", "reward", "loss"))
            }
            for line in one
        ]
        for one in (straight.state.log_history[:11], resumed.state.log_history[:11])
    ]
    assert lines[0] == lines[1]
    figures = [line for line in lines[0] if "groups/rounds" in line]
    assert len(figures) == 3 and len({line["curriculum/level"] for line in figures}) > 1
    assert any(line["groups/refilled"] for line in figures[1:]), "after the checkpoint too"


def test_what_a_run_was_trained_on_is_found_again(tmp_path: Path) -> None:
    run = RunConfig(train_rows="worlds", train_size=6, curriculum=[[0, 1], [5, 4]])
    folder = RunFolder(tmp_path, writes=True)
    folder.write_config(asdict(run))
    assert rows_trained_on(folder) == load_train_rows(run).rows
