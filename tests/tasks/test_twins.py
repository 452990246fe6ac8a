"""Twins: one thing is gone, the answer is right, and planted policies get their template rates."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.data.rows import Row, parse_row
from rlcall.metrics.template_rate import TemplateRate, is_template, pairs, template_rate
from rlcall.tasks.twins.twins import KINDS, kind_of, original_id, twins
from rlcall.verify import verify
from tests.support.sources import draft_rows, each_source, rows_of

PHONE = rows_of("phone")


def gold(row, form="nestful"):
    calls = row.wanted.gold_calls()
    return wire.get(form).render(calls) if calls else "[]"


def names(row):
    return [tool["function"]["name"] for tool in row.tools]


def by_kind(row, shorter=None, seed=0):
    return {kind_of(twin.id): twin for twin in twins(row, Random(seed), shorter=shorter)}


@each_source
def test_every_twin_is_a_row_whose_gold_is_right_and_one_removal_away(source):
    found = Counter()
    for row in rows_of(source):
        for twin in twins(row, Random(row.id)):
            kind = kind_of(twin.id)
            found[kind] += 1
            assert parse_row(json.loads(json.dumps(twin.to_json()))) == twin
            assert (original_id(twin.id), twin.task, twin.messages) == (
                row.id,
                row.task,
                row.messages,
            )
            assert verify(gold(twin), twin.tools, twin.answer).correct, (twin.id, gold(twin))
            assert REMOVED[kind](row, twin), (kind, twin.id)
    assert found["gold_tool_removed"] > 100, found


def one_tool_less(row, twin):
    return len(twin.tools) == len(row.tools) - 1 and all(tool in row.tools for tool in twin.tools)


def gold_tool_less(row, twin):
    (gone,) = set(names(row)) - set(names(twin))
    called, left = ([call["name"] for call in one.answer["calls"]] for one in (row, twin))
    return (
        one_tool_less(row, twin)
        and gone in called
        and gone not in left
        and set(left) <= set(called)
    )


def distractor_less(row, twin):
    same = twin.answer_text == row.answer_text
    return (
        same
        and one_tool_less(row, twin)
        and {call["name"] for call in row.answer["calls"]} <= set(names(twin))
    )


def schemas(row):
    return [(tool["function"].get("parameters") or {}).get("properties", {}) for tool in row.tools]


def parameter_less(row, twin):
    ((before, after),) = [
        pair for pair in zip(schemas(row), schemas(twin), strict=True) if pair[0] != pair[1]
    ]
    (gone,) = before.keys() - after.keys()
    given = [sum(gone in call["arguments"] for call in one.answer["calls"]) for one in (row, twin)]
    return (
        {**before, gone: None} == {**after, gone: None}
        and given[0] > given[1]
        and names(row) == names(twin)
    )


def value_less(row, twin):
    ((before, after),) = [
        pair for pair in zip(schemas(row), schemas(twin), strict=True) if pair[0] != pair[1]
    ]
    (key,) = [key for key in before if before[key] != after[key]]
    (gone,) = [value for value in before[key]["enum"] if value not in after[key]["enum"]]
    given = [[call["arguments"].get(key) for call in one.answer["calls"]] for one in (row, twin)]
    return (
        gone in given[0]
        and gone not in given[1]
        and len(twin.answer["calls"]) < len(row.answer["calls"])
    )


REMOVED = {
    "gold_tool_removed": gold_tool_less,
    "distractor_removed": distractor_less,
    "optional_parameter_removed": parameter_less,
    "enum_value_removed": value_less,
}


def test_a_generators_rows_have_twins_with_a_request_less():
    made = [(one.row, one.shorter()) for one in draft_rows()]
    found = [(row, by_kind(row, shorter)["request_removed"]) for row, shorter in made if shorter]
    assert len(found) > 20
    for row, twin in found:
        assert twin.tools == row.tools and twin.messages != row.messages
        assert verify(gold(twin), twin.tools, twin.answer).correct
        assert 0 < len(twin.answer["calls"]) < len(row.answer["calls"])


def test_phone_rows_have_the_twins_that_they_allow():
    for row in PHONE:
        found = by_kind(row)
        called = {call["name"] for call in row.answer["calls"]}
        assert ("gold_tool_removed" in found) == bool(called)
        assert ("distractor_removed" in found) == (len(row.tools) > max(len(called), 1))
        if len(row.answer["calls"]) < 2 and "gold_tool_removed" in found:
            assert found["gold_tool_removed"].answer == {"calls": []}


def tool(name, required=(), /, **properties):
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {
        "type": "function",
        "function": {"name": name, "description": name, "parameters": schema},
    }


TEXT = {"type": "string"}
FIND = tool("find", ["what"], what=TEXT)
BOOK = tool(
    "book", ["id", "seat"], id=TEXT, seat={"type": "string", "enum": ["aisle", "window"]}, note=TEXT
)
PAY = tool("pay", ["sum"], sum={"type": "integer"})
FOUND = {"name": "find", "arguments": {"what": "train"}, "label": "a"}
SEATED = {"id": "$a.id$", "seat": "aisle"}
BOOKED = {"name": "book", "arguments": {**SEATED, "note": "quiet"}, "compare": {"$.note": "text"}}
PAID = {"name": "pay", "arguments": {"sum": 3}}


def row(calls, **answer):
    return Row(
        [{"role": "user", "content": "?"}], [FIND, BOOK, PAY], {"calls": calls, **answer}, id="r"
    )


def test_a_chain_falls_with_the_call_that_it_hangs_on_and_the_rest_stays_due():
    found = [
        by_kind(row([FOUND, BOOKED, PAID]), seed=seed)["gold_tool_removed"] for seed in range(20)
    ]
    answers = {
        frozenset(set(names(row([]))) - set(names(twin))): twin.answer["calls"] for twin in found
    }
    assert {
        next(iter(gone)): [call["name"] for call in calls] for gone, calls in answers.items()
    } == {
        "find": ["pay"],  # nothing to book without what was found
        "pay": ["find", "book"],  # never without `book`: whether one should still look is in doubt
    }


def test_calls_without_labels_keep_what_refers_to_them():
    unlabelled = {"name": "find", "arguments": {"what": "x"}}
    by_position = [PAID, unlabelled, {"name": "book", "arguments": {**SEATED, "id": "$var2$"}}]
    found = [by_kind(row(by_position), seed=seed)["gold_tool_removed"] for seed in range(9)]
    calls = next(twin.answer["calls"] for twin in found if "pay" not in names(twin))
    assert [call["label"] for call in calls] == ["var2", "var3"]


def test_a_sequence_is_never_torn_apart():
    paid_twice = [FOUND, PAID]
    assert "gold_tool_removed" in by_kind(row(paid_twice))
    assert "gold_tool_removed" not in by_kind(row(paid_twice, order="sequence"))
    assert by_kind(row([PAID], order="sequence"))["gold_tool_removed"].answer == {"calls": []}


def test_an_optional_parameter_takes_what_is_said_about_it_along():
    twin = by_kind(row([FOUND, BOOKED]))["optional_parameter_removed"]
    assert twin.answer["calls"][1] == {"name": "book", "arguments": SEATED}


def test_without_the_enum_value_no_call_is_right_but_others_are():
    twin = by_kind(row([FOUND, {"name": "book", "arguments": {**SEATED, "id": "x"}}]))[
        "enum_value_removed"
    ]
    assert [call["name"] for call in twin.answer["calls"]] == ["find"]
    assert twin.tools[1]["function"]["parameters"]["properties"]["seat"]["enum"] == ["window"]
    either = {**BOOKED, "arguments": {"id": "x", "seat": "aisle"}, "accept": {"$.seat": ["window"]}}
    assert "enum_value_removed" not in by_kind(row([either]))


def test_the_shorter_request_comes_with_the_rows_own_tools():
    whole = row([FOUND, PAID])
    shorter = Row([{"role": "user", "content": "Only pay."}], [PAY], {"calls": [PAID]}, id="other")
    twin = by_kind(whole, shorter)["request_removed"]
    assert (twin.id, twin.tools, twin.messages) == (
        "r~request_removed",
        whole.tools,
        shorter.messages,
    )
    assert twin.answer == {"calls": [PAID]}
    assert "request_removed" not in by_kind(whole)


def test_twins_that_would_be_in_doubt_are_left_out():
    spoken = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "pay", "arguments": {}}}],
    }
    used = replace(row([PAID]), messages=[{"role": "user", "content": "?"}, spoken])
    assert "gold_tool_removed" not in by_kind(used)
    assert "distractor_removed" not in by_kind(
        replace(used, tools=[FIND, PAY], answer={"calls": [FOUND]})
    )
    assert "gold_tool_removed" not in by_kind(
        replace(row([PAID]), tools=[PAY])
    )  # no tool would be left
    wrong = row([{"name": "pay", "arguments": {"sum": "three"}}])
    assert by_kind(wrong).keys() <= {"gold_tool_removed"}  # its own gold is not right
    default = tool("wait", ["x"], x=TEXT, n={"type": "integer", "default": 5})
    given = {"name": "wait", "arguments": {"x": "a", "n": 5}}
    assert "optional_parameter_removed" not in by_kind(replace(row([given]), tools=[default, PAY]))
    for answer in (None, {"calls": "any"}, {"names": ["pay"]}):
        assert twins(replace(row([]), answer=answer), Random(0)) == []


def test_a_row_without_an_id_is_refused():
    with pytest.raises(ValueError, match="give it one"):
        twins(replace(PHONE[0], id=None), Random(0))


@given(st.text(), st.sampled_from([*KINDS]))
def test_ids_lead_back(id, kind):
    assert (original_id(f"{id}~{kind}"), kind_of(f"{id}~{kind}")) == (id, kind)
    assert kind_of(f"{id}~none") is None and original_id(f"{id}~none") == f"{id}~none"


def test_another_process_gives_the_same_twins():
    code = (
        "import json; from random import Random; from rlcall.tasks import phone;"
        "from rlcall.tasks.twins.twins import twins;"
        "rows = phone.generate(40, 3);"
        "print(json.dumps([t.to_json() for r in rows for t in twins(r, Random(1))]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == [
        twin.to_json() for row in PHONE[:40] for twin in twins(row, Random(1))
    ]


def probe(policy, rows=PHONE):
    everything = [one for row in rows for one in (row, *twins(row, Random(row.id)))]
    originals = {row.id: row for row in rows}
    completions = [policy(one, originals[original_id(one.id)]) for one in everything]
    return template_rate(pairs(everything, completions), "smollm2")


def test_a_memoriser_has_template_rate_one_and_an_oracle_none():
    memoriser = probe(lambda row, original: gold(original, "smollm2"))
    assert memoriser.rate == 1.0 and memoriser.accuracy_rows == 1.0
    assert (
        memoriser.changed + memoriser.right_twins == memoriser.pairs
    )  # right where nothing changed, and only there
    oracle = probe(lambda row, original: gold(row, "smollm2"))
    assert (oracle.rate, oracle.drop, oracle.accuracy_twins) == (0.0, 0.0, 1.0)


def test_one_who_never_calls_is_wrong_without_a_template():
    silent = probe(lambda row, original: "I can't do that.")
    assert silent.templates == 0
    assert silent.drop < 0  # more twins than rows ask for no call


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=30, max_size=30))
def test_the_template_rate_counts_the_templates(remembers):
    rows = [row for row in PHONE if row.answer["calls"]][:30]
    by_id = dict(zip([row.id for row in rows], remembers, strict=True))
    found = probe(
        lambda row, original: gold(original if by_id[original.id] else row, "smollm2"), rows
    )
    due = sum(
        len([t for t in twins(r, Random(r.id)) if t.answer != r.answer])
        for r in rows
        if by_id[r.id]
    )
    assert found.templates == due and found.right_rows == found.pairs
    assert found.right_twins == found.pairs - due


def test_unchanged_twins_have_no_template():
    one = next(row for row in PHONE if len(row.answer["calls"]) == 1 and len(row.tools) > 1)
    twin = by_kind(one)["distractor_removed"]
    assert not is_template(gold(one, "smollm2"), one, twin, "smollm2")
    assert is_template(gold(one, "smollm2"), one, by_kind(one)["gold_tool_removed"], "smollm2")


def test_intervals_are_wilsons_and_nothing_has_no_rate():
    rate = TemplateRate(pairs=40, right_rows=40, right_twins=10, changed=20, templates=5)
    assert rate.interval("templates") == pytest.approx(
        (0.1119, 0.4687), abs=1e-4
    )  # Wilson 1927, by hand
    assert rate.interval("right_twins") == pytest.approx((0.1419, 0.4019), abs=1e-4)
    nothing = template_rate([], "hermes")
    assert (
        nothing == TemplateRate() and nothing.rate is nothing.drop is nothing.accuracy_rows is None
    )
    assert nothing.interval("templates") == (0.0, 1.0)


def test_a_twin_without_its_row_is_refused():
    twin = twins(PHONE[0], Random(0))[0]
    with pytest.raises(ValueError, match=r"phone-train-0"):
        list(pairs([twin], ["[]"]))
