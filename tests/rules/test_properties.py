"""The properties of `graded` and `strict`, for every tool, answer and mistake."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rlcall import wire as wires
from rlcall.calls import Call, Reference, decode, encode
from rlcall.reward import Reward, load_reward
from rlcall.verifier.answer import read_answer

PRESETS = {name: load_reward(name) for name in ("graded", "strict")}
JUNK = Call("delete_everything", {})
# The machines that run this are small and shared: how long one example takes says nothing about
# the code.
PATIENT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
both = pytest.mark.parametrize("reward", PRESETS.values(), ids=PRESETS)

names = st.text("abcdefgh_", min_size=1, max_size=6)
texts = st.text(st.characters(codec="utf-8", exclude_characters="$<>"), max_size=8)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-99, 99),
    "number": st.floats(-99, 99, allow_nan=False),
    "string": texts,
    "boolean": st.booleans(),
}


@st.composite
def schemas(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    kind = draw(st.sampled_from([*SCALARS, *(("array", "object") if depth else ())]))
    if kind == "array":
        return {"type": "array", "items": draw(schemas(depth - 1))}
    if kind == "object":
        properties = draw(st.dictionaries(names, schemas(depth - 1), min_size=1, max_size=3))
        return {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": kind}


def valid(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema admits."""
    if schema["type"] == "array":
        return st.lists(valid(schema["items"]), min_size=1, max_size=3)
    if schema["type"] == "object":
        return st.fixed_dictionaries(
            {key: valid(item) for key, item in schema["properties"].items()}
        )
    return SCALARS[schema["type"]]


