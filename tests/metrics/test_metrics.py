"""Metrics by hand-worked numbers, and against scipy and brute force where they have them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rlcall.data.rows import Row
from rlcall.metrics.clusters import FEWEST, clusters_of
from rlcall.metrics.diversity import diversity, ead, subtrees, tokens
from rlcall.metrics.formats import entropy, measure_formats
from rlcall.metrics.intervals import NOTHING, wilson_interval
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.measure import as_json, measure
from rlcall.metrics.paired import (
    mcnemar,
    paired_difference,
    relative_difference,
    values_by_row,
)
from rlcall.metrics.passes import pass_at_k, passes
from rlcall.metrics.rates import rates
from rlcall.metrics.template_rate import pairs, template_rate
from rlcall.metrics.twins import twin_metrics
from rlcall.tasks import phone
from rlcall.tasks.twins.twins import twins
from tests.support.judged import due, judge_all, row, tool

F, G = tool("f", a="integer"), tool("g", b="string")
ROWS = [
    row(due("f", a=1), [F, G], "r0", "one"),
    row(due("g", b="x"), [F, G], "r1", "one"),
    row({"calls": []}, [F], "r2", "none"),
    row({"calls": []}, [G], "r3", "none"),
    row({"calls": "any"}, [F], "r4", "some"),
    row(None, [F], "r5", "unknown"),
    row({"names": ["f"]}, [F, G], "r6", "names"),
    row({"name": "f", "arguments": {"a": 1}}, [F], "r7", "arguments"),
    row({"slots": {"price": 12}}, [F], "r8", "reply"),
]


def hermes(*calls: tuple[str, Any]) -> str:
    return "\n".join(
        f"<tool_call>\n{json.dumps({'name': name, 'arguments': given})}\n</tool_call>"
        for name, given in calls
    )


def values(rows: list[Any], completions: list[Any]) -> dict[str, tuple[float | None, int]]:
    found = rates(judge_all(rows, completions), np.arange(len(rows)))
    return {name: (one.value, one.n) for name, one in found.items()}


def test_each_rate_by_hand() -> None:
    completions = [
        hermes(("f", {"a": 1})),  # right
        hermes(
            ("h", {"b": "x"}), ("g", {"b": "x"})
        ),  # a tool that is not there, and one call too many
        "I can't help with that.",  # abstains
        "<tool_call>{oops</tool_call>",  # meant as a call, where none is due
        hermes(("f", {"a": "1"})),  # read, and not valid
        hermes(("z", {})),  # nothing is known of the row, but there is no z
        '["f", "h"]',  # a name that is not there, and surplus
        "a is 1",  # no object of arguments
        "That makes 12.",  # right
    ]
    assert values(ROWS, completions) == {
        "accuracy": (3 / 8, 8),  # r0, r2, r8
        "reward": (pytest.approx(rates_of_reward(completions)), 8),
        "valid": (1 / 3, 3),  # r0 of r0, r1, r4
        "malformed": (2 / 8, 8),  # r3 and r7 of all but the reply
        "hallucinated": (3 / 7, 7),  # r1, r5, r6 of all but arguments and reply
        "surplus": (2 / 4, 4),  # r1, r6 of r0, r1, r4, r6
        "relevance": (3 / 3, 3),
        "irrelevance": (1 / 2, 2),
        "balanced": (3 / 4, 5),
    }


def rates_of_reward(completions: list[str]) -> float:
    given = [record.reward for record in judge_all(ROWS, completions)]
    known = [reward for reward in given if reward is not None]
    return sum(known) / len(known)


def test_a_call_in_another_format_than_the_one_asked_for_is_malformed() -> None:
    (record,) = judge_all(ROWS[:1], ["[f(a=1)]"], wire="hermes")
    assert (record.is_malformed, record.correct, record.form, record.is_valid) == (
        True,
        False,
        "python",
        False,
    )


def test_a_record_is_its_json() -> None:
    for record in judge_all(ROWS, ["x"] * len(ROWS)):
        assert JudgedCompletion(**json.loads(json.dumps(record.to_json()))) == record


def calling(number: int) -> Row:
    name = f"t{number}"
    return row({"calls": [{"name": name, "arguments": {}}]}, [tool(name), F], f"r{number}")


def test_rows_that_call_the_same_tools_are_one_cluster() -> None:
    """Whatever else is shown beside them; where nothing is called, the tools that are shown."""
    calls = list(map(calling, range(FEWEST)))
    again = replace(calls[3], tools=[tool("other"), tool("t3")])
    none = [row(None, [F, tool(f"t{at}")], f"n{at}") for at in range(FEWEST)]
    same = row({"calls": []}, [tool("t0"), F], "n")
    found = clusters_of([*calls, again, *none, same])
    assert found.kind == "tools"
    assert found.numbers.tolist() == [*range(FEWEST), 3, *range(FEWEST, 2 * FEWEST), FEWEST]
    few = clusters_of(calls[1:])
    assert (few.kind, few.count) == ("rows", FEWEST - 1)


def test_rows_without_calls_that_show_the_same_tools_are_not_one_observation() -> None:
    """As where all of somebody's tools are shown on every row."""
    calls = list(map(calling, range(FEWEST)))
    none = [row({"calls": []}, [F], f"n{at}") for at in range(4)]
    found = clusters_of([*calls, *none])
    assert (found.kind, found.numbers.tolist()) == ("tools", list(range(FEWEST + 4)))
    measured = measure(
        [*calls, *none],
        judge_all([*calls, *none], ["nothing"] * (FEWEST + 2) + ["", "{"]),
        "smollm2",
    )
    assert measured.rates["irrelevance"][1:3] == wilson_interval(
        round(4 * measured.rates["irrelevance"][0]), 4
    )


