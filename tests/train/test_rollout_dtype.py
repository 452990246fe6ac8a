"""Rollouts in another type than training: the distance is logged, and corrected as for vLLM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.train.test_launch import launch, read, rlcall, run

KEYS = ("--config", "configs/smoke/grpo.yaml")
DISTANCE = "sampling/sampling_logp_difference"
RATIO = "sampling/importance_sampling_ratio/mean"


def grpo_lines(folder: Path) -> list[dict[str, Any]]:
    return [line for line in read(folder / "metrics.jsonl") if f"{DISTANCE}/mean" in line]


def test_in_float32_a_rollout_has_the_log_probabilities_of_training(tmp_path: Path) -> None:
    output = run(rlcall(*KEYS, "--output-dir", str(tmp_path), "--rollout-dtype", "float32"))
    assert "fast rollouts: in float32" in output
    lines = grpo_lines(tmp_path)
    assert lines and all(line[f"{DISTANCE}/max"] < 1e-5 for line in lines)
    assert all(RATIO not in line for line in lines), "nothing to correct"


def test_in_bfloat16_the_distance_is_corrected(tmp_path: Path) -> None:
    output = run(rlcall(*KEYS, "--output-dir", str(tmp_path), "--rollout-dtype", "bfloat16"))
    assert "fast rollouts: in bfloat16" in output
    lines = grpo_lines(tmp_path)
    assert lines
    for line in lines:
        assert 1e-5 < line[f"{DISTANCE}/mean"] < 0.1
        assert line[RATIO] == pytest.approx(1, abs=0.1) and line[RATIO] != 1


def test_a_wrong_type_is_a_clear_message(tmp_path: Path) -> None:
    status, output = launch(
        rlcall(*KEYS, "--output-dir", str(tmp_path), "--rollout-dtype", "float16")
    )
    assert status == 2 and "rollout_dtype" in output and "bfloat16" in output
