"""The guard in a real run on two ranks: a rule that fails on one of them only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rules.test_guard import ROOT, gone
from tests.train.test_launch import command, launch

RULE = f"{ROOT}/tests/support/hostile_rules.py:fails_on_rank_1"


def train(folder: Path, on_error: str) -> tuple[int, str]:
    rewards = {
        "correct": 1.0,
        "parses": 1.0,
        RULE: {"weight": 1.0, "on_error": on_error, "timeout": 10.0},
    }
    keys = {
        "rewards": json.dumps(rewards),
        "gates": "[]",
        "output_dir": str(folder),
        "max_steps": "6",
    }
    keys |= {"per_device_train_batch_size": "4", "eval_rows": "null", "warm_start_steps": "0"}
    arguments = [text for key, value in keys.items() for text in (f"--{key}", value)]
    line = command("launch/grpo.py", *arguments, config="cpu2")
    return launch(line, GUARD_TEST=folder.name)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.slow
def test_too_many_failures_on_one_rank_end_the_run_on_all(tmp_path: Path) -> None:
    folder = tmp_path / "too-many-failures"
    status, output = train(folder, "none")
    assert status != 0
    assert "error: rules failed on 12 of the last 24 completions, over 1 %" in output
    assert "the rule 'fails_on_rank_1': ValueError: this rank has no luck" in output
    assert f'File "{ROOT}/rlcall' not in output, "a rank has shown a traceback"
    assert gone(folder.name), "a process was left behind"
    logged = lines(folder / "metrics.jsonl")
    assert [line["rules/fails_on_rank_1/failed"] for line in logged] == [0.5, 0.5]
    assert all(0 < line["reward/share"] < 1 for line in logged)  # type: ignore[operator]
    assert len({frozenset(key for key in line if key.endswith("/failed")) for line in logged}) == 1
    kept = lines(folder / "failures.jsonl")
    assert len(kept) == 12 and {line["rank"] for line in kept} == {1}
    assert all(line["id"] and list(line["failures"]) == ["fails_on_rank_1"] for line in kept)  # type: ignore[call-overload]


@pytest.mark.slow
def test_raise_ends_the_run_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "raised-at-once"
    status, output = train(folder, "raise")
    assert status != 0
    assert "error: the rule 'fails_on_rank_1' failed: ValueError: this rank has no luck" in output
    assert f"The completion is in {folder}/failures.jsonl" in output
    assert gone(folder.name), "a process was left behind"
    assert len(lines(folder / "failures.jsonl")) == 1
