"""Going on after a stop: the same weights to the bit and the same log."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcall.data.rows import write_rows
from rlcall.tasks import phone

pytest.importorskip("trl", reason="the training extra is not installed")

import torch

from rlcall.runs.folder import step_of
from rlcall.train.main import main
from rlcall.train.resume.checkpoints import newest_checkpoint
from rlcall.train.resume.manifest import describe, write_manifest
from tests.support.faults import (
    SMALL_DISKS,
    Marked,
    amid_a_save,
    lines_of,
    on_a_small_disk,
    weights,
)
from tests.train.test_launch import ACCELERATE, ROOT, launch, read

KEYS = ("--eval_rows", "null", "--warm_start_steps", "0", "--show_steps", "0", "--save_steps", "2")
# Completions serve six micro-batches, a step takes two of them, and a line of the log covers three
# steps.
BATCH = (
    "--steps_per_generation",
    "3",
    "--num_iterations",
    "2",
    "--gradient_accumulation_steps",
    "2",
)
GRPO = (
    *KEYS,
    *BATCH,
    "--max_steps",
    "8",
    "--logging_steps",
    "3",
    "--per_device_train_batch_size",
    "8",
)
GRPO += ("--max_completion_length", "8", "--lora_rank", "4", "--beta", "0.04")


@pytest.fixture(scope="module")
def here() -> Iterator[None]:
    """As on a command line in a checkout, but for the signals and the threads of the process
    that tests."""
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "signal", lambda *_: None)
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.chdir(ROOT)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows on which the tiny model earns something, so few that a run takes them more than once."""
    made = list(phone.generate(200, seed=3))
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    write_rows(
        path,
        [
            next(row for row in made[n * 15 :] if bool(row.answer["calls"]) == n % 2)
            for n in range(12)
        ],
    )
    return path


