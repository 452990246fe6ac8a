"""Intervals against scipy, by hand where it has none, and whether they cover what they should."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from rlcall.metrics.intervals import (
    NOTHING,
    Array,
    Estimate,
    cluster_totals,
    difference_estimate,
    mean_estimate,
    mean_of_independent,
    numbered,
    percentiles,
    resample,
    wilson_interval,
)


def alone(count: int) -> np.ndarray:
    return np.arange(count)


def total(sums: Array) -> Array:
    return sums[..., 0]


@pytest.mark.parametrize(("correct", "n"), [(0, 5), (3, 4), (8, 10), (250, 1000), (7, 7)])
def test_wilsons_interval_is_its_formula(correct: int, n: int) -> None:
    p, z = correct / n, stats.norm.ppf(0.975)
    middle = p + z**2 / (2 * n)
    reach = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = (middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n)
    assert wilson_interval(correct, n) == pytest.approx((max(low, 0.0), min(high, 1.0)))
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_a_share_of_rows_of_their_own_is_wilsons() -> None:
    values = np.array([1.0, 0.0, 1.0, np.nan, 1.0])
    assert mean_estimate(values, alone(5)) == (0.75, *wilson_interval(3, 4), 4)


def test_a_mean_of_rows_of_their_own_is_scipys_bootstrap() -> None:
    values = np.random.default_rng(7).beta(2, 1, 300)
    estimate = mean_estimate(values, alone(300))
    expected = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=5000, rng=np.random.default_rng(1)
    )
    interval = tuple(expected.confidence_interval)
    assert estimate.value == pytest.approx(values.mean())
    assert (estimate.low, estimate.high) == pytest.approx(interval, abs=0.004)


def test_a_cluster_is_drawn_whole() -> None:
    totals = cluster_totals(np.array([[1.0], [1.0], [5.0]]), numbered(["a", "a", "b"]))
    assert totals.tolist() == [[2.0], [5.0]]
    draws = resample(totals, total)
    assert len(draws) == 2000 and set(draws) == {4.0, 7.0, 10.0}
    assert np.mean(draws == 7.0) == pytest.approx(0.5, abs=0.04)


def test_resamples_are_those_of_all_that_could_be_drawn() -> None:
    """Of three clusters there are 27 draws, each as likely as the others."""
    totals = np.array([[1.0, 1.0], [3.0, 4.0], [0.0, 2.0]])
    draws = resample(totals, lambda sums: sums[..., 0] / sums[..., 1])
    every_draw = [totals[list(clusters)].sum(axis=0) for clusters in product(range(3), repeat=3)]
    expected = np.array([sums[0] / sums[1] for sums in every_draw])
    assert set(np.round(draws, 9)) == set(np.round(expected, 9))
    assert stats.ks_2samp(draws, np.repeat(expected, 200)).statistic < 0.03


def test_clusters_without_an_observation_are_no_clusters() -> None:
    values = np.array([[2.0], [3.0]])
    assert cluster_totals(values, np.array([7, 2])).tolist() == [[3.0], [2.0]]


def test_the_same_seed_draws_the_same() -> None:
    totals = np.arange(12.0)[:, None]
    assert (resample(totals, total, 3) == resample(totals, total, 3)).all()
    assert (resample(totals, total, 3) != resample(totals, total, 4)).any()


def test_rows_that_are_alike_within_clusters_say_less() -> None:
    """Twenty clusters of ten equal rows are twenty observations, whatever the number of rows."""
    truths = np.arange(20) % 2
    values, clusters = np.repeat(truths, 10).astype(float), np.repeat(np.arange(20), 10)
    intervals = [mean_estimate(values, clusters, seed)[1:3] for seed in range(15)]
    low, high = np.median(np.array(intervals), axis=0)
    assert (low, high) == pytest.approx(wilson_interval(10, 20), abs=0.035)
    assert all(high > wilson_interval(100, 200)[1] + 0.1 for _, high in intervals)


def test_clusters_cover_where_rows_alone_would_not() -> None:
    rng, clusters = np.random.default_rng(0), np.repeat(np.arange(40), 10)
    covered = naive = 0
    for trial in range(200):
        chances = rng.beta(1, 1, 40)  # each tool list is easy or hard; 0.5 on average
        values = (rng.random(400) < np.repeat(chances, 10)).astype(float)
        estimate = mean_estimate(values, clusters, trial)
        low, high = wilson_interval(int(values.sum()), 400)
        covered += estimate.low <= 0.5 <= estimate.high  # type: ignore[operator]
        naive += low <= 0.5 <= high
    assert covered >= 182 and naive <= 160


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_all_are_the_same_a_cluster_is_one_observation(value: float) -> None:
    estimate = mean_estimate(np.full(30, value), np.repeat(np.arange(10), 3))
    assert estimate == pytest.approx((value, *wilson_interval(10 * int(value), 10), 30))


def test_one_cluster_is_one_observation() -> None:
    """Drawn again and again it is always the same, which is no certainty."""
    values, together = np.array([0.0, 1.0, 1.0, 1.0]), np.zeros(4, dtype=int)
    reach = wilson_interval(0, 1)[1]
    expected = (0.75, max(0.75 - reach, 0.0), 1.0, 4)
    assert mean_estimate(values, together) == pytest.approx(expected)
    lost = difference_estimate(values - 1, together)
    assert lost == pytest.approx((-0.25, -1.0, -0.25 + reach, 4))


def test_equal_values_between_0_and_1_are_not_certain() -> None:
    reach = wilson_interval(0, 3)[1]
    assert mean_estimate(np.full(3, 0.6), alone(3)) == pytest.approx((0.6, 0.6 - reach, 1.0, 3))


def test_nothing_is_known_of_nothing() -> None:
    for values in (np.full(3, np.nan), np.empty(0)):
        clusters = alone(len(values))
        assert mean_estimate(values, clusters) == NOTHING == difference_estimate(values, clusters)
    assert percentiles(np.array([np.nan])) is None


def test_resamples_with_nothing_to_compute_are_left_out() -> None:
    assert percentiles(np.array([np.nan, 1.0, 2.0])) == pytest.approx((1.025, 1.975))
    assert percentiles(np.array([0.3, 0.1 + 0.2])) is None, "the same up to rounding"


def test_a_difference_is_never_taken_for_a_share() -> None:
    """One better row of a hundred proves nothing; Wilson's interval of 1 % would leave 0 out."""
    values = np.zeros(100)
    values[0] = 1.0
    estimate = difference_estimate(values, alone(100))
    assert estimate.low == 0.0 < estimate.value == 0.01
    reach = wilson_interval(0, 100)[1]
    assert difference_estimate(np.zeros(100), alone(100)) == (0.0, -reach, reach, 100)
    all_lost = difference_estimate(np.full(4, -1.0), alone(4))
    assert all_lost.low == -1.0
    assert all_lost.high == pytest.approx(-1.0 + wilson_interval(0, 4)[1])


