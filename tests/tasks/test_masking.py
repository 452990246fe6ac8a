"""Masking: names change, nothing else does, and what was right is right under the new names."""

import json
import re
from collections import Counter
from dataclasses import replace
from keyword import iskeyword
from random import Random

import pytest

from rlcall import wire
from rlcall.data.rows import Row, parse_row
from rlcall.tasks.twins.masking import mask
from rlcall.verify import verify
from tests.support.sources import each_source, rows_of

TEXT = {"type": "string", "description": "Some text."}


def functions(row):
    return [tool["function"] for tool in row.tools]


def properties(function):
    return (function.get("parameters") or {}).get("properties", {})


def renamed(row, masked):
    """New name -> old one, of tools and of parameters."""
    names = {}
    for old, new in zip(functions(row), functions(masked), strict=True):
        names[new["name"]] = old["name"]
        names.update(zip(properties(new), properties(old), strict=True))
    return {new: old for new, old in names.items() if new != old}


def gold(row):
    answer = row.wanted
    if isinstance(answer.calls, tuple):
        return wire.get("nestful").render(answer.gold_calls()) if answer.calls else "[]"
    return answer.reply.text if answer.reply else json.dumps(row.answer[answer.granular])


@each_source
def test_what_was_right_is_right_under_the_new_names(source):
    changed = 0
    for row in rows_of(source):
        masked = mask(row, Random(row.id), 0.67)
        assert parse_row(json.loads(json.dumps(masked.to_json()))) == masked
        assert verify(gold(masked), masked.tools, masked.answer).correct, (row.id, gold(masked))
        changed += masked.answer != row.answer
    assert changed > 0.3 * len(rows_of(source))


@each_source
def test_the_old_names_put_back_give_the_row_to_the_byte(source):
    for row in rows_of(source):
        masked = mask(row, Random(row.id), 1)
        text = json.dumps([masked.tools, masked.answer])
        for new, old in renamed(row, masked).items():
            text = re.sub(rf"\b{new}\b", lambda _, old=old: old, text)
        assert text == json.dumps([row.tools, row.answer])
        assert [message.get("content") for message in masked.messages] == [
            m.get("content") for m in row.messages
        ]


@each_source
def test_names_have_hammers_lengths_and_never_collide(source):
    for row in rows_of(source):
        masked = mask(row, Random(row.id), 1)
        tools = [function["name"] for function in functions(masked)]
        assert len(set(tools)) == len(tools)
        for old, new in zip(functions(row), functions(masked), strict=True):
            assert len(properties(new)) == len(properties(old))
            assert new["name"] == old["name"] or 5 <= len(new["name"]) <= 15
            for was, key in zip(properties(old), properties(new), strict=True):
                assert key == was or 4 <= len(key) <= 10
        for name in renamed(row, masked):
            assert name.isidentifier() and not iskeyword(name)
            assert name not in {f["name"] for f in functions(row)}


def test_each_name_is_drawn_on_its_own():
    rows = [row for row in rows_of("worlds") if row.task == "single"]
    for probability in (0, 0.3, 0.67, 1):
        pairs = [(row, mask(row, Random(row.id), probability)) for row in rows]
        changed = Counter(
            old["name"] != new["name"]
            for row, masked in pairs
            for old, new in zip(functions(row), functions(masked), strict=True)
        )
        assert (
            abs(changed[True] / changed.total() - probability) < 0.08
        )  # 4 standard deviations of 600 draws
        if probability == 0:
            assert [masked for _, masked in pairs] == rows


def test_the_seed_alone_decides():
    for row in rows_of("worlds")[:50]:
        assert mask(row, Random(4), 0.5) == mask(row, Random(4), 0.5)
    row = rows_of("worlds")[0]
    assert (
        len({mask(row, Random(seed), 1).tools[0]["function"]["name"] for seed in range(20)}) == 20
    )


class Scripted(Random):
    """A rng that says yes, and gives the tails of names by a script; their heads are `a`."""

    def __init__(self, *tails):
        super().__init__(0)
        self.tails = iter(tails)

    def random(self):
        return 0.0

    def choice(self, letters):
        return "a"

    def choices(self, letters, k):
        return next(self.tails)


def test_a_name_that_is_taken_or_a_keyword_is_drawn_again():
    shown = tool("aold", properties={"city": TEXT, "town": TEXT, "aout": TEXT})
    # aold, aout and a second ane are taken; as and and are keywords
    script = "old ne ne out s wo ix ne nother nd ll"
    rng = Scripted(*script.split())
    masked = mask(row([shown, tool("other")], {"calls": []}), rng, 1)
    first, second = functions(masked)
    assert (first["name"], [*properties(first)]) == ("ane", ["ane", "awo", "aix"])
    assert (second["name"], [*properties(second)]) == ("another", ["all", "n"])