def test_a_twin_is_in_the_cluster_of_its_row() -> None:
    rows = list(map(calling, range(FEWEST)))
    twin = replace(rows[4], tools=[F], answer={"calls": []}, id="r4~gold_tool_removed")
    assert clusters_of([*rows, twin]).numbers.tolist() == [*range(FEWEST), 4]
    assert clusters_of([*rows[:5], twin]).numbers.tolist() == [0, 1, 2, 3, 4, 4], (
        "also where rows are the clusters"
    )


# pass@k


@pytest.mark.parametrize("n", [1, 4, 7])
def test_pass_at_k_is_the_share_of_choices_with_a_right_one(n: int) -> None:
    for right in range(n + 1):
        outcomes = [True] * right + [False] * (n - right)
        for k in range(1, n + 1):
            choices = list(combinations(outcomes, k))
            assert pass_at_k(n, right, k) == pytest.approx(sum(map(any, choices)) / len(choices))


@pytest.mark.parametrize(("n", "right", "k"), [(3, 1, 4), (3, 4, 1), (3, 1, 0), (3, -1, 1)])
def test_pass_at_k_is_not_defined_everywhere(n: int, right: int, k: int) -> None:
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(n, right, k)


def test_passes_by_hand() -> None:
    right, wrong = hermes(("f", {"a": 1})), hermes(("f", {"a": 2}))
    one = judge_all([ROWS[0], ROWS[5]], [[right, wrong, wrong], [right] * 3])
    found = passes(one, np.repeat([0, 1], 3), 3)
    assert {name: (estimate.value, estimate.n) for name, estimate in found.items()} == {
        "pass@1": (pytest.approx(1 / 3), 1),
        "pass@2": (pytest.approx(2 / 3), 1),
        "pass@3": (1.0, 1),
    }


# Formats


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
def test_entropy_is_scipys(counts: list[int]) -> None:
    assert entropy(np.array(counts, dtype=float)) == pytest.approx(stats.entropy(counts, base=2))


def test_formats_are_told_apart_whatever_was_asked_for() -> None:
    completions = [
        hermes(("f", {"a": 1})),
        "[g(b='x')]",
        "[]",
        "[]",
        "[f(a=1)]",
        "f",
        "f",
        "{}",
        "12",
    ]
    found = measure_formats(judge_all(ROWS, completions, wire="hermes"), np.arange(len(ROWS)))
    assert {name: one.value for name, one in found.share.items()} == {
        "python": pytest.approx(2 / 3),
        "hermes": pytest.approx(1 / 3),
    }
    assert {name: one.value for name, one in found.accuracy.items()} == {
        "python": 0.0,
        "hermes": 1.0,
    }
    assert found.entropy.value == pytest.approx(stats.entropy([2, 1], base=2))


# Diversity


def test_ead_by_hand() -> None:
    """Ten words to choose from, four drawn, three of them different: 10 (1 - 0.9^4) = 3.439 are
    expected."""
    assert ead([["a", "b"], ["a", "c"]], 1, vocabulary=10) == pytest.approx(3 / 3.439)
    assert ead([["a", "b"], ["a", "c"]], 2, vocabulary=10) == pytest.approx(2 / (10 * (1 - 0.9**2)))
    assert ead([["a"]], 2) is None


def test_even_draws_have_an_ead_of_one() -> None:
    drawn = np.random.default_rng(0).integers(0, 500, (40, 100))
    assert ead(drawn.tolist(), 1, vocabulary=500) == pytest.approx(1.0, abs=0.01)