def test_independent_figures_add_as_squares_do() -> None:
    parts = [Estimate(0.5, 0.4, 0.6, 100), Estimate(0.9, 0.87, 0.98, 50)]
    expected = (0.7, 0.7 - np.hypot(0.1, 0.03) / 2, 0.7 + np.hypot(0.1, 0.08) / 2, 150)
    assert mean_of_independent(parts, 0.0) == pytest.approx(expected)
    assert mean_of_independent([*parts, NOTHING], 0.0) == NOTHING
    whole = [Estimate(1.0, 0.2, 1.0, 1)] * 2
    assert (
        mean_of_independent(whole, 0.9).low == 0.9 and mean_of_independent(whole, 0.0).high == 1.0
    )


def test_a_mean_of_independent_figures_covers_the_truth() -> None:
    """Four categories of 30 entries, as BFCL averages them."""
    rng, chances = np.random.default_rng(2), (0.97, 0.8, 0.6, 0.3)
    covered = 0
    for _ in range(400):
        counts = [int(rng.binomial(30, chance)) for chance in chances]
        parts = [Estimate(count / 30, *wilson_interval(count, 30), 30) for count in counts]
        estimate = mean_of_independent(parts, 0.0)
        covered += estimate.low <= np.mean(chances) <= estimate.high  # type: ignore[operator]
    assert 370 <= covered <= 396
