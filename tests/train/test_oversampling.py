"""What oversampling keeps is what varies most, by trying all; and TRL learns from just that."""

from __future__ import annotations

import doctest
import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from random import Random
from statistics import pvariance
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from trl import GRPOTrainer

from rlcall.errors import ConfigError
from rlcall.train.config import parse
from rlcall.train.groups.dynamic_sampling import DynamicSampling
from rlcall.train.groups.oversampling import variance, widest_groups, widest_subset
from rlcall.train.groups.twin_pairs import TwinPairs
from rlcall.train.resume.generation_buffer import GenerationBuffer
from rlcall.train.resume.sealed_checkpoints import SealedCheckpoints
from tests.support.ranks_dynamic_sampling import build, rows_of, train
from tests.train.test_dynamic_sampling import SEVERAL, check
from tests.train.test_launch import command, read, run

ROOT = Path(__file__).resolve().parents[2]
NAN = float("nan")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("levels", [2, 3, 1000])
def test_no_other_subset_varies_more(seed: int, levels: int) -> None:
    rng = Random(f"{seed} {levels}")
    rewards = [rng.randrange(levels) / levels for _ in range(rng.randint(4, 10))]
    size = rng.randint(2, len(rewards))
    kept = widest_subset(rewards, size)
    assert len(set(kept)) == size and kept == sorted(kept)
    most = max(
        pvariance([rewards[index] for index in other])
        for other in combinations(range(len(rewards)), size)
    )
    assert pvariance([rewards[index] for index in kept]) == pytest.approx(most)


@pytest.mark.parametrize(
    ("rewards", "size", "kept"),
    [
        ([0.0, 1.0, 0.0, 0.9, 0.1, 0.0], 4, [0.0, 0.0, 0.9, 1.0]),
        ([0.0, 0.0, 0.0, 0.0, 1.0, 1.0], 3, [0.0, 0.0, 1.0]),
        ([1.0, 1.0, 1.0, 0.0, 1.0, 0.0], 3, [0.0, 1.0, 1.0]),
        ([0.5] * 6, 2, [0.5, 0.5]),
        ([0.0, NAN, 1.0, NAN], 2, [0.0, 1.0]),
    ],
    ids=["both ends", "mostly wrong", "mostly right", "all equal", "some without a reward"],
)
def test_by_hand(rewards: list[float], size: int, kept: list[float]) -> None:
    assert sorted(rewards[index] for index in widest_subset(rewards, size)) == kept


def test_rewards_that_are_not_known_come_last() -> None:
    assert widest_subset([NAN, 0.3, NAN, 0.4], 3) == [0, 1, 3]
    assert widest_subset([NAN, NAN, NAN, NAN], 2) == [0, 1]
    assert variance([NAN, 0.3]) == variance([NAN]) == 0.0
    assert variance([0.0, NAN, 1.0]) == 0.25


def test_the_widest_groups() -> None:
    assert widest_groups([0.02, 0.0, 0.2, 0.1], 2) == [2, 3]
    assert widest_groups([0.1, 0.1, 0.1], 2) == [0, 1], "the earlier of equals"


def test_a_twin_is_not_kept_without_its_row() -> None:
    variances = [0.0, 0.2, 0.1, 0.15]
    assert widest_groups(variances, 2, {1: 0}) == [0, 1]
    assert widest_groups(variances, 1, {1: 0}) == [3], "there is no room for both"
    assert widest_groups(variances, 3, {1: 0, 2: 3}) == [0, 1, 3]


CHOICES = [
    pytest.param({"oversample": 2}, id="completions"),
    pytest.param({"oversample_prompts": 3}, id="prompts"),
    pytest.param({"oversample": 2, "oversample_prompts": 2, "rounds": 2}, id="both-and-refilled"),
    pytest.param({"oversample": 3, "lora": 4, "beta": 0.04, **SEVERAL}, id="several"),
]


@pytest.mark.parametrize("settings", CHOICES)
def test_trl_learns_from_what_is_kept(settings: dict[str, Any], tiny_folder: Path) -> None:
    trainer = train(str(tiny_folder), **{"rounds": 0, **settings})
    for compared in trainer.compared:
        assert compared["differing"] == []
        figures = compared["groups"]
        assert figures["groups/std_kept"] >= figures["groups/std_drawn"]
    assert figures["groups/std_kept"] > 0
    factor = settings.get("oversample", 1) * settings.get("oversample_prompts", 1)
    least = len(trainer.compared) * len(trainer.selected) * factor
    assert trainer._generated >= least
    assert settings.get("rounds") or trainer._generated == least


