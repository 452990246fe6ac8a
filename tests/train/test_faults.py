"""kill -9 of a rank, the launcher or all at once, at random steps and amid saves, on two ranks;
then `--resume`.

`make faults` runs these; docs/stopping.md has what came out. RLCALL_FAULTS names a file for the
figures.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rlcall.data.rows import write_rows
from rlcall.tasks import phone

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.runs.folder import step_of
from rlcall.train.resume.checkpoints import newest_checkpoint
from rlcall.train.resume.manifest import find_damage, find_flaw
from tests.support.faults import (
    SMALL_DISKS,
    Marked,
    amid_a_save,
    lines_of,
    on_a_small_disk,
    step_logged,
    weights,
)
from tests.train.test_launch import ROOT, command, launch, read

LAYOUTS = ["cpu2", "zero2", "zero3"]
METHODS = ["sft", "dpo", "grpo"]
MEBIBYTES = {"cpu2": 5, "zero2": 7, "zero3": 6}
STEPS = 8
KEYS = (
    "--eval_rows",
    "null",
    "--warm_start_steps",
    "0",
    "--max_steps",
    str(STEPS),
    "--save_total_limit",
    "2",
)
BATCH = {
    "sft": ("--train_size", "24", "--per_device_train_batch_size", "2"),
    "dpo": ("--train_size", "6", "--per_device_train_batch_size", "2"),
    "grpo": (
        "--per_device_train_batch_size",
        "4",
        "--steps_per_generation",
        "3",
        "--num_iterations",
        "2",
    ),
}
GRPO = ("--show_steps", "0", "--max_completion_length", "8", "--logging_steps", "1")
# Each case has two kills in a row; over the layouts, methods and kinds of training each kind comes
# up six times.
KILLS = [
    [("rank", "step"), ("launcher", "save")],
    [("group", "step"), ("rank", "save")],
    [("launcher", "step"), ("group", "save")],
]


@pytest.fixture(scope="module")
def figures() -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []
    yield found
    if "RLCALL_FAULTS" in os.environ:
        with Path(os.environ["RLCALL_FAULTS"]).open("a") as file:
            file.writelines(json.dumps(line) + "\n" for line in found)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows on which the tiny model earns something, so few that the run goes through them more
    than once."""
    made = list(phone.generate(200, seed=3))
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    write_rows(
        path,
        [
            next(row for row in made[n * 20 :] if bool(row.answer["calls"]) == n % 2)
            for n in range(8)
        ],
    )
    return path


def line(method: str, layout: str, lora: int, rows: Path, folder: Path, *more: str) -> list[str]:
    own = (*GRPO, "--train_rows", str(rows), "--train_size", "null") if method == "grpo" else ()
    keys = (
        *KEYS,
        *BATCH[method],
        *own,
        "--lora_rank",
        str(lora),
        "--output_dir",
        str(folder),
        *more,
    )
    return command(f"launch/{method}.py", *keys, config=layout)


