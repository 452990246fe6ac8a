"""A warm start ends by itself once enough groups are mixed, on all ranks, and once resumed at the
same step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

from rlcall.errors import ConfigError
from rlcall.metrics.passes import pass_at_k
from rlcall.runs.folder import checkpoints_in, step_of
from rlcall.train import stages
from rlcall.train.config import parse
from rlcall.train.main import main
from rlcall.train.row_sets import load_validation_rows
from rlcall.train.watch.mixed_groups import shares_of
from tests.support.faults import weights
from tests.train.test_launch import ROOT, command, read, run

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
STEPS = 60  # at most: it ends after about half of them
KEYS = ("--eval_rows", "null", "--train_size", "null", "--max_steps", "1", "--save_steps", "3")
WARM_START = ("--warm_start_steps", str(STEPS), "--warm_start_batch_size", "8")
UNTIL = ("--warm_start_until", "0.3", "--warm_start_check_every", "3")
RATE = ("--warm_start_learning_rate", "1e-2", "--max_completion_length", "32", "--show_steps", "0")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two requests; a model that begins to write `[` for both of them is right about one."""
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    lines = []
    for number in range(8):
        calls = [{"name": "f", "arguments": {}}] if number % 2 else []
        message = {"role": "user", "content": "Do it" if number % 2 else "No"}
        row = {"id": f"r{number}", "messages": [message], "tools": [TOOL]}
        lines.append(json.dumps({**row, "answer": {"calls": calls}}))
    path.write_text("\n".join(lines))
    return path


def keys_of(rows: Path, folder: Path) -> list[str]:
    source = ["--train_rows", str(rows), "--validation_rows", str(rows)]
    return [*source, *KEYS, *WARM_START, *UNTIL, *RATE, "--output_dir", str(folder)]


def grpo(rows: Path, folder: Path, *more: str) -> int:
    return main("grpo", ["--config", "configs/smoke/grpo.yaml", *keys_of(rows, folder), *more])


def looks_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of the log that looks at the validation rows have left."""
    lines = read(folder / "metrics.jsonl")
    figures = ("step", "warm_start/pass@1", "warm_start/pass@4", "warm_start/mixed")
    return [{key: line[key] for key in figures} for line in lines if "warm_start/mixed" in line]


def steps_of(folder: Path) -> list[int]:
    lines = read(folder / "metrics.jsonl")
    return [line["step"] for line in lines if line["phase"] == "warm_start" and "loss" in line]


@pytest.fixture(scope="module")
def whole(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose warm start ended by itself."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert grpo(rows, folder) == 0
    return folder


@pytest.mark.parametrize(
    ("rights", "pass_at_1", "pass_at_4", "mixed"),
    [
        ([0, 0, 4, 4], 0.5, 0.5, 0.0),
        ([1, 2, 3, 3], 9 / 16, 1.0, 1.0),
        ([0, 4, 1, 0], 5 / 16, 0.5, 0.25),
        ([0], 0.0, 0.0, 0.0),
    ],
)
def test_by_hand(rights: list[int], pass_at_1: float, pass_at_4: float, mixed: float) -> None:
    shares = shares_of(rights, samples=4)
    assert shares == (4, pass_at_1, pass_at_4, mixed)
    always = sum(right == 4 for right in rights) / len(rights)
    assert shares.mixed == sum(pass_at_k(4, right, 4) for right in rights) / len(rights) - always


def test_it_ends_at_the_first_look_with_enough_mixed(whole: Path) -> None:
    looks = looks_of(whole)
    assert [look["step"] for look in looks] == list(range(3, looks[-1]["step"] + 1, 3))
    assert all(look["warm_start/mixed"] < 0.3 for look in looks[:-1])
    assert looks[-1]["warm_start/mixed"] >= 0.3 and len(looks) > 2
    assert steps_of(whole) == list(range(1, looks[-1]["step"] + 1))
    assert looks[-1]["step"] < STEPS
    record = read(whole / "run.json")
    assert record["finished"] and record["warm_start"]["step"] == looks[-1]["step"]
    assert (whole / "warm_start" / "model").is_dir() and not checkpoints_in(whole / "warm_start")


@pytest.mark.parametrize("left", [0, 1, 4], ids=["where it ended", "one before", "long before"])
def test_a_resumed_warm_start_ends_at_the_same_step(
    whole: Path,
    rows: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: int,
) -> None:
    """Killed when it has ended; then that checkpoint is there, or only earlier ones are."""
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(stages, "publish", killed)
        assert grpo(rows, folder, "--save_total_limit", "9") != 0
    newest = checkpoints_in(folder / "warm_start")
    for checkpoint in newest[:left]:
        shutil.rmtree(checkpoint)
    last = looks_of(whole)[-1]["step"]
    assert step_of(newest[left]) == last - 3 * left
    assert grpo(rows, folder, "--save_total_limit", "9", "--resume") == 0
    assert looks_of(folder) == looks_of(whole)
    assert steps_of(folder) == steps_of(whole)
    assert weights(folder) == weights(whole)


@pytest.mark.slow
@pytest.mark.parametrize("config", ["cpu2", "zero3"])
def test_two_ranks_end_it_together(rows: Path, tmp_path: Path, config: str) -> None:
    output = run(command("launch/grpo.py", *keys_of(rows, tmp_path / "run"), config=config))
    looks = looks_of(tmp_path / "run")
    last = looks[-1]["step"]
    assert f"warm start: ends after {last} of {STEPS} steps" in output
    assert steps_of(tmp_path / "run") == list(range(1, last + 1))
    for hashes in read(tmp_path / "run" / "run.json")["weights"].values():
        assert len(hashes) == 2 and len(set(hashes)) == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["--warm_start_steps", "8"], "warm_start_until needs validation_rows"),
        (["--validation_rows", "phone", "--warm_start_steps", "0"], "needs warm_start_steps"),
        (["--warm_start_until", "0"], "warm_start_until should be greater than 0"),
        (["--warm_start_until", "1.5"], "warm_start_until should be less than or equal to 1"),
        (["--warm_start_check_every", "0"], "warm_start_check_every should be greater"),
    ],
)
def test_what_does_not_go_together_is_refused(keys: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse("grpo", ["--warm_start_until", "0.5", *keys])


def test_its_rows_are_loaded_without_validations() -> None:
    keys = ["--validation_rows", "phone", "--validation_size", "5"]
    for more, count in ((["--warm_start_until", "0.5"], 5), ([], 0)):
        rows = load_validation_rows(parse("grpo", [*keys, *more]).run)
        assert len(rows) == count
