"""The phone assistant's rows: the same for the same seed, no request in two splits, right golds."""

import hashlib
import itertools
import json
import re
import subprocess
import sys
from collections import Counter

import jsonschema
import pytest

from rlcall import wire
from rlcall.data.rows import parse_row
from rlcall.tasks import phone
from rlcall.tasks.draw import SPLITS
from rlcall.tasks.phone import phrases as phone_phrases
from rlcall.tasks.phone.pools import POOLS
from rlcall.tasks.phone.tools import TOOLS
from rlcall.verifier.answer import read_answer
from rlcall.verify import verify

ROWS = {split: list(phone.generate(1500, seed=7, split=split)) for split in SPLITS}
EVERY_ROW = [row for rows in ROWS.values() for row in rows]
SEVEN = {
    "set_flashlight",
    "create_contact",
    "send_email",
    "show_map",
    "set_wifi",
    "create_event",
    "make_call",
}


def request(row):
    return row.messages[0]["content"]


def gold(row):
    return row.answer["calls"]


def digest(rows):
    return hashlib.sha256("\n".join(json.dumps(row.to_json()) for row in rows).encode()).hexdigest()


def test_another_process_gives_the_same_bytes():
    code = (
        "import hashlib, json; from rlcall.tasks import phone;"
        "rows = phone.generate(200, seed=3, split='test');"
        "text = '\\n'.join(json.dumps(row.to_json()) for row in rows);"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(phone.generate(200, seed=3, split="test"))


def test_a_longer_run_begins_with_the_shorter_one():
    assert list(phone.generate(50, seed=1)) == list(
        itertools.islice(phone.generate(80, seed=1), 50)
    )
    assert digest(phone.generate(50, seed=1)) != digest(phone.generate(50, seed=2))


def test_rows_have_the_form_and_say_split_and_number():
    for row in EVERY_ROW:
        assert parse_row(json.loads(json.dumps(row.to_json()))) == row
    assert ROWS["validation"][12].id == "phone-validation-12"
    assert (
        {tool["function"]["name"] for row in EVERY_ROW for tool in row.tools} == set(TOOLS) == SEVEN
    )


def test_splits_share_no_request():
    for one, other in itertools.combinations(SPLITS, 2):
        assert {request(row).lower() for row in ROWS[one]}.isdisjoint(
            request(row).lower() for row in ROWS[other]
        )


def test_nothing_stands_twice_in_the_world():
    texts = [
        phrasing.text
        for table in (phone_phrases.PLAIN, phone_phrases.OPTIONAL)
        for p in table.values()
        for phrasing in p
    ]
    for entries in (texts, phone_phrases.NO_TOOL, *POOLS.values()):
        assert len({entry.lower() for entry in entries}) == len(entries)
        assert len(entries) % 5 == 0


def test_shares_are_as_documented():
    tasks = Counter(row.task for row in EVERY_ROW)
    no_call = (tasks["missing_tool"] + tasks["irrelevant"]) / len(EVERY_ROW)
    assert 0.10 <= no_call <= 0.14
    assert 0.06 <= tasks["parallel"] / len(EVERY_ROW) <= 0.10
    for row in EVERY_ROW:
        assert 2 <= len(row.tools) <= 3
        assert len(gold(row)) == {"single": 1, "parallel": 2}.get(row.task, 0)


def test_difficulty_is_what_the_parameters_say():
    def rows(**options):
        return list(phone.generate(400, 0, **options))

    assert {len(row.tools) for row in rows(tools_shown=(4, 6))} == {4, 5, 6}
    assert {row.task for row in rows(no_call_share=0, parallel_share=1)} == {"parallel"}
    assert all(gold(row) == [] for row in rows(no_call_share=1, parallel_share=0))
    assert {bare(call) for row in rows(optional_share=0) for call in gold(row)} == {True}
    assert {bare(call) for row in rows(optional_share=1) for call in gold(row)} == {False}
    assert distinct(rows(phrasings=1, optional_share=0)) < distinct(
        rows(phrasings=3, optional_share=0)
    )


def bare(call):
    """Whether a call gives its tool's required arguments and no others."""
    return set(call["arguments"]) == set(TOOLS[call["name"]]["function"]["parameters"]["required"])


def distinct(rows):
    return len({request(row) for row in rows if gold(row) and gold(row)[0]["name"] == "set_wifi"})


@pytest.mark.parametrize(
    "options",
    [
        {"split": "dev"},
        {"tools_shown": (1, 3)},
        {"tools_shown": (3, 7)},
        {"no_call_share": 1.2},
        {"no_call_share": 0.6, "parallel_share": 0.6},
        {"phrasings": 0},
    ],
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match=r"split|tools_shown|share|phrasings"):
        next(phone.generate(1, 0, **options))


def test_due_tools_are_shown_and_missing_ones_are_not():
    for row in EVERY_ROW:
        shown = {tool["function"]["name"] for tool in row.tools}
        assert {call["name"] for call in gold(row)} <= shown
    asked = {
        request(row): gold(row)[0]["name"]
        for row in phone.generate(6000, 0)
        if row.task == "single"
    }
    missing = [
        row
        for row in phone.generate(6000, 1)
        if row.task == "missing_tool" and request(row) in asked
    ]
    assert len(missing) > 50
    for row in missing:
        assert asked[request(row)] not in {tool["function"]["name"] for tool in row.tools}


def test_golds_are_valid_by_jsonschema():
    checks = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for row in EVERY_ROW:
        schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in row.tools}
        for call in gold(row):
            schema = {**schemas[call["name"]], "additionalProperties": False}
            jsonschema.Draft202012Validator(schema, format_checker=checks).validate(
                call["arguments"]
            )
            assert all(
                path.removeprefix("$.") in call["arguments"] for path in call.get("accept", {})
            )


