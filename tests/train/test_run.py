"""The parts of a run that need no launcher: token ids, batches, the run's folder, checkpoints,
where rows come from."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlcall.data.rows import Row, RowError, write_rows
from rlcall.errors import ConfigError
from rlcall.runs.folder import RunFolder, step_of
from rlcall.sources import load_rows
from rlcall.tasks import phone
from rlcall.train.config import Config
from rlcall.train.resume.checkpoints import is_last, newest_checkpoint
from rlcall.train.resume.manifest import describe, write_manifest
from rlcall.train.settings import RunConfig
from rlcall.train.start import Start, changes_since, check_folder
from rlcall.train.warm_start import split_batch, warm_start_keys
from rlcall.train.watch.display import Display

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.model.prompts import render_completion, render_prompt
from rlcall.model.runtime import weights_hash
from rlcall.train.arguments import trainer_args
from rlcall.train.launcher import LaunchRequest, command_for
from rlcall.train.main import _tell_of_full_disk, main
from rlcall.train.methods import grpo, sft


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(phone.generate(12, seed=5))


def test_sft_trains_on_the_ids_that_grpo_and_evaluation_see(
    rows: list[Row], tiny_folder: Path, tiny_tokenizer: Any, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    prompts = grpo.columns(rows, tiny_tokenizer, "smollm2")["prompt"]
    expected = []
    for row, prompt in zip(rows, prompts, strict=True):
        assert prompt == render_prompt(row, tiny_tokenizer, "smollm2")
        completion = render_completion(row, tiny_tokenizer, "smollm2")
        before = tiny_tokenizer(text=[prompt])["input_ids"][0]  # as TRL's GRPO tokenises it
        after = tiny_tokenizer(completion, add_special_tokens=False)["input_ids"]
        expected.append((before + after, [-100] * len(before) + after))
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(tiny_folder),
        args=trainer_args(SFTConfig, {"shuffle_dataset": False, "bf16": False}, tmp_path),
        train_dataset=sft.columns(rows, tiny_tokenizer, "smollm2"),
        processing_class=tiny_tokenizer,
    )
    assert [(one["input_ids"], one["labels"]) for one in trainer.train_dataset] == expected


def test_a_long_row_keeps_its_end(
    tiny_folder: Path, tiny_tokenizer: Any, tmp_path: Path, rows: list[Row]
) -> None:
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    long = Row([{"role": "user", "content": "please " * 3000}], rows[0].tools, {"calls": []})
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(tiny_folder),
        args=trainer_args(SFTConfig, {"bf16": False}, tmp_path),
        train_dataset=sft.columns([long], tiny_tokenizer, "smollm2"),
        processing_class=tiny_tokenizer,
    )
    ids = trainer.train_dataset[0]["input_ids"]
    assert len(ids) > 2000 and ids[-1] == tiny_tokenizer.convert_tokens_to_ids("<|im_end|>")


def test_rows_without_right_calls_are_left_out_of_sft(rows: list[Row], tiny_tokenizer: Any) -> None:
    vague = [
        Row(row.messages, row.tools, answer)
        for row, answer in zip(rows, [None, {"calls": "any"}], strict=False)
    ]
    assert len(sft.columns([*rows, *vague], tiny_tokenizer, "smollm2")) == len(rows)
    with pytest.raises(RowError, match="no row lists the right calls"):
        sft.columns(vague, tiny_tokenizer, "smollm2")


@pytest.mark.parametrize(
    ("rows_per_step", "ranks", "most", "expected"),
    [
        (8, 1, 8, (8, 1)),
        (8, 2, 8, (4, 1)),
        (8, 1, 3, (2, 4)),
        (12, 2, 4, (3, 2)),
        (7, 1, 4, (1, 7)),
        (8, 8, 24, (1, 1)),
    ],
)
def test_the_warm_starts_batch_is_split_exactly(
    rows_per_step: int, ranks: int, most: int, expected: tuple[int, int]
) -> None:
    micro, passes = split_batch(rows_per_step, ranks, most)
    assert (micro, passes) == expected and micro * passes * ranks == rows_per_step


def test_a_batch_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ConfigError, match="8, but must divide by the 3 ranks"):
        split_batch(8, 3, 8)


def test_the_warm_start_takes_over_what_any_trainer_has() -> None:
    keys = {
        "per_device_train_batch_size": 6,
        "loss_type": "dapo",
        "seed": 3,
        "num_generations": 6,
        "max_steps": 99,
    }
    run = RunConfig(warm_start_steps=4, warm_start_batch_size=8, warm_start_learning_rate=2e-4)
    expected = {"seed": 3, "max_steps": 4, "learning_rate": 2e-4, "lr_scheduler_type": "linear"}
    batch = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
    assert warm_start_keys(Config("grpo", run, keys), ranks=1) == {**expected, **batch}


def checkpoint(folder: Path, step: int, last: int = 10, whole: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "trainer_state.json").write_text(json.dumps({"global_step": step, "max_steps": last}))
    if whole:
        write_manifest(path, describe(path, 0, 1))
    return path


def test_the_newest_whole_checkpoint(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None
    checkpoint(tmp_path, 9)
    ten = checkpoint(tmp_path, 10)
    checkpoint(tmp_path, 11, whole=False)
    checkpoint(tmp_path / ".partial", 12)
    (tmp_path / "checkpoint-best").mkdir()
    found = newest_checkpoint(tmp_path)
    assert found == ten and step_of(found) == 10
    assert is_last(ten, -1) and not is_last(tmp_path / "checkpoint-9", -1)
    assert not is_last(ten, 12) and is_last(tmp_path / "checkpoint-9", 9), (
        "what is asked for now counts"
    )


def config(folder: Path, **keys: Any) -> Config:
    return Config("grpo", RunConfig(), {"output_dir": str(folder), "max_steps": 3, **keys})


def begin(config: Config) -> RunFolder:
    folder = RunFolder(config.output_dir, writes=True)
    assert changes_since(folder, config) == []
    Start(folder, config, {}).write()
    return folder


def test_a_run_starts_anew_in_an_empty_folder_and_is_never_mixed_with_another(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run"
    check_folder(path, resume=False)
    folder = begin(config(path))
    assert folder.metadata()["versions"]["trl"]
    with pytest.raises(
        ConfigError, match="holds an unfinished run; add --resume to go on from its beginning"
    ):
        check_folder(path, resume=False)
    checkpoint(path, 2)
    with pytest.raises(ConfigError, match="to go on from checkpoint-2"):
        check_folder(path, resume=False)
    check_folder(path, resume=True)
    folder.update_metadata(finished="today")
    with pytest.raises(ConfigError, match="finished on today"):
        check_folder(path, resume=False)


def test_what_a_resumed_run_changes_is_said(tmp_path: Path) -> None:
    folder = begin(config(tmp_path))
    changes = changes_since(folder, config(tmp_path, max_steps=5, seed=2))
    assert changes == ["max_steps: 3 -> 5", "seed: None -> 2"]
    watched = replace(config(tmp_path), run=RunConfig(show_steps=0, resume=True, cpu_threads=1))
    assert changes_since(folder, watched) == []


def test_the_resolved_config_repeats_the_run(tmp_path: Path) -> None:
    from rlcall.train.config import parse

    first = parse(
        "grpo", ["--rewards", "{name: 1.0}", "--output_dir", str(tmp_path / "run"), "--resume"]
    )
    begin(first)
    again = parse("grpo", ["--config", str(tmp_path / "run" / "config.yaml")])
    assert {**first.values(), "resume": False} == again.values()


def test_where_rows_come_from(tmp_path: Path, rows: list[Row]) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, rows)
    assert load_rows(str(path), None, 0, "train", {})[0] == rows
    assert load_rows(str(path), 3, 0, "train", {})[0] == rows[:3]
    made, _ = load_rows("phone", 5, 7, "test", {"phrasings": 1})
    assert made == list(phone.generate(5, 7, "test", phrasings=1))
    assert load_rows("phone:validation", 5, 7, "test", {})[0] == list(
        phone.generate(5, 7, "validation")
    )
    assert made[0].last_request == made[0].messages[-1]["content"]


@pytest.mark.parametrize(
    ("source", "size", "options", "message"),
    [
        ("phone:valid", 5, {}, "train, validation, test"),
        ("phone", None, {}, "say how many"),
        ("phone", 5, {"phrasing": 2}, "phone has no 'phrasing'"),
        ("phone", 5, {"phrasings": 0}, "rows_options: phrasings"),
    ],
)
def test_a_generator_asked_for_what_it_does_not_make(
    source: str, size: int | None, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_rows(source, size, 0, "train", options)


def test_the_digest_of_the_weights_sees_one_changed_bit(tiny_folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    before = weights_hash(model)
    assert before == weights_hash(AutoModelForCausalLM.from_pretrained(tiny_folder))
    with torch.no_grad():
        weight = model.model.norm.weight
        weight[0] = torch.nextafter(weight[0], torch.tensor(2.0))
    assert before != weights_hash(model)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (LaunchRequest(2, 3, ""), "2 ranks with ZeRO-3"),
        (LaunchRequest(1, 0, ""), "1 rank with no DeepSpeed"),
        (LaunchRequest(None, 2, ""), "any number of ranks with ZeRO-2"),
        (LaunchRequest(4, None, ""), "4 ranks with any ZeRO stage"),
    ],
)
def test_what_is_asked_for_in_words(asked: LaunchRequest, text: str) -> None:
    assert str(asked) == text


def test_what_a_model_writes_does_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sample = {
        "request": "a",
        "completion": "\x1b[2J\x07[bold]x",
        "correct": False,
        "reward": None,
        "errors": [],
    }
    Display(speaks=True).sample(sample)
    printed = capsys.readouterr().out
    assert (
        "\x1b" not in printed
        and "\x07" not in printed
        and "[bold]x" in printed
        and "no reward" in printed
    )
    Display(speaks=False).sample(sample)
    assert capsys.readouterr().out == ""


def test_a_rank_watches_its_launcher_before_it_imports_what_takes_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = []

    def parse(*_: Any) -> None:
        order.append("parse")
        raise ConfigError("enough")

    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("rlcall.train.launcher.end_with_launcher", lambda: order.append("watch"))
    monkeypatch.setattr("rlcall.train.main.parse", parse)
    assert main("grpo", []) == 2 and order == ["watch", "parse"]


@pytest.mark.parametrize("script", ["launch/grpo.py", "rlcall"])
def test_the_command_in_a_message_keeps_an_argument_that_is_called_as_the_method(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    word = ["grpo"] * (script == "rlcall")
    monkeypatch.setattr(sys, "argv", [script, *word, "--output_dir", "grpo"])
    shown = script if not word else "-m rlcall grpo"
    assert command_for("grpo", 1, 0).endswith(f"--num_processes 1 {shown} --output_dir grpo")


def test_what_is_half_written_makes_way_where_the_disk_is_full(tmp_path: Path) -> None:
    names = ("best/.part", "best/step-2", ".trained", "warm_start/.model.part", "checkpoint-2")
    for name in names:
        (tmp_path / name).mkdir(parents=True)
    _tell_of_full_disk(config(tmp_path), OSError(28, "No space left on device"))
    assert [name for name in names if (tmp_path / name).exists()] == ["best/step-2", "checkpoint-2"]