@pytest.fixture(scope="module")
def whole(here: None, rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing stopped."""
    folder = tmp_path_factory.mktemp("grpo") / "run"
    assert grpo(rows, folder) == 0
    rewards = [line["reward"] for line in lines_of(folder) if "reward" in line]
    assert max(rewards) > 0 and read(folder / "run.json")["finished"]
    return folder


def arguments(rows: Path, folder: Path) -> list[str]:
    own = ("--train_rows", str(rows), "--train_size", "null", "--output_dir", str(folder))
    return ["--config", "configs/smoke/grpo.yaml", *GRPO, *own]


def grpo(rows: Path, folder: Path, *keys: str) -> int:
    return main("grpo", [*arguments(rows, folder), *keys])


def stopped_at(step: int, whole: Path, copy: Path) -> Path:
    """The run as it would be had it been killed after this step."""
    shutil.copytree(whole, copy)
    for checkpoint in copy.glob("checkpoint-*"):
        if step_of(checkpoint) > step:
            shutil.rmtree(checkpoint)
    shutil.rmtree(copy / "model")
    record = read(copy / "run.json")
    del record["finished"]
    (copy / "run.json").write_text(json.dumps(record))
    return copy


@pytest.mark.parametrize(
    ("step", "where"),
    [
        (2, "checkpoint-2"),  # four of six micro-batches are used up
        (6, "checkpoint-6"),  # the first epoch is over
        (0, "starts at its beginning"),
    ],
)
def test_a_resumed_run_is_the_run_that_was_not_stopped(
    whole: Path,
    rows: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    step: int,
    where: str,
) -> None:
    copy = stopped_at(step, whole, tmp_path / "copy")
    if step:
        set_seconds(copy / f"checkpoint-{step}", 5000.0)
    assert grpo(rows, copy, "--resume") == 0
    assert where in capsys.readouterr().out
    assert weights(copy) == weights(whole)
    assert lines_of(copy) == lines_of(whole)
    assert lines_of(copy, "samples.jsonl") == lines_of(whole, "samples.jsonl")
    assert (read(copy / "run.json")["seconds"] > 5000) == bool(step), (
        "the clock goes on from the checkpoint's"
    )


def set_seconds(checkpoint: Path, seconds: float) -> None:
    """As if the run had taken so long up to here."""
    state = read(checkpoint / "trainer_state.json")
    assert 0 < state["stateful_callbacks"]["rlcall"]["seconds"] < 600
    state["stateful_callbacks"]["rlcall"]["seconds"] = seconds
    (checkpoint / "trainer_state.json").write_text(json.dumps(state))
    write_manifest(checkpoint, describe(checkpoint, 0, 1))


OVERSAMPLED = ("--oversample", "2", "--oversample_prompts", "2", "--no_call_twins", "1")
CURRICULUM = ("--train_rows", "worlds", "--train_size", "8", "--curriculum", "pass_rate")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "logged"),
    [
        ((*CURRICULUM, "--dynamic_sampling_rounds", "2"), "groups/rounds"),
        (("--bf16", "true"), "reward"),
        (("--rollout_dtype", "bfloat16"), "sampling/importance_sampling_ratio/mean"),
        ((*OVERSAMPLED, "--dynamic_sampling_rounds", "1"), "groups/generated"),
        (
            (
                "--sync_ref_model",
                "true",
                "--ref_model_sync_steps",
                "2",
                "--lora_rank",
                "0",
                "--beta",
                "0.5",
            ),
            "kl",
        ),
    ],
    ids=[
        "fresh groups and a curriculum",
        "bfloat16",
        "rollouts in bfloat16",
        "oversampling and twins",
        "a reference that moves",
    ],
)
def test_so_is_one_with(
    here: None, rows: Path, tmp_path: Path, keys: tuple[str, ...], logged: str
) -> None:
    own = (*keys, "--logging_steps", "1")
    assert grpo(rows, tmp_path / "run", *own) == 0
    lines = lines_of(tmp_path / "run")
    assert any(line.get(logged) for line in lines)
    copy = stopped_at(4, tmp_path / "run", tmp_path / "copy")
    assert grpo(rows, copy, *own, "--resume") == 0
    assert weights(copy) == weights(tmp_path / "run") and lines_of(copy) == lines


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "lora"), [("sft", "0"), ("sft", "4"), ("dpo", "0"), ("dpo", "4")]
)
def test_so_are_sft_and_dpo(here: None, tmp_path: Path, method: str, lora: str) -> None:
    rest = (
        "--train_size",
        "10" if method == "sft" else "4",
        "--max_steps",
        "4",
        "--logging_steps",
        "3",
    )
    argv = [
        "--config",
        f"configs/smoke/{method}.yaml",
        *KEYS,
        *rest,
        "--lora_rank",
        lora,
        "--output_dir",
    ]
    assert main(method, [*argv, str(tmp_path / "run")]) == 0
    copy = stopped_at(2, tmp_path / "run", tmp_path / "copy")
    assert main(method, [*argv, str(copy), "--resume"]) == 0
    assert weights(copy) == weights(tmp_path / "run")
    assert lines_of(copy) == lines_of(tmp_path / "run")


@pytest.mark.parametrize(
    ("keys", "record", "parts"),
    [
        (["--num_iterations", "1"], {}, ["begun with num_iterations: 2", "set it back"]),
        (["--beta", "0"], {}, ["begun with beta: 0.04", "set it back"]),
        (
            [],
            {"ranks": 2},
            ["begun on 2 ranks with no DeepSpeed", "cpu2.yaml --num_processes 2", "--output-dir"],
        ),
        (
            [],
            {"ranks": 2, "zero_stage": 3},
            ["begun on 2 ranks with ZeRO-3", "zero3.yaml --num_processes 2"],
        ),
    ],
    ids=["shape", "reference", "ranks", "stage"],
)
def test_what_cannot_be_resumed_exactly_is_refused(
    whole: Path,
    rows: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    keys: list[str],
    record: dict[str, int],
    parts: list[str],
) -> None:
    copy = stopped_at(2, whole, tmp_path / "copy")
    kept = read(copy / "run.json")
    kept["runtime"].update(record)
    kept |= {"shared_prefix": "as it was", "engines": {"grpo": "as it was"}}
    (copy / "run.json").write_text(json.dumps(kept))
    begun = (copy / "config.yaml").read_bytes()
    assert grpo(rows, copy, "--resume", *keys) == 2
    assert (copy / "config.yaml").read_bytes() == begun and read(copy / "run.json") == kept
    message = capfd.readouterr().err
    assert all(part in message for part in parts), message
    assert newest_checkpoint(copy) == copy / "checkpoint-2", "nothing was trained, and nothing lost"


def test_a_finished_run_is_left_as_it_is(whole: Path, rows: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    assert grpo(rows, copy, "--resume", "--max_steps", "99") == 0
    for name in ("config.yaml", "run.json", "metrics.jsonl"):
        assert (copy / name).read_bytes() == (whole / name).read_bytes(), name


def test_more_steps_go_on_from_the_last_checkpoint(whole: Path, rows: Path, tmp_path: Path) -> None:
    copy = stopped_at(8, whole, tmp_path / "copy")
    assert grpo(rows, copy, "--resume", "--max_steps", "9") == 0
    assert newest_checkpoint(copy) == copy / "checkpoint-9" and lines_of(copy)[-1]["step"] == 9
    assert "max_steps: 9" in (copy / "config.yaml").read_text()


def test_a_rank_ends_with_its_launcher(whole: Path, rows: Path, tmp_path: Path) -> None:
    folder, output = tmp_path / "run", tmp_path / "output.txt"
    line = [
        ACCELERATE,
        "launch",
        "--num_processes",
        "1",
        "launch/grpo.py",
        *arguments(rows, folder),
    ]
    with Marked(line, output) as run:
        run.wait_until(amid_a_save(folder, 4))
        run.kill("launcher")
        assert run.seconds_until_gone() < 15
    assert "step 8/8" not in output.read_text(), "it trained on without its launcher"
    assert grpo(rows, folder, "--resume") == 0
    assert weights(folder) == weights(whole) and lines_of(folder) == lines_of(whole)


def pages(folder: Path) -> int:
    """The bytes that a folder's files take where room is given out in pages of 4 KiB."""
    return sum(
        -(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file()
    )


@SMALL_DISKS
def test_a_full_disk_ends_the_run_with_what_to_do(whole: Path, rows: Path, tmp_path: Path) -> None:
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    size = (
        pages(whole / "base") + 5 * pages(whole / "checkpoint-2") // 2
    )  # room for two checkpoints and a half
    line = [sys.executable, "-m", "rlcall", "grpo", *arguments(rows, disk / "run")]
    status, output = launch(on_a_small_disk(disk, kept, size, line))
    assert status == 1, output[-4000:]
    last = newest_checkpoint(kept)
    assert last and f"error: {disk}/run: the disk is full" in output and "Traceback" not in output
    assert (
        f"last whole checkpoint is {disk}/run/{last.name}" in output
        and "--resume" in output.splitlines()[-1]
    )
    assert not (kept / ".partial").exists(), "what is half written takes room"
    assert grpo(rows, kept, "--resume") == 0
    assert weights(kept) == weights(whole) and lines_of(kept) == lines_of(whole)