@pytest.mark.faults
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lora", [0, 4])
@pytest.mark.parametrize("method", METHODS)
def test_killed_twice_and_resumed_the_run_ends_as_if_nothing_had_been(
    tmp_path: Path, rows: Path, figures: list[dict[str, Any]], method: str, layout: str, lora: int
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with Marked(line(method, layout, lora, rows, whole), tmp_path / "whole.txt") as run:
        run.finish()
    shift = LAYOUTS.index(layout) + METHODS.index(method) + (lora > 0)
    random = Random(f"{method} {layout} {lora}")
    first, second = sorted(random.sample(range(1, STEPS - 1), 2))
    for (who, when), step in zip(KILLS[shift % 3], (first, second), strict=True):
        resumed = ["--resume"] if killed.exists() else []
        with Marked(
            line(method, layout, lora, rows, killed, *resumed), tmp_path / f"{when}.txt"
        ) as run:
            run.wait_until(
                step_logged(killed, step) if when == "step" else amid_a_save(killed, step)
            )
            run.kill(who)
            seconds = run.seconds_until_gone()
        kept = newest_checkpoint(killed)
        figures.append(
            {
                "method": method,
                "layout": layout,
                "lora": lora,
                "who": who,
                "when": when,
                "seconds": round(seconds, 1),
            }
            | {
                "step": step,
                "torn": (killed / ".partial").exists(),
                "kept": step_of(kept) if kept else 0,
            }
        )
    with Marked(line(method, layout, lora, rows, killed, "--resume"), tmp_path / "last.txt") as run:
        run.finish()
    assert weights(killed) == weights(whole), "the resumed run has other weights"
    assert lines_of(killed) == lines_of(whole)
    for one in figures[-2:]:
        one["equal"] = True
    shutil.rmtree(tmp_path)


def tears(checkpoint: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a checkpoint, gone, cut short and with a changed byte; each is whole again
    afterwards."""
    for path in sorted(checkpoint.rglob("*")):
        if not path.is_file() or not path.stat().st_size:
            continue
        kept = path.read_bytes()
        for how, torn in {
            "gone": None,
            "cut": kept[:-1],
            "changed": kept[:-1] + bytes([kept[-1] ^ 1]),
        }.items():
            path.unlink() if torn is None else path.write_bytes(torn)
            yield path, how
            path.write_bytes(kept)


@pytest.mark.faults
@pytest.mark.parametrize("layout", ["zero2"])
def test_every_file_of_a_real_checkpoint_counts_and_so_do_the_ranks(
    tmp_path: Path, rows: Path, figures: list[dict[str, Any]], layout: str
) -> None:
    whole, copy = tmp_path / "whole", tmp_path / "copy"
    with Marked(line("grpo", layout, 0, rows, whole), tmp_path / "whole.txt") as run:
        run.finish()
    shutil.copytree(whole, copy)
    found = [problem(copy / "checkpoint-8") is not None for _ in tears(copy / "checkpoint-8")]
    assert all(found) and problem(copy / "checkpoint-8") is None
    figures.append({"torn": len(found), "recognised": sum(found)})

    shutil.rmtree(copy / "model")
    record = read(copy / "run.json")
    del record["finished"]
    (copy / "run.json").write_text(json.dumps(record))
    status, output = launch(line("grpo", "cpu2", 0, rows, copy, "--resume"))
    assert (
        status != 0
        and "was begun on 2 ranks with ZeRO-2" in output
        and "zero2.yaml --num_processes 2" in output
    )
    (copy / "checkpoint-8" / "trainer_state.json").unlink()
    status, output = launch(line("grpo", layout, 0, rows, copy, "--resume"))
    assert status == 0 and "checkpoint-8 is torn: trainer_state.json is missing" in output, output[
        -4000:
    ]
    assert weights(copy) == weights(whole) and lines_of(copy) == lines_of(whole)


def problem(checkpoint: Path) -> str | None:
    return find_flaw(checkpoint) or find_damage(checkpoint, 0, 2) or find_damage(checkpoint, 1, 2)


@pytest.mark.faults
@SMALL_DISKS
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_full_disk_on_two_ranks(
    tmp_path: Path, rows: Path, figures: list[dict[str, Any]], layout: str
) -> None:
    """With room for two checkpoints and a part of the third."""
    disk, kept, output = tmp_path / "disk", tmp_path / "kept", tmp_path / "output.txt"
    disk.mkdir()
    script = on_a_small_disk(
        disk, kept, MEBIBYTES[layout] * 2**20, line("grpo", layout, 0, rows, disk / "run")
    )
    with Marked(script, output) as run:
        run.process.wait(300)
        assert run.seconds_until_gone() < 60
    last, text = newest_checkpoint(kept), output.read_text()
    assert (
        last
        and "the disk is full" in text
        and f"last whole checkpoint is {disk}/run/{last.name}" in text
    )
    assert problem(last) is None
    figures.append({"layout": layout, "full_disk": True, "kept": step_of(last)})


@pytest.mark.faults
def test_a_rule_that_sleeps_for_ever(
    tmp_path: Path, rows: Path, figures: list[dict[str, Any]]
) -> None:
    """It costs its time limit, then the run, and leaves no process behind."""
    rule = {
        f"{ROOT}/tests/support/hostile_rules.py:sleeps": {"weight": 1.0, "timeout": 0.2},
        "correct": 1.0,
    }
    keys = ("--rewards", json.dumps(rule), "--gates", "[]")
    begin = time.monotonic()
    with Marked(
        line("grpo", "cpu2", 0, rows, tmp_path / "run", *keys), tmp_path / "output.txt"
    ) as run:
        assert run.process.wait(240) != 0
        run.seconds_until_gone()
    text = (tmp_path / "output.txt").read_text()
    assert "error: rules failed on 24 of the last 24 completions" in text, text[-4000:]
    assert "it took longer than 0.2 s" in (tmp_path / "run" / "failures.jsonl").read_text()
    figures.append({"sleeping_rule": True, "seconds": round(time.monotonic() - begin, 1)})
