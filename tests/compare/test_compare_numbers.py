"""The figures of a comparison: seeds and rows in one interval, curves out of logs, a run's
clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from rlcall.compare.comparison import compare
from rlcall.compare.cost import costs, generated_tokens, phase_start
from rlcall.compare.curves import curve, running_mean
from rlcall.compare.estimates import (
    changes,
    differences,
    error_shares,
    over_seeds,
    seeds_reach,
    widen,
)
from rlcall.compare.methods import MethodRuns
from rlcall.compare.runs import ComparedRun, read_run
from rlcall.compare.side_by_side import pick_rows
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import NOTHING, Estimate, wilson_interval
from rlcall.metrics.paired import paired_difference, values_by_row
from tests.compare.test_compare import ROWS, right_on
from tests.support.compare_runs import planted
from tests.support.judged import due, judge_all, row, tool

shares = st.floats(0, 1)


@pytest.mark.parametrize("values", [[0.4, 0.5, 0.9], [0.1, 0.2], [0.7, 0.7, 0.7, 0.7]])
def test_seeds_reach_as_students_interval_does(values: list[float]) -> None:
    mean, error = np.mean(values), np.std(values, ddof=1) / len(values) ** 0.5
    expected = t.interval(0.95, len(values) - 1, mean, error)[1] - mean if error else 0.0
    assert seeds_reach(values) == pytest.approx(expected)
    assert seeds_reach(values[:1]) == 0.0


def test_reaches_add_as_squares_do() -> None:
    assert widen(Estimate(0.5, 0.47, 0.56, 9), 0.08, 0.0, 1.0) == pytest.approx(
        (0.5, 0.5 - 0.0854400, 0.6, 9)
    )
    assert widen(Estimate(0.5, 0.1, 0.9, 9), 0.6, 0.0, 1.0) == (0.5, 0.0, 1.0, 9), (
        "a share stays one"
    )
    assert widen(NOTHING, 0.1, 0.0, 1.0) == NOTHING


@given(st.lists(st.tuples(shares, shares, shares).map(sorted), min_size=1, max_size=5))
def test_seeds_never_narrow_an_interval(found: list[list[float]]) -> None:
    estimates = [Estimate(value, low, high, 7) for low, value, high in found]
    one = over_seeds(estimates)
    low, value, high = np.mean(found, axis=0)
    assert one.value == pytest.approx(value) and one.n == 7
    assert one.low is not None and one.high is not None
    assert one.low <= low + 1e-9 and one.high >= high - 1e-9


def test_where_a_seed_has_no_interval_the_mean_has_none() -> None:
    """As the entropy of formats, where one seed writes all in one format."""
    found = over_seeds([Estimate(0.0, None, None, 9), Estimate(0.3, 0.1, 0.5, 9)])
    assert found == (pytest.approx(0.15), None, None, 9)


def test_one_seed_is_what_the_metrics_say() -> None:
    first, second = (
        judge_all(ROWS, right_on(places)) for places in (range(6), [0, 1, 2, 3, 6, 7, 8, 9])
    )
    before, after = values_by_row(first, 1), values_by_row(second, 1)
    found = differences(ROWS, [after], [before], True)
    assert set(found) == set(before)
    clusters = clusters_of(ROWS).numbers
    for name, difference in found.items():
        expected = paired_difference(before[name], after[name], clusters)
        assert not expected.n or difference == pytest.approx(expected, nan_ok=True)


def test_seeds_are_paired_where_they_can_be() -> None:
    """Both methods swing together: by seed the gain is always the same, without that it drowns."""
    before = [values_by_row(judge_all(ROWS, right_on(range(count))), 1) for count in (2, 5, 8)]
    after = [values_by_row(judge_all(ROWS, right_on(range(count))), 1) for count in (4, 7, 10)]
    together, apart = (differences(ROWS, after, before, both)["accuracy"] for both in (True, False))
    assert together.value == pytest.approx(0.2) and apart.value == pytest.approx(0.2)
    assert (together.low or 0) > 0 > (apart.low or 0) and together.p is None


def test_a_change_is_of_the_means_over_seeds() -> None:
    """Malformed on 8 of 20 rows and on 4 with either seed: half as many."""
    before = [errors([n % 5 < 2 for n in range(20)]), errors([n % 5 > 2 for n in range(20)])]
    after = [errors([n % 5 < 1 for n in range(20)]), errors([n % 5 > 3 for n in range(20)])]
    rows = [row(due("call"), [tool("call", **{f"p{n}": "string"})], f"r{n}") for n in range(20)]
    one = changes(rows, after, before, True)["malformed"]
    assert one.value == pytest.approx(-0.5) and (one.low or 0) < -0.5 < (one.high or 0)
    assert changes(rows, after, [errors([False] * 20)], False)["malformed"] == NOTHING


def test_seeds_that_differ_widen_a_change() -> None:
    rows = [row(due("call"), [tool("call", **{f"p{n}": "string"})], f"r{n}") for n in range(20)]
    before = [errors([n < 10 for n in range(20)])] * 2
    alike = [errors([n < 5 for n in range(20)])] * 2
    apart = [errors([n < 1 for n in range(20)]), errors([n < 9 for n in range(20)])]
    narrow, wide = (changes(rows, after, before, True)["malformed"] for after in (alike, apart))
    assert narrow.value == wide.value == pytest.approx(-0.5)
    # By seed -90 and -10 %: Student's interval reaches t(1) 0.566 / sqrt(2) = 5.08 to either side.
    assert (wide.high or 0) > 4.5 and wide.low == -1.0 and (narrow.high or 0) < 0.0


def errors(malformed: Sequence[bool]) -> dict[str, Any]:
    some = np.array(malformed, dtype=float)
    return {"malformed": some, "hallucinated": some, "surplus": some}


def test_error_shares_count_completions() -> None:
    seeds = [judge_all(ROWS, right_on(range(count))) for count in (4, 8)]
    one = error_shares(ROWS, seeds, ["wrong_value", "no_call"])
    assert one["wrong_value"].value == pytest.approx(0.4) and one["no_call"].value == 0.0


def line(step: int, seconds: float, **figures: Any) -> dict[str, Any]:
    return {"phase": "grpo", "step": step, "seconds": seconds, **figures}


def test_a_phase_takes_the_seconds_since_the_one_before() -> None:
    log = [
        {**line(1, 40.0), "phase": "warm_start"},
        line(1, 50.0),
        line(2, 65.0, **{"validation/seconds": 4.0}),
    ]
    warm_start, grpo = costs(run_of(log))
    assert (warm_start.seconds, grpo.seconds) == (40.0, 25.0) and phase_start(log, "grpo") == 40.0


def test_generated_tokens_count_what_was_replaced() -> None:
    drawn = [
        {"groups/generated": 16, "completions/mean_length": 10.0},
        {"groups/generated": 40, "completions/mean_length": 20.0},
    ]
    lines = [line(2, 1, **drawn[0]), line(3, 2), line(4, 3, **drawn[1])]
    assert generated_tokens(lines) == 16 * 10 + 24 * 20
    assert generated_tokens(lines[1:2]) is None


def run_of(lines: Sequence[dict[str, Any]]) -> ComparedRun:
    return ComparedRun(Path("r"), {"method": "grpo"}, {}, list(lines), {})


def test_a_curve_has_the_interval_of_its_rows() -> None:
    key = "validation/accuracy"
    lines = [
        line(5, 9.0, **{key: 0.8, "validation/correct": 8, "validation/rows": 10}),
        line(6, 11.0, reward=0.5),
    ]
    one = curve(MethodRuns("g", (run_of(lines),)), key)
    assert one and (list(one.steps), list(one.seconds), list(one.value)) == ([5], [9.0], [0.8])
    assert (one.low[0], one.high[0]) == wilson_interval(8, 10)
    assert curve(MethodRuns("g", (run_of(lines),)), "rules/correct") is None


def test_a_curve_of_seeds_is_over_their_common_steps() -> None:
    runs = [
        run_of([line(step, 2.0 * step, reward=level) for step in range(1, last)])
        for level, last in ((0.4, 4), (0.6, 3))
    ]
    one = curve(MethodRuns("g", tuple(runs)), "reward")
    assert one and list(one.steps) == [1, 2] and list(one.value) == [0.5, 0.5]
    assert (one.low[0], one.high[0]) == (0.0, 1.0), "two seeds say little"


def test_running_means_keep_the_length() -> None:
    values = np.arange(100.0)
    assert (
        len(running_mean(values)) == 100
        and running_mean(values)[50] == 50
        and list(running_mean(values[:10])) == list(values[:10])
    )


def test_samples_show_every_pattern() -> None:
    methods = [judge_all(ROWS, right_on(places)) for places in ([0, 1, 2, 3], [0, 4], [0, 1, 5])]
    # Patterns by frequency: only the first right (2, 3), then first and third (1), second (4),
    # third (5).
    assert pick_rows(methods, 6) == [2, 1, 4, 5, 3] and pick_rows(methods, 2) == [2, 1]


def test_what_a_comparison_holds(tmp_path: Path) -> None:
    runs = [
        planted(tmp_path / name, {"test": (ROWS, right_on(range(n)))}, name)
        for name, n in (("sft", 5), ("dpo", 6))
    ]
    found = compare([read_run(run) for run in runs], by_seed=False, against=None).evaluations[
        "test"
    ]
    assert found.figures["dpo"].rate("accuracy").value == 0.6
    assert found.differences["dpo"]["accuracy"][4:6] == (1, 0) and "sft" not in found.differences
    absent = found.figures["dpo"].format_share("hermes")
    assert absent == (0.0, *wilson_interval(0, 10), 10), "a format that a seed did not write"
