"""Groups of equal rewards are replaced, what is kept is what TRL makes of it, and a hair's
difference stays a hair."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from trl import GRPOTrainer

from rlcall.data.rows import Row
from rlcall.reward import load_reward, reward_function
from rlcall.train.faster.shared_prefix import SharedPrefixTrainer
from rlcall.train.groups.dynamic_sampling import DynamicSampling
from rlcall.train.groups.groups import fresh_rows, have_equal_rewards, std_factor
from rlcall.train.methods.grpo import Samples, columns
from rlcall.train.watch.failures import Failures
from tests.support.ranks_dynamic_sampling import Checked, Drawn, build, rows_of, train
from tests.train.test_launch import command, read, run

ROOT = Path(__file__).resolve().parents[2]
NAN = float("nan")
ONE = torch.tensor([1.0])
INTERNALS = {
    "_generate_and_score_completions": ["self", "inputs"],
    "_calculate_rewards": ["self", "inputs", "prompts", "completions", "completion_ids_list"],
    "_tokenize_prompts": ["self", "prompts"],
    "_generate_single_turn": [
        "self",
        "prompt_ids",
        "images",
        "multimodal_fields",
        "num_generations",
        "has_tool_images",
    ],
}


class OursDrawn(DynamicSampling, Drawn):
    """Ours over random completions."""


@pytest.mark.parametrize("name", INTERNALS)
def test_trl_still_has_what_this_rests_on(name: str) -> None:
    function = inspect.unwrap(getattr(GRPOTrainer, name))
    told = f"TRL's {name} has changed: read it, and see whether rlcall/train/groups/dynamic_sampling.py still holds"
    assert list(inspect.signature(function).parameters) == INTERNALS[name], told


@pytest.mark.parametrize(
    ("rewards", "equal"),
    [
        ([0.3, 0.3, 0.3], True),
        ([0.3, 0.3, 0.3 + 1e-6], False),
        ([NAN, NAN], True),
        ([NAN, 0.5], True),
        ([NAN, 0.5, 0.5], True),
        ([NAN, 0.5, 0.0], False),
    ],
)
def test_equality_is_of_all_known_rewards(rewards: list[float], equal: bool) -> None:
    assert have_equal_rewards([[value] for value in rewards], ONE) is equal


def test_equality_is_of_the_weighted_sum() -> None:
    weights = torch.tensor([1.0, 2.0])
    assert have_equal_rewards([[1.0, 0.0], [0.0, 0.5], [1.0, NAN]], weights)
    assert not have_equal_rewards([[1.0, 0.0], [0.0, 1.0]], weights)


def test_fresh_prompts_come_before_those_that_were_there() -> None:
    drawn = fresh_rows(range(10), present={0, 1, 2}, tried={0, 1, 2, 3, 4}, count=12, rng=Random(1))
    assert (
        set(drawn[:5]) == {5, 6, 7, 8, 9}
        and set(drawn[5:7]) == {3, 4}
        and set(drawn[7:10]) == {0, 1, 2}
    )
    assert drawn[10:] == drawn[:2], "there are no more than ten"
    assert drawn == fresh_rows(range(10), {0, 1, 2}, {0, 1, 2, 3, 4}, 12, Random(1))
    assert drawn != fresh_rows(range(10), {0, 1, 2}, {0, 1, 2, 3, 4}, 12, Random(2))


def test_a_tie_breaker_gets_no_whole_advantage() -> None:
    """By hand: rewards 0.5, 0.5, 0.5, 0.501 have the mean 0.50025 and the standard deviation
    0.0005."""
    rewards = torch.tensor([0.5, 0.5, 0.5, 0.501, 1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    factor = std_factor(rewards, 4, "group", 0.05)
    by_trl = torch.tensor([-0.00025, -0.00025, -0.00025, 0.00075], dtype=torch.float64) / (
        0.0005 + 1e-4
    )
    assert by_trl[3] == pytest.approx(1.25)
    assert (by_trl * factor[:4]).tolist() == pytest.approx(
        [-0.00499, -0.00499, -0.00499, 0.01497], abs=1e-5
    )
    assert factor[4:].tolist() == [1.0] * 4, "a group that differs by more is TRL's, to the bit"


def test_the_floor_of_a_batch() -> None:
    """By hand: 0, 0, 0, 0.004 have the standard deviation 0.002."""
    rewards = torch.tensor([0.0, 0.0, 0.0, 0.004], dtype=torch.float64)
    assert std_factor(rewards, 2, "batch", 0.05).tolist() == pytest.approx([0.0021 / 0.0501] * 4)
    assert std_factor(torch.tensor([0.0, 1.0]), 2, "batch", 0.05).tolist() == [1.0, 1.0]
    assert std_factor(rewards, 2, "none", 0.05).tolist() == [1.0] * 4
    assert std_factor(torch.tensor([NAN, NAN, 0.1, NAN]), 2, "group", 0.05).tolist() == [1.0] * 4


def check(compared: list[dict[str, Any]], size: int) -> None:
    for one in compared:
        assert one["differing"] == []
        groups = [
            one["places"][start : start + size] for start in range(0, len(one["places"]), size)
        ]
        assert all(len(set(group)) == 1 for group in groups), "a group is of one prompt"
        assert len({group[0] for group in groups}) == len(groups), (
            "no prompt twice while there are others"
        )
    assert any(one["groups"]["groups/refilled"] for one in compared)


SEVERAL = {"num_iterations": 2, "steps_per_generation": 2, "max_steps": 5}  # old log-probabilities
CHOICES = [
    pytest.param({"scale_rewards": "group"}, id="group"),
    pytest.param(
        {"scale_rewards": "batch", "beta": 0.04, "lora": 4, **SEVERAL},
        id="batch-lora-reference-several",
    ),
    pytest.param(
        {"gradient_accumulation_steps": 2, "mask_truncated_completions": True}, id="accumulation"
    ),
]


@pytest.mark.parametrize("settings", CHOICES)
def test_what_is_kept_is_what_trl_makes_of_it(settings: dict[str, Any], tiny_folder: Path) -> None:
    trainer = train(str(tiny_folder), rounds=2, **settings)
    check(trainer.compared, trainer.num_generations)
    generations = -(-trainer._step // (trainer.args.steps_per_generation * trainer.num_iterations))
    assert len(trainer.compared) == generations < trainer.calls
    assert trainer.compared[-1]["groups"]["groups/generated"] == trainer._generated


def test_without_rounds_it_is_trl(tiny_folder: Path) -> None:
    """With TRL's own generation: the same draws, the same weights to the bit, the same log and
    the shares next to it."""

    class Ours(DynamicSampling, GRPOTrainer):
        pass

    settings = {"temperature": 1.0, "scale_rewards": "group", "num_iterations": 2}
    made = []
    for cls in (Ours, GRPOTrainer):
        made.append(build(cls, str(tiny_folder), **settings))  # which sets the seed
        made[-1].train()
    ours, stock = made
    pairs = zip(ours.model.parameters(), stock.model.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    assert any(line.get("grad_norm") for line in stock.state.log_history)
    for mine, theirs in zip(ours.state.log_history, stock.state.log_history, strict=True):
        timed = {
            key
            for key in mine
            if key.startswith(("groups/", "train_")) or key in ("step_time", "total_flos")
        }
        assert {key: mine[key] for key in mine.keys() - timed} == {
            key: theirs[key] for key in theirs.keys() - timed
        }
    assert {"groups/all_right", "groups/all_wrong", "groups/equal", "groups/generated"} <= set(
        ours.state.log_history[0]
    )


@pytest.mark.parametrize("kind", ["hard", "unknown"])
def test_what_stays_equal_is_kept_and_counted(kind: str, tiny_folder: Path) -> None:
    trainer = build(Checked, str(tiny_folder), rows_of((kind,)))
    trainer.sample_dynamically(rounds=2, std_floor=0.05)
    begin = [parameter.clone() for parameter in trainer.model.parameters()]
    trainer.train()
    assert all(
        torch.equal(one, other)
        for one, other in zip(begin, trainer.model.parameters(), strict=True)
    )
    for number, one in enumerate(trainer.compared, 1):
        assert one["differing"] == []
        groups = one["groups"]
        assert (groups["groups/equal"], groups["groups/refilled"], groups["groups/equal_left"]) == (
            1.0,
            0.0,
            1.0,
        )
        assert (groups["groups/rounds"], groups["groups/generated"]) == (2.0, number * 8 * 3)


def test_the_shares_are_of_the_prompts_as_they_came(tiny_folder: Path) -> None:
    """Groups all right, all wrong and mixed: those of one kind are replaced until all are mixed;
    the shares stay."""
    rows = rows_of(("easy", "hard", "mixed"), 12)
    trainer = build(
        Checked,
        str(tiny_folder),
        rows,
        per_device_train_batch_size=24,
        max_steps=2,
        shuffle_dataset=False,
    )
    outcomes: list[bool] = []

    def told(kind: list[str], **_: Any) -> list[float]:
        outcomes[:] = [
            k == "easy" or (k == "mixed" and bool(place % 2)) for place, k in enumerate(kind)
        ]
        return [float(one) for one in outcomes]

    trainer.reward_funcs = [told]
    trainer.sample_dynamically(rounds=5, outcomes=lambda: outcomes)
    trainer.train()
    for one in trainer.compared:
        groups = {name.removeprefix("groups/"): value for name, value in one["groups"].items()}
        assert (groups["all_right"], groups["all_wrong"], groups["equal"]) == (2 / 6, 2 / 6, 4 / 6)
        kinds = Counter(rows[place]["kind"] for place in one["places"][::4])
        assert kinds["mixed"] == 4, (
            "there are no more than four, and the fourth round has tried all twelve"
        )
        assert (groups["refilled"], groups["equal_left"]) == (2 / 6, 2 / 6)


def test_the_figures_of_rules_are_of_the_prompts_as_they_came(tiny_folder: Path) -> None:
    trainer = build(OursDrawn, str(tiny_folder), rows_of(("easy", "mixed"), 8), max_steps=2)

    def told(completion_ids: Any, kind: list[str], log_metric: Any, **_: Any) -> list[float]:
        for one in kind:
            log_metric("easy", float(one == "easy"))
        return [
            1.0 if k == "easy" else sum(ids) % 5 / 4
            for ids, k in zip(completion_ids, kind, strict=True)
        ]

    trainer.reward_funcs = [told]
    trainer.sample_dynamically(rounds=3)
    trainer.train()
    lines = [line for line in trainer.state.log_history if "easy" in line]
    assert len(lines) == 2 and any(line["groups/refilled"] for line in lines)
    assert all(line["easy"] == line["groups/equal"] for line in lines), (
        "easy prompts are those of equal rewards"
    )


def test_the_floor_is_applied_after_trl(tiny_folder: Path) -> None:
    """The hair's difference worked out by hand above, and a group that differs by more."""
    outputs = {}
    for floor in (0.0, 0.05):
        trainer = build(OursDrawn, str(tiny_folder), scale_rewards="group")
        trainer.reward_funcs = [lambda **_: [0.5, 0.5, 0.5, 0.501, 0.0, 0.0, 0.0, 1.0]]
        trainer.sample_dynamically(std_floor=floor)
        trainer.model.train()
        rows = [trainer.train_dataset[place] for place in (0, 0, 0, 0, 1, 1, 1, 1)]
        outputs[floor] = trainer._generate_and_score_completions(rows)["advantages"]
    assert outputs[0.0][3] == pytest.approx(1.25, rel=1e-3) and outputs[0.05][3] == pytest.approx(
        0.01497, rel=1e-3
    )
    assert outputs[0.05][0] == pytest.approx(-0.00499, rel=1e-3)
    assert torch.equal(outputs[0.0][4:], outputs[0.05][4:]) and outputs[0.05][7] > 1


