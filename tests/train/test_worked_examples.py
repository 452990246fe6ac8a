"""Groups that are all wrong are sampled again with a worked example, and learned from with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from datasets import Dataset

from rlcall.data.rows import Row, write_rows
from rlcall.tasks import phone, worlds
from rlcall.train.groups.worked_examples import EXAMPLE, WorkedExamples
from rlcall.verify import verify
from tests.support.ranks_dynamic_sampling import Checked, build
from tests.train.test_launch import command, read, run

ROWS = [*phone.generate(80, seed=2), *worlds.generate(80, seed=2)]
WIRE = "smollm2"


def names(row: Row) -> set[str]:
    return {call["name"] for call in (row.answer or {}).get("calls") or ()}


def test_an_example_is_right_and_its_calls_could_be_made_here() -> None:
    examples = WorkedExamples(ROWS, WIRE, seed=0)
    shown = {row.id: examples.shown(row) for row in ROWS}
    found = [row for row in ROWS if shown[row.id]]
    assert len(found) > 20
    for row in found:
        request, answer, own = shown[row.id].messages
        assert own == row.messages[0] and request != own
        assert (request["role"], answer["role"]) == ("user", "assistant")
        [example] = [other for other in ROWS if other.messages == [request]]
        assert verify(answer["content"], example.tools, example.answer, wire=WIRE).correct
        own_tools = [json.dumps(tool, sort_keys=True) for tool in row.tools]
        for tool in example.tools:
            if tool["function"]["name"] in names(example):
                assert json.dumps(tool, sort_keys=True) in own_tools
        assert example.task == row.task
        assert (shown[row.id].tools, shown[row.id].answer) == (row.tools, row.answer)


def test_who_has_none() -> None:
    calling = next(row for row in ROWS if names(row))
    examples = WorkedExamples([calling], WIRE, seed=0)
    assert examples.shown(calling) is None, "it is no example of itself"
    twice = WorkedExamples([calling, replace(calling, id="again")], WIRE, seed=0)
    assert twice.shown(calling) is None, "nor is the same request"
    every = WorkedExamples(ROWS, WIRE, seed=0)
    for row in ROWS:
        if not names(row):
            assert every.shown(row) is None, "what calls is no example of abstaining"
    granular = replace(calling, answer={"names": ["f"]})
    assert every.shown(granular) is None
    assert every.shown(replace(calling, tools=[{**calling.tools[0], "type": "other"}])) is None


def test_it_comes_after_the_system_message_and_is_always_the_same() -> None:
    row = next(row for row in ROWS if WorkedExamples(ROWS, WIRE, 0).shown(row))
    system = {"role": "system", "content": "Be brief."}
    asked = replace(row, messages=[system, *row.messages])
    shown = WorkedExamples(ROWS, WIRE, seed=0).shown(asked)
    assert shown == WorkedExamples(ROWS, WIRE, seed=0).shown(asked)
    roles = [message["role"] for message in shown.messages]
    assert roles == ["system", "user", "assistant", "user"] and shown.messages[0] == system


class Shown(Checked):
    """Right where the prompt has an example, one in two; otherwise always wrong."""


def _trainer(folder: Path, with_example: int, **settings: Any) -> Any:
    """Of 12 rows the first `with_example` have an example."""
    prompts = [f"Row {number}: {'call ' * (number % 5)}" for number in range(12)]
    columns = {"prompt": prompts, "kind": ["hard"] * 12, "place": list(range(12))}
    shown = [f"Example. {prompt}" for prompt in prompts[:with_example]]
    columns[EXAMPLE] = [*shown, *[""] * (12 - with_example)]
    trainer = build(Shown, str(folder), Dataset.from_dict(columns), **settings)
    outcomes: list[bool] = []

    def reward(prompts: list[str], **_: Any) -> list[float]:
        outcomes[:] = [
            prompt.startswith("Example") and index % 2 == 0 for index, prompt in enumerate(prompts)
        ]
        return [float(outcome) for outcome in outcomes]

    trainer.reward_funcs = [reward]
    trainer.sample_dynamically(outcomes=lambda: outcomes, worked_examples=True)
    return trainer


def test_trl_learns_with_the_prompt_that_was_sampled_with(tiny_folder: Path) -> None:
    trainer = _trainer(tiny_folder, with_example=12)
    trainer.train()
    prompts = [
        len(trainer.processing_class(row["prompt"])["input_ids"]) for row in trainer.train_dataset
    ]
    for compared in trainer.compared:
        assert compared["differing"] == []
        figures = compared["groups"]
        assert figures["groups/with_example"] == 1.0
        assert (figures["groups/all_wrong"], figures["groups/equal_left"]) == (1.0, 0.0)
    assert trainer._generated == 2 * len(trainer.selected) * len(trainer.compared)
    width = trainer._buffered_inputs[0]["prompt_ids"].shape[1]
    assert width > max(prompts), "the example is in the prompt of the loss"


def test_rows_without_an_example_stay_as_they_are(tiny_folder: Path) -> None:
    trainer = _trainer(tiny_folder, with_example=0)
    trainer.train()
    for compared in trainer.compared:
        assert compared["differing"] == []
        assert compared["groups"]["groups/with_example"] == 0.0
    assert trainer._generated == len(trainer.selected) * len(trainer.compared)


def test_some_of_each(tiny_folder: Path) -> None:
    trainer = _trainer(tiny_folder, with_example=6, max_steps=6)
    trainer.train()
    shares = [compared["groups"]["groups/with_example"] for compared in trainer.compared]
    for compared, share in zip(trainer.compared, shares, strict=True):
        assert compared["differing"] == []
        assert share == sum(place < 6 for place in compared["places"][::4]) / 2
    assert len(set(shares)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("config", ["cpu2", "zero3"])
def test_the_launcher_shows_them(tmp_path: Path, config: str) -> None:
    """The tiny model is wrong about all that calls, so examples are tried, and help nothing."""
    calling = [row for row in phone.generate(60, seed=4) if names(row)]
    write_rows(tmp_path / "rows.jsonl", calling)
    keys = ("--train_rows", str(tmp_path / "rows.jsonl"), "--train_size", "null")
    more = ("--worked_examples", "true", "--per_device_train_batch_size", "6")
    rest = ("--num_generations", "4", "--eval_rows", "null", "--output_dir", str(tmp_path / "run"))
    output = run(command("launch/grpo.py", *keys, *more, *rest, config=config))
    assert "worked examples: " in output
    lines = [line for line in read(tmp_path / "run" / "metrics.jsonl") if line["phase"] == "grpo"]
    for number, line in enumerate(lines, 1):
        assert line["groups/with_example"] == 0.0
        assert line["groups/generated"] > 12 * number
    assert len(set(read(tmp_path / "run" / "run.json")["weights"]["grpo"])) == 1