def test_the_groups_that_are_kept_are_the_widest(tiny_folder: Path) -> None:
    """Easy and hard prompts earn the same throughout; of six groups two are kept."""
    trainer = train(str(tiny_folder), rounds=0, oversample_prompts=3, per_device_train_batch_size=8)
    for compared in trainer.compared:
        figures, places = compared["groups"], compared["places"]
        differing = round(6 * (1 - figures["groups/equal"]))
        assert figures["groups/equal_left"] == 1 - min(differing, 2) / 2
        assert len(set(places[:4])) == len(set(places[4:])) == 1 and places[0] != places[4]


class Resumable(SealedCheckpoints, GenerationBuffer, DynamicSampling, GRPOTrainer):
    """As a run has it, but for shared prompts."""


def _trained(folder: str, output: Path, resume: Path | None = None) -> Any:
    """Eleven steps, of which each generation serves four; a checkpoint is within one of them."""
    settings = {"max_steps": 11, "save_steps": 5, "save_strategy": "steps", "temperature": 1.0}
    rows = rows_of(("mixed", "easy"))
    trainer = build(Resumable, folder, rows, num_iterations=2, steps_per_generation=2, **settings)
    trainer.args.output_dir = str(output)
    twins = TwinPairs({1: 0, 3: 2, 5: 4, 9: 8}, seed=0)
    trainer.sample_dynamically(rounds=1, twins=twins, oversample=2, oversample_prompts=2)
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return trainer


def test_a_resumed_run_keeps_what_one_that_was_not_stopped_keeps(
    tiny_folder: Path, tmp_path: Path
) -> None:
    straight = _trained(str(tiny_folder), tmp_path / "straight")
    checkpoint = tmp_path / "straight" / "checkpoint-5"
    resumed = _trained(str(tiny_folder), tmp_path / "resumed", checkpoint)
    pairs = zip(straight.model.parameters(), resumed.model.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    for figure in ("groups/generated", "groups/std_kept", "reward"):
        logged = [
            [line[figure] for line in trainer.state.log_history if figure in line]
            for trainer in (straight, resumed)
        ]
        assert logged[0] == logged[1] and len(set(logged[0])) > 1


LAYOUTS = [
    pytest.param(
        config,
        {"per_device_train_batch_size": 6, "num_generations": size, **settings},
        id=f"{config}-{name}",
        marks=pytest.mark.slow,
    )
    for config in ("cpu2", "zero3")
    for name, size, settings in (
        ("group-over-ranks", 4, {"oversample": 2, "rounds": 2}),
        ("odd-groups", 3, {"oversample": 3, "oversample_prompts": 2, "rounds": 2}),
        ("twins", 4, {"oversample_prompts": 2, "twins": {"2": 1, "4": 1, "8": 7, "10": 20}}),
    )
]


@pytest.mark.parametrize(("config", "settings"), LAYOUTS)
def test_two_ranks_keep_alike(config: str, settings: dict[str, Any], tiny_folder: Path) -> None:
    launcher = ["accelerate.commands.launch", "--config_file", f"configs/accelerate/{config}.yaml"]
    line = [sys.executable, "-m", *launcher, "tests/support/ranks_dynamic_sampling.py"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    environment["OMP_NUM_THREADS"] = "1"
    done = subprocess.run(
        [*line, str(tiny_folder), json.dumps({"rounds": 0, **settings})],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(part) for part in done.stdout.splitlines() if part.startswith('{"engine')]
    assert sorted(rank["rank"] for rank in told) == [0, 1]
    assert told[0]["compared"] == told[1]["compared"]
    if "twins" not in settings:
        check(told[0]["compared"], settings["num_generations"])
    for compared in told[0]["compared"]:
        assert compared["differing"] == []
        kept = set(compared["places"])
        for twin, row in settings.get("twins", {}).items():
            assert int(twin) not in kept or row in kept


@pytest.mark.slow
@pytest.mark.parametrize("config", ["cpu2", "zero2"])
def test_the_launcher_oversamples(tmp_path: Path, config: str) -> None:
    folder = tmp_path / "run"
    keys = ("--oversample", "2", "--oversample_prompts", "2", "--no_call_twins", "1")
    more = ("--dynamic_sampling_rounds", "1", "--eval_rows", "null", "--output_dir", str(folder))
    run(command("launch/grpo.py", *keys, *more, config=config))
    lines = [line for line in read(folder / "metrics.jsonl") if line["phase"] == "grpo"]
    assert len(set(read(folder / "run.json")["weights"]["grpo"])) == 1
    assert lines[0]["groups/generated"] >= 4 * 32
    for line in lines:
        assert {"abstention", "relevance"} <= line.keys()


@pytest.mark.parametrize("key", ["oversample", "oversample_prompts"])
def test_none_is_no_oversampling(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key} should be greater than or equal to 1, not 0"):
        parse("grpo", [f"--{key}", "0"])


def test_the_examples_of_the_page_are_real() -> None:
    failed, tried = doctest.testfile(
        str(ROOT / "docs" / "oversampling.md"), module_relative=False, encoding="utf-8"
    )
    assert tried and not failed