def test_equal_prompts_stay_together_for_shared_prompts(tiny_folder: Path) -> None:
    class Full(DynamicSampling, SharedPrefixTrainer, Drawn):
        pass

    trainer = build(Full, str(tiny_folder), steps_per_generation=2, gradient_accumulation_steps=2)
    trainer.share_prompts()
    trainer.sample_dynamically(rounds=2)
    trainer.train()
    assert trainer.state.log_history[0]["groups/refilled"] > 0
    for batch in trainer._buffered_inputs:
        prompts = [tuple(row) for row in batch["prompt_ids"].tolist()]
        changes = sum(one != other for one, other in pairwise(prompts))
        assert changes == len(set(prompts)) - 1 and set(Counter(prompts).values()) == {4}


def test_rows_of_one_prompt_keep_their_own_answers(
    tiny_folder: Path, tiny_tokenizer: Any, tmp_path: Path
) -> None:
    calls = {who: [{"name": "call", "arguments": {"who": who}}] for who in ("Anna", "Bo")}
    tool = {"type": "function", "function": {"name": "call", "parameters": {"type": "object"}}}
    rows = [
        Row([{"role": "user", "content": "Ring."}], [tool], {"calls": one}, id=who)
        for who, one in calls.items()
    ]
    said = tiny_tokenizer(f"<tool_call>{json.dumps(calls['Anna'])}</tool_call>")["input_ids"]

    class AlwaysAnna(DynamicSampling, GRPOTrainer):
        def _generate_single_turn(self, prompt_ids: Any, *_: Any, **__: Any) -> Any:
            return (
                [one.ids for one in self._rank_slice(self._selected)]
                if self._selected
                else [said for _ in prompt_ids]
            ), None

    strict = load_reward("strict")
    samples = Samples(rows, Failures(tmp_path / "failures.jsonl", 0, strict, rows))
    dataset = columns(rows, tiny_tokenizer, "smollm2")
    assert dataset["prompt"][0] == dataset["prompt"][1]
    trainer = build(AlwaysAnna, str(tiny_folder), dataset, max_steps=1)
    trainer.reward_funcs = [
        reward_function(strict, tiny_tokenizer, "smollm2", observe=samples.observe)
    ]
    trainer.sample_dynamically(outcomes=lambda: samples.outcomes)
    trainer.train()
    assert Counter((one["id"], one["reward"]) for one in samples.take()) == {
        ("Anna", 1.0): 4,
        ("Bo", 0.0): 4,
    }
    shares = trainer.state.log_history[0]
    assert shares["groups/all_right"] == shares["groups/all_wrong"] == 0.5


