"""Intervals: against scipy where it has them, by hand where it has none, and whether they cover what they should."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rlcall.metrics.intervals import (
    NOTHING,
    cluster_totals,
    differences,
    means,
    numbered,
    percentiles,
    resample,
    wilson_interval,
)


def alone(count: int) -> np.ndarray:
    return np.arange(count)


def test_a_share_of_rows_of_their_own_is_wilsons() -> None:
    values = np.array([[1.0], [0.0], [1.0], [np.nan], [1.0]])
    assert means(values, alone(5)) == [(0.75, *wilson_interval(3, 4), 4)]


def test_a_mean_of_rows_of_their_own_is_scipys_bootstrap() -> None:
    values = np.random.default_rng(7).beta(2, 1, 300)
    (found,) = means(values[:, None], alone(300))
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=5000, rng=np.random.default_rng(1)
    )
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.004)


def test_a_cluster_is_drawn_whole() -> None:
    totals = cluster_totals(np.array([[1.0], [1.0], [5.0]]), numbered(["a", "a", "b"]))
    assert totals.tolist() == [[2.0], [5.0]]
    draws = resample(totals)
    assert set(draws[:, 0]) == {4.0, 7.0, 10.0}
    assert np.mean(draws == 7.0) == pytest.approx(0.5, abs=0.04)


def test_the_same_seed_draws_the_same() -> None:
    totals = np.arange(12.0)[:, None]
    assert (resample(totals, 3) == resample(totals, 3)).all() and (
        resample(totals, 3) != resample(totals, 4)
    ).any()


def test_rows_that_are_alike_within_clusters_say_less() -> None:
    """Twenty clusters of ten equal rows are twenty observations, whatever the number of rows."""
    truths = np.arange(20) % 2
    values, clusters = np.repeat(truths, 10).astype(float)[:, None], np.repeat(np.arange(20), 10)
    (found,) = means(values, clusters)
    low, high = wilson_interval(10, 20)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.035)
    assert found.high is not None and found.high > wilson_interval(100, 200)[1] + 0.1


def test_clusters_cover_where_rows_alone_would_not() -> None:
    rng, clusters = np.random.default_rng(0), np.repeat(np.arange(40), 10)
    covered = naive = 0
    for trial in range(200):
        chances = rng.beta(1, 1, 40)  # each tool list is easy or hard; 0.5 on average
        values = (rng.random(400) < np.repeat(chances, 10)).astype(float)
        (found,) = means(values[:, None], clusters, trial)
        low, high = wilson_interval(int(values.sum()), 400)
        covered += found.low <= 0.5 <= found.high  # type: ignore[operator]
        naive += low <= 0.5 <= high
    assert covered >= 182 and naive <= 160


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_all_are_the_same_a_cluster_is_one_observation(value: float) -> None:
    (found,) = means(np.full((30, 1), value), np.repeat(np.arange(10), 3))
    assert found == pytest.approx((value, *wilson_interval(10 * int(value), 10), 30))


def test_one_cluster_is_one_observation() -> None:
    """Drawn again and again it is always the same, which is no certainty."""
    values, together = np.array([[0.0], [1.0], [1.0], [1.0]]), np.zeros(4, dtype=int)
    reach = wilson_interval(0, 1)[1]
    assert means(values, together) == [pytest.approx((0.75, max(0.75 - reach, 0.0), 1.0, 4))]
    assert differences(values - 1, together) == [pytest.approx((-0.25, -1.0, -0.25 + reach, 4))]


def test_equal_values_between_0_and_1_are_not_certain() -> None:
    (found,) = means(np.full((3, 1), 0.6), alone(3))
    reach = wilson_interval(0, 3)[1]
    assert found == pytest.approx((0.6, 0.6 - reach, 1.0, 3))


def test_nothing_is_known_of_nothing() -> None:
    assert (
        means(np.full((3, 1), np.nan), alone(3))
        == [NOTHING]
        == differences(np.full((3, 1), np.nan), alone(3))
    )
    assert means(np.empty((0, 2)), alone(0)) == [NOTHING, NOTHING]
    assert percentiles(np.array([np.nan])) == (None, None)


def test_a_difference_is_never_taken_for_a_share() -> None:
    """One better row of a hundred proves nothing; Wilson's interval of 1 % would leave 0 out."""
    values = np.zeros((100, 1))
    values[0] = 1.0
    (found,) = differences(values, alone(100))
    assert found.low == 0.0 < found.value == 0.01
    (same,) = differences(np.zeros((100, 1)), alone(100))
    reach = wilson_interval(0, 100)[1]
    assert same == (0.0, -reach, reach, 100)
    (all_lost,) = differences(np.full((4, 1), -1.0), alone(4))
    assert all_lost.low == -1.0 and all_lost.high == pytest.approx(-1.0 + wilson_interval(0, 4)[1])
