"""kill -9 of a rank, the launcher or all at once, at random steps and amid saves, on two ranks; then `--resume`.

`make faults` runs these; docs/faults.md has what came out. RLCALL_FAULTS names a file for the figures.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rlcall.data.rows import write_rows
from rlcall.tasks import phone

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.train.checkpoints import newest_checkpoint, step_of
from tests.faults import Marked, amid_a_save, lines_of, step_logged, weights
from tests.test_launch import command

LAYOUTS = ["cpu2", "zero2", "zero3"]
METHODS = ["sft", "dpo", "grpo"]
STEPS = 8
KEYS = ("--eval_rows", "null", "--warm_start_steps", "0", "--max_steps", str(STEPS), "--save_total_limit", "2")
BATCH = {
    "sft": ("--train_size", "24", "--per_device_train_batch_size", "2"),
    "dpo": ("--train_size", "6", "--per_device_train_batch_size", "2"),
    "grpo": ("--per_device_train_batch_size", "4", "--steps_per_generation", "3", "--num_iterations", "2"),
}
GRPO = ("--show_steps", "0", "--max_completion_length", "8", "--logging_steps", "1")
# Each case has two kills in a row; over the layouts, methods and kinds of training each kind comes up six times.
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
    """Rows on which the tiny model earns something, so few that the run goes through them more than once."""
    made = list(phone.generate(200, seed=3))
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    write_rows(path, [next(row for row in made[n * 20 :] if bool(row.answer["calls"]) == n % 2) for n in range(8)])
    return path


def line(method: str, layout: str, lora: int, rows: Path, folder: Path, *more: str) -> list[str]:
    own = (*GRPO, "--train_rows", str(rows), "--train_size", "null") if method == "grpo" else ()
    keys = (*KEYS, *BATCH[method], *own, "--lora_rank", str(lora), "--output_dir", str(folder), *more)
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
        with Marked(line(method, layout, lora, rows, killed, *resumed), tmp_path / f"{when}.txt") as run:
            run.wait_until(step_logged(killed, step) if when == "step" else amid_a_save(killed, step))
            run.kill(who)
            seconds = run.seconds_until_gone()
        kept = newest_checkpoint(killed)
        figures.append(
            {"method": method, "layout": layout, "lora": lora, "who": who, "when": when, "seconds": round(seconds, 1)}
            | {"step": step, "torn": (killed / ".partial").exists(), "kept": step_of(kept) if kept else 0}
        )
    with Marked(line(method, layout, lora, rows, killed, "--resume"), tmp_path / "last.txt") as run:
        run.finish()
    assert weights(killed) == weights(whole), "the resumed run has other weights"
    assert lines_of(killed) == lines_of(whole)
    for one in figures[-2:]:
        one["equal"] = True
    shutil.rmtree(tmp_path)
