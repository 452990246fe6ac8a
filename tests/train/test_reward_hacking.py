"""The warning that the reward rises while strict accuracy falls: planted hacks are found, and
noise raises none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rlcall.train.watch.reward_hacking import ValidationResult, best_of, hacking_warning

pytest.importorskip("transformers", reason="the training extra is not installed")

from rlcall.runs.folder import RunFolder
from rlcall.train.watch.validation import ValidationHistory

ROWS = 200


def validation(step: int, right: int, reward: float, rows: int = ROWS) -> ValidationResult:
    """The first rows are right; rewards are spread a little around their mean."""
    spread = np.random.default_rng(step).normal(0, 0.02, rows)
    return ValidationResult(
        step, (np.arange(rows) < right).astype(float), reward + spread - spread.mean()
    )


def series(*points: tuple[int, int, float]) -> list[ValidationResult]:
    return [validation(*point) for point in points]


def rising(last: int, by: float = 0.01) -> list[tuple[int, float]]:
    """A training reward that goes up, not quite evenly."""
    return [(step, 0.4 + by * step + 0.02 * (-1) ** step) for step in range(1, last + 1)]


def test_a_planted_hack_is_found() -> None:
    history = series((0, 80, 0.5), (20, 120, 0.6), (40, 90, 0.6))
    message = hacking_warning(
        history, [(step, 0.4 + 0.01 * step) for step in range(1, 41)], planned=6
    )
    assert (
        message
        and "from step 20 to 40" in message
        and "from 60% to 45% (30 rows lost, 0 gained)" in message
    )
    assert "the training reward rose by about 0.19" in message and "rlcall audit" in message


def test_the_reward_of_the_validation_rows_counts_where_training_has_none() -> None:
    message = hacking_warning([validation(20, 120, 0.6), validation(40, 90, 0.7)], [], planned=3)
    assert message and "their reward rose from 0.60 to 0.70" in message


@pytest.mark.parametrize(
    ("history", "training", "why"),
    [
        (series((0, 80, 0.5)), rising(20), "there is nothing to compare with"),
        (series((0, 80, 0.5), (20, 120, 0.6)), rising(20), "both rise"),
        (series((0, 120, 0.6), (20, 90, 0.5)), rising(20, by=-0.01), "both fall"),
        (series((0, 120, 0.6), (20, 117, 0.6)), rising(20), "three rows of 200 are noise"),
        (
            series((0, 120, 0.6), (20, 90, 0.5)),
            [(step, 0.5 + 0.1 * (-1) ** step) for step in range(20)],
            "no trend",
        ),
        (series((0, 120, 0.6), (20, 90, 0.5)), rising(20)[:2], "two lines are no trend"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_hack(
    history: list[ValidationResult], training: Sequence[tuple[int, float]], why: str
) -> None:
    assert hacking_warning(history, training, planned=6) is None, why


def test_noise_alone_raises_it_in_few_runs() -> None:
    """Accuracy of 0.5 on 100 rows, of which a fifth change sides at each validation; the reward
    does rise."""
    rng = np.random.default_rng(0)
    fired = 0
    for _ in range(200):
        right, history = rng.random(100) < 0.5, []
        for step in range(0, 220, 20):
            flipped = rng.random(100) < 0.2
            right = np.where(flipped, rng.random(100) < 0.5, right)
            history.append(ValidationResult(step, right.astype(float), np.full(100, np.nan)))
            fired += hacking_warning(history, rising(step), planned=11) is not None
    assert fired <= 10, "at most 5 % of runs"


def test_a_hack_is_found_in_most_runs() -> None:
    """From 60 % to 30 % in the second half of a run, with as much noise, on 100 rows."""
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(100):
        shares = [0.4, 0.5, 0.6, 0.6, 0.5, 0.4, 0.3]
        order = rng.permutation(100)
        correct = [
            np.where(rng.random(100) < 0.1, rng.random(100) < share, order < 100 * share)
            for share in shares
        ]
        history = [
            ValidationResult(20 * at, one.astype(float), np.full(100, np.nan))
            for at, one in enumerate(correct)
        ]
        found += any(
            hacking_warning(history[: at + 1], rising(20 * at), planned=7)
            for at in range(len(history))
        )
    assert found >= 95


def test_rows_without_an_answer_or_a_reward_are_left_out() -> None:
    unknown = np.full(ROWS, np.nan)
    history = [
        ValidationResult(0, np.append(validation(0, 120, 0).correct[:-1], np.nan), unknown),
        validation(20, 80, 0.5),
    ]
    assert history[0].accuracy == pytest.approx(120 / 199) and history[0].reward == 0.0
    assert "(40 rows lost, 0 gained)" in str(hacking_warning(history, rising(20), planned=2))


def test_the_best_is_the_most_accurate_then_the_better_rewarded_then_the_earlier() -> None:
    first = validation(20, 90, 0.1)
    assert best_of([validation(0, 80, 0.9), first, replace(first, step=40)]).step == 20
    assert best_of(series((0, 0, 0.1), (20, 0, 0.3), (40, 0, 0.2))).step == 20


def test_warnings_of_steps_that_a_run_takes_again_are_forgotten(tmp_path: Path) -> None:
    files = ValidationHistory(RunFolder(tmp_path, writes=True))
    for step in (20, 40):
        files.warn(step, "reward hacking")
    files.forget_after(30)
    assert files.warned() == [20]
    assert json.loads((tmp_path / "run.json").read_text())["warnings"] == [
        {"step": 20, "message": "reward hacking"}
    ]
