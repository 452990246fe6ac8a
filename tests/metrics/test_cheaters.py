"""Planted cheaters: each shows up in the numbers as what it is, and the policies that need no
model are two of them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from rlcall.data.rows import Row
from rlcall.metrics.baselines import POLICIES, arguments_for, baseline_completions, complete
from rlcall.metrics.measure import measure, measure_baselines
from rlcall.tasks import phone
from rlcall.tasks.twins.twins import kind_of, original_id, twins
from rlcall.verifier.schema import compile_tools
from tests.support.judged import GRADED, due, judge_all, row, tool

ROWS = list(phone.generate(300, seed=11, split="test", no_call_share=0.3))


def gold(one: Row) -> str:
    calls = (one.answer or {})["calls"]
    return (
        json.dumps([{"name": call["name"], "arguments": call["arguments"]} for call in calls])
        if calls
        else "[]"
    )


def found(rows: list[Row], completions: list[Any]) -> dict[str, float]:
    rates = measure(rows, judge_all(rows, completions), "auto").rates
    return {name: one.value for name, one in rates.items()}


def test_the_honest_one_has_nothing_to_hide() -> None:
    rates = found(ROWS, [gold(one) for one in ROWS])
    good = ("accuracy", "reward", "valid", "relevance", "irrelevance", "balanced")
    assert rates == {
        **dict.fromkeys(good, 1.0),
        **dict.fromkeys(("malformed", "hallucinated", "surplus"), 0.0),
    }


def test_who_never_calls_is_perfect_at_abstaining_alone() -> None:
    rates = found(ROWS, ["I am sorry, I can't do that."] * len(ROWS))
    assert (rates["irrelevance"], rates["relevance"], rates["balanced"]) == (1.0, 0.0, 0.5)
    assert rates["accuracy"] == pytest.approx(
        sum(one.answer == {"calls": []} for one in ROWS) / len(ROWS)
    )


def test_who_always_calls_the_first_tool_never_abstains() -> None:
    rates = measure_baselines(ROWS, "auto", GRADED)["always the first tool"].rates
    assert (rates["irrelevance"].value, rates["relevance"].value, rates["balanced"].value) == (
        0.0,
        1.0,
        0.5,
    )
    assert rates["valid"].value == 1.0 and rates["accuracy"].value < 0.1


def test_the_gold_ten_times_is_surplus() -> None:
    called = [one for one in ROWS if one.answer != {"calls": []}]
    tenfold = [json.dumps(json.loads(gold(one)) * 10) for one in called]
    rates = found(called, tenfold)
    assert (rates["surplus"], rates["accuracy"], rates["relevance"]) == (1.0, 0.0, 1.0)
    assert rates["reward"] < 0.01


def test_who_knows_its_train_tools_by_heart_drops_on_twins() -> None:
    rows = [one for original in ROWS[:60] for one in (original, *twins(original, Random(0)))]
    golds = {one.id: gold(one) for one in rows}
    learned = [golds[original_id(str(one.id))] for one in rows]
    memoriser = measure(rows, judge_all(rows, learned), "auto").twins
    reader = measure(rows, judge_all(rows, [golds[one.id] for one in rows]), "auto").twins
    gone = memoriser["gold_tool_removed"]
    assert (gone.n.value, gone.n_minus_1.value) == (1.0, 0.0)
    assert (gone.drop.value, gone.template.value) == (1.0, 1.0)
    assert memoriser["all"].drop.low > 0.2 and memoriser["distractor_removed"].drop.value == 0.0
    assert (reader["all"].drop.value, reader["all"].template.value) == (0.0, 0.0)
    assert set(memoriser) == {"all", *(kind for one in rows if (kind := kind_of(one.id)))}


def test_broken_syntax_is_no_abstention() -> None:
    idle = [one for one in ROWS if one.answer == {"calls": []}]
    rates = found(idle, ['<tool_call>{"name": "call", "argum'] * len(idle))
    assert (rates["malformed"], rates["irrelevance"]) == (1.0, 0.0)


# The policies themselves


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_the_same_for_the_same_seed(policy: str) -> None:
    made = [complete(policy, one, 0) for one in ROWS[:50]]
    assert made == [complete(policy, one, 0) for one in ROWS[:50]]
    assert policy == "never calls" or made != [complete(policy, one, 1) for one in ROWS[:50]]


def test_the_tools_that_policies_call() -> None:
    tools = [tool("f", a="integer"), tool("g", b={"type": "string", "enum": ["x", "y"]})]
    rows = [row(due("f", a=1), tools, f"r{place}") for place in range(40)]
    called = {
        name: [one.calls for one in baseline_completions(name, rows, "hermes", GRADED)]
        for name in POLICIES
    }
    assert called["never calls"] == [[]] * 40
    assert {calls[0]["name"] for calls in called["always the first tool"]} == {"f"}
    assert {calls[0]["name"] for calls in called["random valid call"]} == {"f", "g"}
    assert {len(calls) for calls in called["random valid call"]} == {1}


def test_policies_answer_what_is_asked_for() -> None:
    tools = [tool("f", a="integer"), tool("g", b="string")]
    granular = [
        row({"names": ["f"]}, tools, "names"),
        row({"name": "f", "arguments": {"a": 1}}, tools, "arguments"),
        row({"slots": {"price": 12}}, tools, "reply"),
        row({"calls": []}, [], "no tools"),
    ]
    first = [complete("always the first tool", one, 0) for one in granular]
    assert (first[0], list(json.loads(str(first[1]))), first[2], first[3]) == (
        '["f"]',
        ["a"],
        "",
        "",
    )
    assert [complete("never calls", one, 0) for one in granular] == ["[]", "{}", "", ""]


SCHEMAS: dict[str, Any] = {
    "bounds": {"type": "integer", "minimum": 10, "maximum": 12, "multipleOf": 2},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"},
    "list": {"type": "array", "items": {"type": "number"}, "minItems": 2, "uniqueItems": True},
    "object": {"type": "object", "properties": {"x": {"enum": ["a"]}}, "required": ["x"]},
    "either": {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
    "date": {"type": "string", "format": "date"},
    "dialect": {"type": "dict", "properties": {"x": {"type": "float"}}},
}  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
def test_random_arguments_are_valid(schema: str) -> None:
    (compiled,) = compile_tools(json.dumps([tool("f", a=SCHEMAS[schema])])).values()
    drawn = [arguments_for(compiled, Random(seed)) for seed in range(20)]
    assert all("a" in one and not compiled.violations(one) for one in drawn)


def test_what_no_value_fits_is_called_all_the_same() -> None:
    (never,) = compile_tools(json.dumps([tool("f", a={"enum": []})])).values()
    assert arguments_for(never, Random(0)) == {}
