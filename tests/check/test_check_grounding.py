"""Arguments that are nowhere in the messages: golden cases, and properties of numbers, dates and
times in words."""

from __future__ import annotations

import calendar
import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from rlcall.check.grounding import ungrounded
from rlcall.data.rows import Row
from rlcall.tasks import phone

CASES = [
    json.loads(line)
    for line in Path(__file__)
    .parents[1]
    .joinpath("golden")
    .joinpath("check_grounding.jsonl")
    .open()
]
MONTHS = list(calendar.month_name)


def row_of(text: str, value: Any, schema: dict[str, Any] | None = None, **call: Any) -> Row:
    parameters = {"type": "object", "properties": {"value": schema or {}}}
    return Row(
        messages=[{"role": "system", "content": "You help."}, {"role": "user", "content": text}],
        tools=[{"type": "function", "function": {"name": "f", "parameters": parameters}}],
        answer={"calls": [{"name": "f", "arguments": {"value": value}, **call}]},
    )


def missing(text: str, value: Any, case: dict[str, Any] | None = None) -> list[Any]:
    case = case or {}
    return ungrounded(row_of(text, value, case.get("schema")), strict=case.get("strict", False))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_golden(case: dict[str, Any]) -> None:
    found = {
        json.dumps(value): bool(missing(case["text"], value, case))
        for value in case["said"] + case["missing"]
    }
    assert found == {
        **{json.dumps(value): False for value in case["said"]},
        **{json.dumps(value): True for value in case["missing"]},
    }


def test_it_says_where() -> None:
    row = row_of("Two seats in the first row", {"seats": [2, 9], "who": "Anna"})
    place = ("calls", 0, "arguments", "value")
    assert ungrounded(row) == [((*place, "seats", 1), 9), ((*place, "who"), "Anna")]


@pytest.mark.parametrize(
    "call",
    [
        {"accept": {"$.value": ["Lutetia", "Paris"]}},
        {"optional": ["$.value"]},
        {"compare": {"$.value": "ignore"}},
    ],
)
def test_what_the_answer_forgives(call: dict[str, Any]) -> None:
    assert ungrounded(row_of("Weather in Paris", "London"))
    assert not ungrounded(row_of("Weather in Paris", "London", **call))


def test_every_message_counts() -> None:
    row = row_of("Book the second one", "Hotel Bellevue")
    result = {
        "role": "tool",
        "content": [{"type": "text", "text": '{"hotels": ["Ritz", "Hotel Bellevue"]}'}],
    }
    assert ungrounded(row) and not ungrounded(Row([result, *row.messages], row.tools, row.answer))
    call = {
        "role": "assistant",
        "tool_calls": [{"function": {"name": "f", "arguments": {"a": "Hotel Bellevue"}}}],
    }
    assert not ungrounded(Row([call, *row.messages], row.tools, row.answer))


def test_granular_answers() -> None:
    row = row_of("Weather in Paris", "x")
    assert ungrounded(
        Row(row.messages, row.tools, {"name": "f", "arguments": {"value": "Rome"}})
    ) == [(("arguments", "value"), "Rome")]
    assert ungrounded(Row(row.messages, row.tools, {"slots": ["Paris", "Rome"]})) == [
        (("slots", 1), "Rome")
    ]
    assert not ungrounded(
        Row(row.messages, row.tools, {"slots": ["Rome"], "accept": {"$[0]": ["Paris"]}})
    )
    assert not ungrounded(Row(row.messages, row.tools, {"names": ["f"]}))
    assert not ungrounded(Row(row.messages, row.tools, None))


def test_generated_rows_are_grounded() -> None:
    assert not [row for row in phone.generate(300, seed=1) if ungrounded(row)]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.text(), VALUES, st.booleans())
def test_no_text_and_no_value_makes_it_raise(text: str, value: Any, strict: bool) -> None:
    found = ungrounded(row_of(text, value), strict=strict)
    assert all(path[:4] == ("calls", 0, "arguments", "value") for path, _ in found)


@pytest.mark.parametrize(
    "text", ["1e999", "9" * 5000, "99/99/9999", "25:61 pm", "0000-00-00", "1,2," * 2000, "²³ ٣"]
)
def test_odd_numbers(text: str) -> None:
    assert not missing(text, text)
    ungrounded(row_of(text, [10**400, 1e300, 0.1, "1999-12-31T23:59", "9" * 5000]))


@given(st.integers(0, 10**9), st.sampled_from(["{}", "{:,}", "words", "ordinal"]))
def test_a_number_said_is_found(number: int, form: str) -> None:
    said = form.format(number)
    if form in ("words", "ordinal"):
        said = num2words(number, to="cardinal" if form == "words" else "ordinal")
    assert not missing(f"Give me the {said} of them", number)


@given(st.integers(2, 300), st.integers(2, 300))
def test_another_number_is_not(number: int, other: int) -> None:
    assert bool(missing(f"Give me the {number} of them", other)) == (number != other)


@given(st.dates(date(1990, 1, 1), date(2049, 12, 31)), st.integers(0, 5))
def test_a_date_said_is_found(day: date, form: int) -> None:
    month = MONTHS[day.month]
    ordinal = num2words(day.day, to="ordinal")
    said = [
        f"{month} {day.day}, {day.year}", f"the {ordinal} of {month}", f"{day.day} {month[:3]}.",
        f"{day.month}/{day.day}/{day.year}", f"{day.day}.{day.month}.{day.year}", day.isoformat(),
    ][form]  # fmt: skip
    assert not missing(f"Are they open on {said}?", day.isoformat())
    assert missing("Are they open at all?", day.isoformat())


@given(st.times(), st.integers(0, 2))
def test_a_time_said_is_found(clock: time, form: int) -> None:
    half = "am" if clock.hour < 12 else "pm"
    hour = clock.hour % 12 or 12
    said = [
        f"{clock:%H:%M}",
        f"{hour}:{clock:%M} {half}",
        f"{num2words(hour)} {num2words(clock.minute)}",
    ][form]
    assert not missing(f"Wake me at {said}.", f"{clock:%H:%M}")
    assert missing("Wake me.", f"{clock:%H:%M}") or (clock.hour, clock.minute) == (0, 0)
