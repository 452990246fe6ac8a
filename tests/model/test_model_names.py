"""What MODEL may be: the same in every command, and a clear message where a folder has no model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from peft import LoraConfig, get_peft_model

from rlcall.cli import check, doctor, eval, pairs, passrate, tasks
from rlcall.data.rows import write_rows
from rlcall.model.load import load_model, load_tokenizer, resolve
from rlcall.model.location import ModelNotFoundError
from rlcall.runs.origin import taught_wire
from rlcall.tasks import phone
from rlcall.train.config import parse
from rlcall.train.opening import open_session

ROOT = Path(__file__).parents[2]
TOOLS = Path(__file__).parents[1] / "golden" / "own_tools.json"
NAMES = ["tiny", "runs/grpo", "runs/grpo/checkpoint-2", "runs/lora/checkpoint-2", "saved"]


@pytest.fixture(scope="module")
def adapter(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of the tiny model that changes what it says, saved without a tokenizer."""
    torch.manual_seed(0)
    settings = LoraConfig(target_modules="all-linear", init_lora_weights=False)
    folder = tmp_path_factory.mktemp("adapter") / "adapter"
    get_peft_model(load_model(str(tiny_folder)), settings).save_pretrained(folder)
    return folder


@pytest.fixture
def here(tiny_folder: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a run, one of LoRA, a saved model and rows; an empty cache."""
    for folder in ("saved", "runs/grpo/model", "runs/grpo/checkpoint-2"):
        shutil.copytree(tiny_folder, tmp_path / folder)
    shutil.copytree(adapter, tmp_path / "runs/lora/checkpoint-2")
    for name, record in (
        ("grpo", {"wire": "hermes", "finished": "today"}),
        ("lora", {"wire": "hermes"}),
    ):
        (tmp_path / "runs" / name / "run.json").write_text(json.dumps(record))
    write_rows(tmp_path / "rows.jsonl", list(phone.generate(2, seed=0)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RLCALL_CACHE", str(tmp_path / "cache"))
    return tmp_path


COMMANDS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "check": (check.main, "rows.jsonl --model MODEL --max_length 4000"),
    "eval": (eval.main, "MODEL rows.jsonl --max-new-tokens 2"),
    "passrate": (
        passrate.main,
        "MODEL rows.jsonl --samples 2 --max-new-tokens 2 --low 0 --out kept.jsonl",
    ),
    "tasks": (tasks.main, f"--tools {TOOLS} --n 1 --teacher MODEL --out worded.jsonl"),
    "doctor": (
        doctor.main,
        f"--config {ROOT}/configs/smoke/sft.yaml --model MODEL --output_dir runs/new --no-steps",
    ),
}


def call(command: str, model: str) -> int:
    main, line = COMMANDS[command]
    return main([model if word == "MODEL" else word for word in line.split()])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_every_kind_of_model(
    here: Path, command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = call(command, name)
    output = "".join(capsys.readouterr())
    assert status == 0, output
    assert "not found" not in output
    assert "error" not in output.replace("0 errors", "")


@pytest.mark.parametrize("name", NAMES)
def test_pairs_takes_every_kind_of_model(
    here: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A random model writes no right completion, so that there is no pair: but it has written."""
    argv = ["rows.jsonl", "--model", name, "--samples", "2", "--max-new-tokens", "2"]
    assert pairs.main([*argv, "--out", "pairs.jsonl"]) == 2
    assert "completions: 4;" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_training_takes_every_kind_of_model(here: Path, name: str) -> None:
    threads = torch.get_num_threads()
    config = ["--config", str(ROOT / "configs/smoke/sft.yaml"), "--output_dir", "runs/new"]
    session = open_session(parse("sft", [*config, "--model", name]))
    torch.set_num_threads(threads)
    assert load_model(session.base).num_parameters() == load_model(name).num_parameters()
    assert session.wire == (taught_wire(name) or "smollm2")


def test_an_adapter_is_merged_into_its_base(tiny_folder: Path, adapter: Path) -> None:
    base, merged = load_model(str(tiny_folder)), load_model(str(adapter))
    names = {name for name, _ in base.named_parameters()}
    assert {name for name, _ in merged.named_parameters()} == names
    assert not torch.equal(
        merged.model.layers[0].mlp.up_proj.weight, base.model.layers[0].mlp.up_proj.weight
    )
    assert all(parameter.requires_grad for parameter in merged.parameters())
    assert merged.name_or_path == str(adapter)
    assert (
        load_tokenizer(str(adapter)).chat_template == load_tokenizer(str(tiny_folder)).chat_template
    )


def test_tiny_is_built_once_into_the_cache(here: Path) -> None:
    folder = Path(resolve("tiny").path)
    assert folder.parent == here / "cache"
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert resolve("tiny").path == str(folder)
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_a_folder_called_tiny_comes_first(here: Path) -> None:
    shutil.copytree(here / "saved", here / "tiny")
    assert resolve("tiny").path == "tiny"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            ["runs/grpo/model", "finished"],
            "this run has not finished, so it has no model yet. Give runs/grpo/checkpoint-10 (there are also "
            "runs/grpo/checkpoint-2), or go on with the command in its run.json and --resume.",
        ),
        (
            ["runs/grpo/model", "finished", "runs/grpo/checkpoint-10", "runs/grpo/checkpoint-2"],
            "this run has not finished, so it has no model yet. Go on with the command in its run.json and --resume.",
        ),
        (
            ["runs/grpo/model"],
            "this run finished on today, but its folder model/ is not there any more. Give "
            "runs/grpo/checkpoint-10 (there are also runs/grpo/checkpoint-2).",
        ),
        (
            ["runs/grpo/model", "runs/grpo/run.json"],
            "this folder has no config.json, but checkpoints. Give runs/grpo/checkpoint-10 (there are also "
            "runs/grpo/checkpoint-2).",
        ),
    ],
)
def test_a_folder_without_a_model_names_what_it_has(
    here: Path, changes: list[str], said: str, capsys: Any
) -> None:
    shutil.copytree(here / "saved", here / "runs/grpo/checkpoint-10")
    for change in changes:
        if change == "finished":
            (here / "runs/grpo/run.json").write_text('{"wire": "hermes"}')
        elif (here / change).is_dir():
            shutil.rmtree(here / change)
        else:
            (here / change).unlink()
    with pytest.raises(ModelNotFoundError) as caught:
        resolve("runs/grpo")
    assert str(caught.value) == f"model 'runs/grpo': {said}"
    for command in ("check", "eval", "passrate", "tasks"):
        assert call(command, "runs/grpo") == 2
        assert said in capsys.readouterr().err


def test_the_base_of_an_adapter_that_is_not_there_is_named(here: Path) -> None:
    config = here / "runs/lora/checkpoint-2/adapter_config.json"
    values = json.loads(config.read_text())
    config.write_text(json.dumps({**values, "base_model_name_or_path": "./gone"}))
    with pytest.raises(ModelNotFoundError, match=r"'\./gone' was not found"):
        load_model("runs/lora/checkpoint-2")