def test_what_a_checkpoint_keeps(tiny_folder: Path) -> None:
    trainer = train(str(tiny_folder), rounds=1)
    state = json.loads(json.dumps(trainer.own_state()))
    other = build(Checked, str(tiny_folder))
    other.restore_own_state(state)
    assert other._generated == trainer._generated > 0


LAYOUTS = [
    pytest.param(
        "cpu2", {"per_device_train_batch_size": 6}, id="group-over-ranks", marks=pytest.mark.slow
    ),
    *(
        pytest.param(config, settings, id=f"{config}-{name}", marks=pytest.mark.slow)
        for config in ("cpu2", "zero3")
        for name, settings in {
            "group-over-ranks": {"per_device_train_batch_size": 6},
            "odd-groups": {
                "per_device_train_batch_size": 6,
                "num_generations": 3,
                "scale_rewards": "batch",
            },
            "several": {**SEVERAL, "lora": 4, "beta": 0.04},
            "curriculum": {"curriculum": "pass_rate", "max_steps": 6},
        }.items()
        if (config, name) != ("cpu2", "group-over-ranks")
    ),
]


@pytest.mark.parametrize(("config", "settings"), LAYOUTS)
def test_two_ranks_refill_alike(config: str, settings: dict[str, Any], tiny_folder: Path) -> None:
    launch = [
        "-m",
        "accelerate.commands.launch",
        "--config_file",
        f"configs/accelerate/{config}.yaml",
    ]
    if config == "cpu2":
        launch = [
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc_per_node",
            "2",
        ]  # starts sooner
    argument = json.dumps({"rounds": 2, **settings})
    line = [
        sys.executable,
        *launch,
        "tests/support/ranks_dynamic_sampling.py",
        str(tiny_folder),
        argument,
    ]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(part) for part in done.stdout.splitlines() if part.startswith('{"engine')]
    one, other = sorted(told, key=lambda found: found["rank"])
    assert one["engine"] == ("DeepSpeedEngine" if config == "zero3" else "DistributedDataParallel")
    check(one["compared"], settings.get("num_generations", 4))
    check(other["compared"], settings.get("num_generations", 4))
    for mine, theirs in zip(one["compared"], other["compared"], strict=True):
        assert mine["places"] == theirs["places"] and mine["groups"] == theirs["groups"]
    if "curriculum" in settings:
        levels = [found["groups"]["curriculum/level"] for found in one["compared"]]
        assert levels == [1, 1, 1, 1, 2, 2], "64 completions are four generations of both ranks"


