"""Levels by a plan of steps, and by how often a model is right."""

from __future__ import annotations

from random import Random

import pytest

from rlcall.tasks.curriculum import ByPassRate, by_step


def test_a_plan_of_steps() -> None:
    plan = [(0, 1), (100, 3), (250, 5)]
    assert [by_step(plan, step) for step in (0, 99, 100, 249, 250, 10_000)] == [1, 1, 3, 3, 5, 5]


@pytest.mark.parametrize(
    "plan", [[], [(1, 1)], [(0, 1), (0, 2)], [(0, 2), (50, 3), (20, 4)], [(0, 6)]]
)
def test_a_plan_that_is_none(plan: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"begins at step 0|from 1 to 5"):
        by_step(plan, 3)


def test_the_level_follows_the_pass_rate() -> None:
    pace = ByPassRate(window=10)
    for right, level in ((9, 2), (10, 3), (5, 3), (1, 2), (0, 1), (0, 1)):
        pace.observe(right, 10)
        assert (pace.level, pace.seen) == (level, 0)


def test_nothing_happens_within_a_window() -> None:
    pace = ByPassRate(window=10)
    pace.observe(9, 9)
    assert (pace.level, pace.right, pace.seen) == (1, 9, 9)
    pace.observe(1, 1)
    assert pace.level == 2


def test_a_model_settles_where_it_is_sometimes_right() -> None:
    """A planted model is right with the chance that its level leaves it: 0.95, 0.9, ..., 0.05."""
    chances, pace, rng = {1: 0.95, 2: 0.9, 3: 0.5, 4: 0.1, 5: 0.05}, ByPassRate(), Random(0)
    levels = []
    for _ in range(200):
        pace.observe(sum(rng.random() < chances[pace.level] for _ in range(8)), 8)
        levels.append(pace.level)
    assert set(levels[-50:]) == {3}


def test_limits_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match="low < high"):
        ByPassRate(low=0.9, high=0.1)
    with pytest.raises(ValueError, match="from 1 to 5"):
        ByPassRate(level=0)