def test_subtrees_by_hand() -> None:
    call = {"name": "f", "arguments": {"a": 1, "b": {"c": [1, 1.0]}}}
    found = list(subtrees(call))
    assert (
        len(found) == 6 and len(set(found)) == 5
    )  # the call, a, b, c, and two items that are the same


def test_tokens_are_words_and_signs() -> None:
    assert tokens("f(a_1='é')") == ["f", "(", "a_1", "=", "'", "é", "'", ")"]


def test_diversity_by_hand() -> None:
    first, other, invalid = (hermes(("f", {"a": value})) for value in (1, 2, "x"))
    one = judge_all([ROWS[0], ROWS[2]], [[first, first, other, invalid], ["[]"] * 4])
    found = {
        name: estimate.value for name, estimate in diversity(one, np.repeat([0, 1], 4), 4).items()
    }
    assert found["calls"] == 3 / 4 and found["valid_calls"] == 2 / 4
    assert found["pairs"] == pytest.approx(5 / 6), "all pairs but the first two samples"
    assert found["valid_pairs"] == pytest.approx(2 / 6)
    assert found["subtrees"] == pytest.approx(6 / 8) and found["valid_subtrees"] == pytest.approx(
        4 / 6
    )
    texts = [tokens(text) for text in (first, first, other, invalid)]
    assert found["ead"] == pytest.approx(sum(ead(texts, n) or 0 for n in (1, 2, 3, 4)) / 4)
    assert diversity(one[:1], np.array([0]), 1) == {}


def test_the_order_of_calls_and_keys_makes_no_difference() -> None:
    two = tool("f", a="integer", b="integer")
    both = row(due("f", a=1, b=2), [two, G], "r")
    texts = [
        hermes(("f", {"a": 1, "b": 2}), ("g", {"b": "x"})),
        hermes(("g", {"b": "x"}), ("f", {"b": 2, "a": 1.0})),
    ]
    assert diversity(judge_all([both], [texts]), np.zeros(2, dtype=int), 2)["calls"].value == 0.5


# Twins


def test_twins_are_as_the_template_rate_has_them() -> None:
    from random import Random

    rows = []
    for one in phone.generate(30, seed=3):
        rows += [one, *twins(one, Random(0))]
    golds = {one.id: gold(one) for one in rows}
    completions = [
        golds[str(one.id).partition("~")[0]] for one in rows
    ]  # a memoriser: the row's gold for its twins
    found = twin_metrics(rows, judge_all(rows, completions), "auto", np.arange(len(rows)))
    theirs = template_rate(pairs(rows, completions), "auto")
    assert theirs.changed > 10
    assert found["all"].n.value == theirs.accuracy_rows == 1.0
    assert found["all"].n_minus_1.value == theirs.accuracy_twins
    assert found["all"].drop.value == pytest.approx(theirs.drop)
    assert found["all"].template.value == theirs.rate == 1.0
    assert found["distractor_removed"].drop.value == 0.0
    with pytest.raises(ValueError, match="without its row"):
        twin_metrics(rows[1:2], judge_all(rows[1:2], completions[1:2]), "auto", np.arange(1))


def gold(one: Any) -> str:
    calls = (one.answer or {})["calls"]
    return hermes(*((call["name"], call["arguments"]) for call in calls)) if calls else "[]"


# Two evaluations


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1.0), (9, 1, 22 / 1024), (5, 5, 1.0), (0, 6, 2 / 64)]
)
def test_mcnemar_by_hand(better: int, worse: int, p: float) -> None:
    assert mcnemar(better, worse) == pytest.approx(p)


def test_a_difference_is_scipys_paired_bootstrap() -> None:
    rng = np.random.default_rng(5)
    first = (rng.random(250) < 0.5).astype(float)
    second = np.where(rng.random(250) < 0.3, 1 - first, first)
    found = paired_difference(first, second, np.arange(250))
    theirs = stats.bootstrap(
        (first, second), lambda a, b, axis: np.mean(b, axis) - np.mean(a, axis), paired=True, method="percentile",
        n_resamples=5000, rng=np.random.default_rng(1),
    )  # fmt: skip
    assert found.value == pytest.approx(second.mean() - first.mean())
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.012)
    assert (found.better, found.worse) == (int((second > first).sum()), int((second < first).sum()))
    assert found.p == pytest.approx(
        stats.binomtest(found.better, found.better + found.worse).pvalue
    )