def tool(name, description="What it does.", **schema):
    parameters = {
        "type": "object",
        "required": ["city"],
        "properties": {"city": TEXT, "n": {"type": "integer"}},
    }
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {**parameters, **schema},
        },
    }


def row(tools, answer, *messages):
    return Row([{"role": "user", "content": "What is it like in Rome?"}, *messages], tools, answer)


def test_everything_that_names_it_follows():
    call = {
        "name": "f",
        "arguments": {"city": {"a b": 1}, "n": 2},
        "label": "f",
        "accept": {"$.city['a b']": [2], "$.n": [3]},
        "optional": ["$.city"],
        "compare": {"$": "exact", "$['city']": "text"},
    }
    masked = mask(row([tool("f", required=["city", "n"])], {"calls": [call]}), Random(0), 1)
    function = masked.tools[0]["function"]
    name, (city, n) = function["name"], properties(function)
    assert name != "f" and city != "city" and n == "n"  # n has no description
    assert function["parameters"]["required"] == [city, "n"]
    assert masked.answer["calls"] == [
        {
            "name": name,
            "arguments": {city: {"a b": 1}, "n": 2},
            "label": "f",
            "accept": {f"$.{city}['a b']": [2], "$.n": [3]},
            "optional": [f"$.{city}"],
            "compare": {"$": "exact", f"$.{city}": "text"},
        }
    ]


def test_earlier_calls_and_their_results_follow():
    as_object = {"function": {"name": "f", "arguments": {"city": "Rome", "n": 1}}}
    as_text = {
        "id": "c1",
        "type": "function",
        "function": {"name": "f", "arguments": '{"city": "Rome"}'},
    }
    other = {"function": {"name": "gone", "arguments": {"city": "Rome"}}}
    spoken = {"role": "assistant", "content": "", "tool_calls": [as_object, as_text, other]}
    result = {"role": "tool", "name": "f", "content": '{"city": 3}'}
    masked = mask(row([tool("f")], {"calls": []}, spoken, result), Random(0), 1)
    function = masked.tools[0]["function"]
    name, city = function["name"], next(iter(properties(function)))
    one, two, three = (called["function"] for called in masked.messages[1]["tool_calls"])
    assert one == {"name": name, "arguments": {city: "Rome", "n": 1}}
    assert (two["name"], json.loads(two["arguments"])) == (name, {city: "Rome"})
    assert three == other["function"]
    assert masked.messages[2] == {**result, "name": name}


def test_granular_answers_follow():
    tools = [tool("f"), tool("g")]
    names = mask(row(tools, {"names": ["g", "f", "other"]}), Random(0), 1)
    f, g = (function["name"] for function in functions(names))
    assert names.answer == {"names": [g, f, "other"]}
    arguments = {"name": "g", "arguments": {"city": "Rome"}, "accept": {"$.city": ["Roma"]}}
    masked = mask(row(tools, arguments), Random(0), 1)
    name, city = (
        masked.tools[1]["function"]["name"],
        next(iter(properties(masked.tools[1]["function"]))),
    )
    assert masked.answer == {
        "name": name,
        "arguments": {city: "Rome"},
        "accept": {f"$.{city}": ["Roma"]},
    }
    assert mask(row(tools, {"slots": ["f"]}), Random(0), 1).answer == {"slots": ["f"]}
    assert mask(row(tools, None), Random(0), 1).answer is None


@pytest.mark.parametrize(
    ("kept", "given"),
    [
        ("f", tool("f", description="")),
        ("f", tool("f", description=None)),
        ("get_weather", tool("get_weather")),  # the request names it
        ("city", tool("f", properties={"city": {"type": "string", "description": " "}})),
        ("city", tool("f", dependentRequired={"n": ["city"]})),
        ("city", tool("f", properties={"city": TEXT, "n": {"$ref": "#/properties/city"}})),
        (
            "city",
            tool(
                "f",
                properties={"at": {"type": "object", "properties": {"city": TEXT}}},
                required=[],
            ),
        ),
    ],
)
def test_these_names_stay(kept, given):
    asked = replace(
        row([given], {"calls": []}),
        messages=[{"role": "user", "content": "Use get_weather on Rome."}],
    )
    assert f'"{kept}"' in json.dumps(mask(asked, Random(0), 1).tools)


def test_a_plain_word_of_the_request_is_no_mention():
    asked = replace(
        row([tool("weather")], {"calls": []}),
        messages=[{"role": "user", "content": "The weather?"}],
    )
    assert mask(asked, Random(0), 1).tools[0]["function"]["name"] != "weather"


@pytest.mark.parametrize("probability", [-0.1, 1.5])
def test_a_probability_is_one(probability):
    with pytest.raises(ValueError, match="from 0 to 1"):
        mask(rows_of("phone")[0], Random(0), probability)