@pytest.mark.parametrize("name", ["hermes", "smollm2", "python"])
def test_golds_and_what_they_accept_verify(name):
    render = wire.get(name).render
    for row in ROWS["test"][:300]:
        tools, answer = row.tools_text, row.answer_text
        calls = read_answer(answer).gold_calls()
        assert verify(render(calls) if calls else "[]", tools, answer).correct
        for call, due in zip(calls, gold(row), strict=True):
            for path, values in due.get("accept", {}).items():
                call.arguments[path.removeprefix("$.")] = values[-1]
        assert verify(render(calls) if calls else "", tools, answer).correct
        if calls:
            assert not verify(render(calls[1:]), tools, answer).correct


# A second reader of requests, that shares nothing with the generator.
MODES = {"car": "by car", "walk": "on foot", "bike": "by bike", "bus": "by bus"}
YES = (
    r"\bon\b|need my flash|shine|use the|start|activate|enable|(set|run) the flash|going|connect"
    r"|join|hook|log my"
)
NO = r"\boff\b|kill|stop|don't need|shut|disable|deactivate|shouldn't"
MINUTES = {
    15: "fifteen|a quarter of", 20: "twenty", 25: "twenty-five", 30: "thirty|half an hour",
    40: "forty", 45: "forty-five|three quarters", 60: "one hour|an hour",
    90: "ninety|an hour and a half", 120: "two hours|2 hours", 180: "three hours|3 hours",
}  # fmt: skip
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number):
    small = {5: "five", 10: "ten", 15: "fifteen"}
    return small.get(number) or TENS[number // 10] + ("-five" if number % 10 else "")


def stands(name, value, text):
    """Whether a request says this value of this argument."""
    if name == "on":
        return bool(re.search(YES if value else NO, text, re.IGNORECASE))
    if name == "speaker":
        return "speaker" in text
    if name == "mode":
        return MODES[value] in text
    if name == "brightness":
        return re.search(rf"\b({value}|{in_words(value)})( percent|%)", text) is not None
    if name == "minutes":
        return re.search(rf"\b{value} minutes|\b({MINUTES[value]})", text) is not None
    if name == "date":
        return value in text or spoken_date(value, text)
    if name == "time":
        return value in text or spoken_time(value, text)
    return value in text


def spoken_date(value, text):
    year, month, day = value.split("-")
    name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
        int(month) - 1
    ]
    return (
        re.search(rf"\b({int(day)} {name}\w* {year}|{name}\w* {int(day)},? {year})\b", text)
        is not None
    )


def spoken_time(value, text):
    hour, minute = map(int, value.split(":"))
    clock = f"{(hour - 1) % 12 + 1}" + (f":{minute:02}" if minute else "")
    return re.search(rf"\b{clock} {'pm' if hour >= 12 else 'am'}\b", text) is not None


def test_every_argument_stands_in_the_request():
    given = Counter()
    for row in EVERY_ROW:
        for call in gold(row):
            for name, value in call["arguments"].items():
                assert stands(name, value, request(row)), (request(row), name, value)
                given[name] += 1
    declared = {
        name for tool in TOOLS.values() for name in tool["function"]["parameters"]["properties"]
    }
    assert set(given) == declared


def test_rows_do_not_share_their_tools():
    first, second = itertools.islice(phone.generate(2, 0), 2)
    first.tools[0]["function"]["description"] = "changed"
    assert "changed" not in json.dumps([second.tools, list(TOOLS.values())])
