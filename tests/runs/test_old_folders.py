"""Folders that lie on users' disks stay readable: a run, its evaluation and one of completions,
made at df317ad.

golden/runs/ holds what these commands left there, without checkpoints and the base model:

    launch/grpo.py --config configs/smoke/grpo.yaml
    rlcall tasks --n 12 --seed 3 --level 1 --out runs/rows.jsonl
    rlcall eval runs/smoke-grpo runs/rows.jsonl --n 6 --samples 2 --temperature 1.0 --max-new-tokens 24 \
        --out runs/smoke-grpo/eval/worlds
    rlcall eval runs/rows.jsonl --completions runs/completions.jsonl --wire hermes --out runs/evaluated
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "runs"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder in which `runs/` is as it was left."""
    shutil.copytree(GOLDEN, tmp_path / "runs")
    return tmp_path


def rlcall(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rlcall", *arguments]
    return subprocess.run(command, cwd=here, capture_output=True, text=True)


def metrics(folder: Path) -> dict[str, object]:
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        (
            "eval runs/smoke-grpo runs/rows.jsonl --n 6 --samples 2 --temperature 1.0 --max-new-tokens 24",
            "runs/smoke-grpo/eval/worlds",
        ),
        (
            "eval runs/rows.jsonl --completions runs/completions.jsonl --wire hermes",
            "runs/evaluated",
        ),
    ],
)
def test_an_evaluation_goes_on_where_it_was(here: Path, command: str, folder: str) -> None:
    before = metrics(here / folder)
    verdicts = here / folder / "verdicts.jsonl"
    lines = verdicts.read_text(encoding="utf-8").splitlines(keepends=True)
    verdicts.write_text(
        "".join(lines[:-1]), encoding="utf-8"
    )  # as if it had been stopped before its last completion
    done = rlcall(here, *command.split(), "--out", folder)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in lines] == [
        json.loads(line)["id"] for line in verdicts.read_text(encoding="utf-8").splitlines()
    ]
    assert metrics(here / folder)["metrics"].keys() == before["metrics"].keys()
    if "--completions" in command:
        rates = metrics(here / folder)["metrics"]["all"]
        assert_same_figures(metrics(here / folder)["metrics"], before["metrics"])
        for name, estimate in before["metrics"]["all"].items():
            ends = (estimate["low"], estimate["high"])
            assert (rates[name]["low"], rates[name]["high"]) == pytest.approx(ends, abs=0.01)


def assert_same_figures(now: Any, before: Any) -> None:
    """The same keys, values and counts; intervals are drawn from other resamples than at
    df317ad."""
    if not isinstance(before, dict):
        assert now == before
        return
    assert list(now) == list(before)
    for key, member in before.items():
        if key not in ("low", "high") or member is None:
            assert_same_figures(now[key], member)
    if before.get("low") is not None:
        assert now["low"] <= now["value"] <= now["high"]


def test_a_run_is_compared(here: Path) -> None:
    done = rlcall(
        here, "compare", "runs/smoke-grpo", "--against", "runs/smoke-grpo", "--out", "runs/compared"
    )
    assert done.returncode == 0, done.stderr
    page = (here / "runs/compared/compare.md").read_text(encoding="utf-8")
    assert "| smoke-grpo (reference) | 0.0 (0.0 to" in page


def test_a_run_is_a_model(here: Path) -> None:
    done = rlcall(
        here, "eval", "runs/smoke-grpo", "runs/rows.jsonl", "--n", "1", "--max-new-tokens", "4"
    )
    assert done.returncode == 0, done.stderr


def test_a_finished_run_is_not_begun_again(here: Path) -> None:
    done = rlcall(
        here, "grpo", "--config", "runs/smoke-grpo/config.yaml", "--output_dir", "runs/smoke-grpo"
    )
    assert done.returncode == 2
    assert "finished" in done.stderr


def test_its_config_repeats_it(here: Path) -> None:
    words = ["--config", "runs/smoke-grpo/config.yaml", "--output_dir", "runs/again"]
    refused = rlcall(here, "grpo", *words)  # its limits cut golds, which nobody was told of then
    assert refused.returncode == 2 and "allow_cut_golds: true" in refused.stderr
    done = rlcall(here, "grpo", *words, "--allow_cut_golds", "true")
    assert done.returncode == 0, done.stderr
    figures = [
        [
            json.loads(line)
            for line in (here / run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        for run in ("runs/smoke-grpo", "runs/again")
    ]
    assert [line["loss"] for line in figures[0] if "loss" in line] == [
        line["loss"] for line in figures[1] if "loss" in line
    ]