def test_a_relative_difference_is_scipys_paired_bootstrap_of_a_ratio() -> None:
    rng = np.random.default_rng(5)
    first = (rng.random(250) < 0.3).astype(float)
    second = np.where(rng.random(250) < 0.2, (rng.random(250) < 0.2).astype(float), first)
    found = relative_difference(first, second, np.arange(250))
    theirs = stats.bootstrap(
        (first, second), lambda a, b, axis: np.mean(b, axis) / np.mean(a, axis) - 1, paired=True, method="percentile",
        n_resamples=5000, rng=np.random.default_rng(1),
    )  # fmt: skip
    assert found.value == pytest.approx(second.mean() / first.mean() - 1) and found.n == 250
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.02)


def test_a_relative_difference_needs_something_to_be_relative_to() -> None:
    none, few, other = np.zeros(40), np.eye(40)[0], np.eye(40)[:3].sum(axis=0)
    assert relative_difference(none, other, np.arange(40)) == NOTHING
    assert relative_difference(few, other, np.arange(40)) == (pytest.approx(2.0), None, None, 40), (
        "one case: no interval"
    )
    assert relative_difference(np.full(40, np.nan), other, np.arange(40)) == NOTHING


def test_no_case_left_is_not_proof_of_none() -> None:
    before = (np.arange(40) < 20).astype(float)
    found = relative_difference(before, np.zeros(40), np.arange(40))
    assert found[:2] == (-1.0, -1.0) and found.high == pytest.approx(
        wilson_interval(0, 40)[1] / 0.5 - 1
    )


def test_two_evaluations_row_by_row() -> None:
    right = [
        hermes(("f", {"a": 1})),
        hermes(("g", {"b": "x"})),
        "[]",
        "[]",
        hermes(("f", {"a": 5})),
    ]
    wrong = ["[]", *right[1:4], "[]"]
    first, second = (values_by_row(judge_all(ROWS[:5], texts), 1) for texts in (wrong, right))
    found = {name: paired_difference(first[name], second[name], np.arange(5)) for name in first}
    assert found["accuracy"][:1] + found["accuracy"][3:6] == (pytest.approx(2 / 5), 5, 2, 0)
    assert found["rule name"].n == 3 and found["relevance"].value == pytest.approx(2 / 3)
    assert found["irrelevance"].value == 0.0 and found["irrelevance"].p == 1.0


def test_a_rows_samples_count_with_their_mean() -> None:
    right, wrong = hermes(("f", {"a": 1})), hermes(("f", {"a": 2}))
    values = values_by_row(judge_all(ROWS[:3], [[right, wrong], [wrong, wrong], ["[]", "[]"]]), 2)
    assert values["accuracy"].tolist() == [0.5, 0.0, 1.0]
    assert values["relevance"][:2].tolist() == [1.0, 1.0] and np.isnan(values["relevance"][2])


# All of it


def test_all_metrics_are_json_and_per_task() -> None:
    samples = [[hermes(("f", {"a": 1})), "[]"]] * len(ROWS)
    found = json.loads(
        json.dumps(as_json(measure(ROWS, judge_all(ROWS, samples), "auto")), allow_nan=False)
    )
    assert (found["rows"], found["samples"], found["clusters"]) == (
        9,
        2,
        {"kind": "rows", "count": 9},
    )
    assert list(found["tasks"]) == ["one", "none", "some", "unknown", "names", "arguments", "reply"]
    assert found["tasks"]["one"]["rates"]["accuracy"] == pytest.approx(
        {"value": 0.25, "low": 0.0, "high": 0.5, "n": 4}
    )
    assert found["tasks"]["none"]["rates"]["irrelevance"]["value"] == 0.5
    assert found["tasks"]["one"]["rates"]["irrelevance"] == {
        "value": None,
        "low": None,
        "high": None,
        "n": 0,
    }
    assert found["pass"]["pass@2"]["value"] == pytest.approx(4 / 8)


def test_as_many_completions_for_each_row() -> None:
    made = judge_all(ROWS[:2], ["x", "x"])
    for broken in (made[:1], made[::-1], [made[0], made[0], made[1]], []):
        with pytest.raises(ValueError, match="are not as many"):
            measure(ROWS[:2], broken, "auto")
    with pytest.raises(ValueError, match="no rows"):
        measure([], [], "auto")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["[]", "x", "[f(a=1)]", "<tool_call>{", '["g"]', "{}", ""]),
        min_size=9,
        max_size=9,
    )
)
def test_every_estimate_lies_in_its_interval(completions: list[str]) -> None:
    found = measure(ROWS, judge_all(ROWS, completions), "auto")
    for part in (found.rates, found.rules, found.formats.share):
        for name, one in part.items():
            assert one.n == 0 or (
                0 <= one.low <= one.value + 1e-9 and one.value <= one.high + 1e-9
            ), name
            assert not one.n or math.isfinite(one.value)
