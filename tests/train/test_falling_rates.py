"""The warning that abstention or relevance falls: planted falls are found, and noise raises none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("scipy", reason="the training extra is not installed")

from rlcall.train.watch.falling_rates import FallingRates


def warnings_of(
    abstention: Sequence[float | None], relevance: Sequence[float | None] = (), planned: int = 0
) -> list[tuple[int, str]]:
    """Every warning with the step of its log line."""
    rates = FallingRates(planned or len(abstention))
    told = []
    for step, value in enumerate(abstention, 1):
        line = {"abstention": value, "relevance": relevance[step - 1] if relevance else None}
        told += [(step, warning) for warning in rates.see(step, line)]
    return told


def noisy(means: Sequence[float], seed: int, rows: int = 3, completions: int = 8) -> list[float]:
    """Shares of completions of a few rows, of which each has a rate of its own."""
    rng = np.random.default_rng(seed)
    values = []
    for mean in means:
        by_row = rng.beta(4 * mean + 0.01, 4 * (1 - mean) + 0.01, rows)
        values.append(float(rng.binomial(completions, by_row).mean() / completions))
    return values


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0.9, 0.8] * 4 + [0.5, 0.4] * 4, 16),
        ([1.0] * 8 + [0.0] * 8, 16),
        ([0.2] * 8 + [0.9] * 8 + [0.6, 0.5] * 4, 24),
        ([0.9, 0.8] * 60 + [0.75, 0.65] * 40, 140),
    ],
    ids=["half of it", "all of it", "after a rise", "slowly, in a long run"],
)
def test_a_planted_fall_is_found_once(values: list[float], step: int) -> None:
    told = warnings_of([*values, *values[-8:]], planned=len(values))
    assert [at for at, _ in told] == [step]
    assert "abstention fell from " in told[0][1] and "no_call_twins" in told[0][1]


def test_the_message_says_from_where_to_where() -> None:
    [(step, message)] = warnings_of([0.9, 0.8] * 4 + [0.5, 0.4] * 4)
    assert step == 16
    assert "from 85% (steps 1 to 8) to 45% (steps 9 to 16)" in message


def test_relevance_is_watched_by_itself() -> None:
    [(_, message)] = warnings_of([0.5] * 16, [0.9, 0.95] * 4 + [0.3, 0.4] * 4)
    assert message.startswith("relevance fell from 92%")


def test_lines_without_a_prompt_that_asks_for_it_are_left_aside() -> None:
    values: list[float | None] = []
    for value in [0.9, 0.8] * 4 + [0.5, 0.4] * 4:
        values += [None, value]
    [(step, message)] = warnings_of(values)
    assert step == 32 and "(steps 2 to 16)" in message


@pytest.mark.parametrize(
    "values",
    [
        [0.9] * 40,
        [0.5, 0.6] * 4 + [0.8, 0.9] * 4,
        [0.90, 0.91] * 4 + [0.87, 0.88] * 4,
        [0.9, 0.1] * 4 + [0.7, 0.2] * 4,
        [0.9] * 7 + [0.2] * 8,
    ],
    ids=["it stays", "it rises", "by little", "within the noise", "too short to tell"],
)
def test_what_is_no_fall(values: list[float]) -> None:
    assert warnings_of(values) == []


@pytest.mark.parametrize(("lines", "mean"), [(30, 0.8), (100, 0.5), (400, 0.9)])
def test_noise_alone_raises_it_in_few_runs(lines: int, mean: float) -> None:
    fired = sum(bool(warnings_of(noisy([mean] * lines, seed))) for seed in range(200))
    assert fired <= 10, "at most 5 % of runs"


def test_a_fall_is_found_in_most_runs() -> None:
    """From 24 of 28 to 16 of 28 over 60 steps, as it once did, with three such rows a step."""
    means = np.linspace(0.86, 0.57, 60)
    found = sum(bool(warnings_of(noisy(means, seed, rows=6))) for seed in range(100))
    assert found >= 80, found


def test_a_second_fall_needs_a_new_best() -> None:
    fall = [0.9, 0.8] * 4 + [0.3, 0.4] * 4
    assert len(warnings_of([*fall, *[0.1] * 8])) == 1
    assert len(warnings_of([*fall, *[1.0, 0.95] * 4, *[0.1] * 8])) == 2