@pytest.mark.slow
@pytest.mark.parametrize("config", ["zero2", "zero3"])
def test_the_launcher_refills_under_a_curriculum(tmp_path: Path, config: str) -> None:
    """`accelerate launch launch/grpo.py` on two ranks, as a user has it."""
    folder = tmp_path / "run"
    keys = (
        "--train_rows",
        "worlds",
        "--train_size",
        "32",
        "--curriculum",
        "[[0, 1], [1, 3]]",
        "--eval_rows",
        "null",
    )
    more = ("--dynamic_sampling_rounds", "2", "--rewards", "strict", "--output_dir", str(folder))
    run(command("launch/grpo.py", *keys, *more, config=config))
    lines = [line for line in read(folder / "metrics.jsonl") if line["phase"] == "grpo"]
    assert [line["curriculum/level"] for line in lines] == [1, 3]
    for line in lines:
        assert line["groups/rounds"] == 2 and line["groups/equal"] >= line["groups/equal_left"] > 0
        assert line["groups/all_right"] + line["groups/all_wrong"] == line["groups/equal"], (
            "strict rewards are outcomes"
        )
    assert (
        lines[0]["groups/generated"] >= 32 + 2 * 4
        and len(set(read(folder / "run.json")["weights"]["grpo"])) == 1
    )
    levels = {sample["id"].partition("-")[0] for sample in read(folder / "samples.jsonl")}
    assert levels == {"level1", "level3"}