@st.composite
def rows(draw: st.DrawFn, min_calls: int = 1) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Tools, and an answer of calls to them, with some arguments that are results of earlier
    calls."""
    parameters = draw(
        st.dictionaries(
            names, st.dictionaries(names, schemas(), max_size=3), min_size=1, max_size=3
        )
    )
    tools = [_tool(name, properties) for name, properties in parameters.items()]
    calls: list[Call] = []
    for index in range(draw(st.integers(min_calls, 4))):
        name = draw(st.sampled_from(sorted(parameters)))
        arguments = {key: draw(valid(schema)) for key, schema in parameters[name].items()}
        for key in arguments:
            if index and draw(st.integers(0, 3)) == 0:
                arguments[key] = Reference(
                    f"var{draw(st.integers(1, index))}", draw(st.sampled_from([(), ("id",)]))
                )
        calls.append(Call(name, arguments, f"var{index + 1}"))
    return [*tools, _tool(JUNK.name, {})], {"calls": [_entry(call) for call in calls]}


def _tool(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


def _entry(call: Call) -> dict[str, Any]:
    return {"name": call.name, "arguments": encode(call.arguments), "label": call.label}


def write(calls: list[Call]) -> str:
    return wires.get("smollm2").render(calls)


def score(reward: Reward, text: str, row: tuple[list[dict[str, Any]], Any]) -> float:
    value = reward.score(reward.verify(text, *row)).reward
    assert value is not None and 0 <= value <= 1
    return value


def gold(row: tuple[Any, dict[str, Any]]) -> list[Call]:
    return [Call(c["name"], decode(c["arguments"]), c["label"]) for c in row[1]["calls"]]


def relabelled(calls: list[Call], new: dict[str, str]) -> list[Call]:
    def rename(value: Any) -> Any:
        if isinstance(value, Reference):
            return Reference(new[value.label], value.path)
        if isinstance(value, dict):
            return {key: rename(item) for key, item in value.items()}
        return [rename(item) for item in value] if isinstance(value, list) else value

    return [Call(c.name, rename(c.arguments), new[c.label or ""]) for c in calls]


def reordered(calls: list[Call], seed: int) -> list[Call]:
    """Another order in which every call still follows those whose results it uses."""
    rng, left, done = random.Random(seed), list(calls), []
    while left:
        placed = {call.label for call in done}
        ready = [c for c in left if all(label in placed for label in _uses(c.arguments))]
        done.append(rng.choice(ready))
        left.remove(done[-1])
    return done


def _uses(value: Any) -> set[str]:
    if isinstance(value, Reference):
        return {value.label}
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_uses, items))


@both
@PATIENT
@given(row=rows())
def test_gold_earns_exactly_one_in_every_format_that_can_write_it(reward: Reward, row: Any) -> None:
    calls = gold(row)
    for name in wires.NAMES:
        written = wires.get(name)
        if written.can_render(calls, row[0]):
            text = written.render(calls)
            assert reward.verify(text, *row, wire=name).correct, (name, text)
            assert reward.score(reward.verify(text, *row, wire=name)).reward == 1.0


@both
@PATIENT
@given(row=rows(), seed=st.integers(0, 9))
def test_labels_and_the_order_of_independent_calls_do_not_matter(
    reward: Reward, row: Any, seed: int
) -> None:
    calls = gold(row)
    new = {call.label or "": f"x{seed}{index}" for index, call in enumerate(reversed(calls))}
    assert score(reward, write(relabelled(reordered(calls, seed), new)), row) == 1.0


@both
@PATIENT
@given(row=rows(), place=st.integers(0, 4))
def test_a_surplus_call_costs_half_wherever_it_stands(reward: Reward, row: Any, place: int) -> None:
    calls = [Call(c.name, c.arguments, c.label) for c in gold(row)]
    calls.insert(min(place, len(calls)), Call(JUNK.name, {}, "junk"))
    assert score(reward, write(calls), row) <= 0.5


@both
@PATIENT
@given(row=rows())
def test_twenty_junk_calls_leave_a_tenth(reward: Reward, row: Any) -> None:
    junk = [Call(JUNK.name, {}, f"junk{index}") for index in range(20)]
    assert score(reward, write([*gold(row), *junk]), row) <= 0.1


@both
@PATIENT
@given(row=rows(), text=texts)
def test_no_call_due_is_all_or_nothing(reward: Reward, row: Any, text: str) -> None:
    tools = row[0]
    assume(not any(tool["function"]["name"] in text for tool in tools))
    assert score(reward, write(gold(row)), (tools, {"calls": []})) == 0
    assert score(reward, "", (tools, {"calls": []})) == 1
    assert score(reward, "", row) == 0


mistakes = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4), texts), max_size=4
)


def spoil(calls: list[Call], slips: list[tuple[int, int, int, str]]) -> list[Call]:
    """Spoil one field of one call with each slip: another value, none, a reference, or a name."""
    spoilt = [Call(c.name, copy.deepcopy(c.arguments), c.label) for c in calls]
    for which, key, kind, text in slips:
        index = which % len(spoilt)
        call = spoilt[index]
        keys = sorted(call.arguments)
        if kind == 4:
            spoilt[index] = Call("no_" + call.name, call.arguments, call.label)
        elif keys:
            name = keys[key % len(keys)]
            wrong = {0: text, 1: None, 2: Reference("var1"), 3: {"deep": [text]}}[kind]
            spoilt[index] = Call(call.name, {**call.arguments, name: wrong}, call.label)
    return spoilt


@settings(PATIENT, max_examples=300)
@given(row=rows(), slips=mistakes.filter(len), which=st.integers(0, 3))
def test_mending_a_field_never_lowers_graded(row: Any, slips: Any, which: int) -> None:
    reward = PRESETS["graded"]
    before = spoil(gold(row), slips)
    assume(wires.get("smollm2").can_render(before))
    pairs = reward.verify(write(before), *row).pairs
    mended = mend(
        before, gold(row), {pair.expected: pair.emitted for pair in pairs}, which % len(before)
    )
    assume(mended is not None)
    assert score(reward, write(mended), row) >= score(reward, write(before), row) - 1e-9


def mend(
    calls: list[Call], right: list[Call], partner: dict[int, int | None], index: int
) -> list[Call] | None:
    """One wrong field of one call put right, as the expected call it answers to has it.

    None where that cannot be.
    """
    wanted = right[next(expected for expected, emitted in partner.items() if emitted == index)]
    given = calls[index]
    if given.name != wanted.name:
        return [
            *calls[:index],
            Call(wanted.name, given.arguments, given.label),
            *calls[index + 1 :],
        ]
    places = {call.label: partner[place] for place, call in enumerate(right)}
    for key, value in wanted.arguments.items():
        if isinstance(value, Reference):
            source = places[value.label]
            if source is None or source >= index:
                continue
            value = Reference(calls[source].label or "", value.path)
        if key not in given.arguments or given.arguments[key] != value:
            return [
                *calls[:index],
                Call(given.name, {**given.arguments, key: value}, given.label),
                *calls[index + 1 :],
            ]
    return None


@PATIENT
@given(row=rows())
def test_answers_round_trip(row: Any) -> None:
    assert read_answer(json.dumps(row[1])).gold_calls() == gold(row)
