"""Granular answers: what is right earns exactly 1, and what pads or guesses does not.

Arguments grade as calls do.
"""

from __future__ import annotations

import json
import string
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcall.reward import Reward, load_reward, load_rule
from rlcall.tasks import instructions
from rlcall.verifier.answer import read_answer
from rlcall.verifier.granular import gold_text
from rlcall.verify import Verdict, verify

PROPERTIES = {
    "day": {"type": "string"},
    "count": {"type": "integer"},
    "open": {"type": "boolean", "default": False},
    "tags": {"type": "array", "items": {"type": "string"}},
    "at": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}},
}
PARAMETERS = {"type": "object", "properties": PROPERTIES, "required": ["count"]}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": PARAMETERS}}
    for name in ("find", "book", "cancel")
]
KNOWN = st.sampled_from(["find", "book", "cancel"])
NAMES = st.lists(KNOWN, max_size=5)
ORDER = st.sampled_from(["any", "sequence"])


@cache
def graded() -> Reward:
    return load_reward("graded")


def earned(completion: Any, answer: Any) -> float:
    reward = graded().score(graded().verify(completion, TOOLS, answer)).reward
    assert reward is not None and 0 <= reward <= 1
    return reward


def judged(completion: Any, answer: Any) -> Verdict:
    return verify(completion, TOOLS, answer)


# Names


@given(NAMES, ORDER)
def test_the_right_names_earn_1(names: list[str], order: str) -> None:
    assert earned(json.dumps(names), {"names": names, "order": order}) == 1.0


@given(NAMES, NAMES, ORDER)
def test_other_names_earn_less(due: list[str], made: list[str], order: str) -> None:
    verdict = judged(json.dumps(made), answer := {"names": due, "order": order})
    right = due == made if order == "sequence" else sorted(due) == sorted(made)
    assert verdict.correct is right
    assert (earned(json.dumps(made), answer) == 1.0) is right


@given(NAMES, st.data(), ORDER)
def test_a_name_too_many_costs_half_and_twenty_nearly_all(
    due: list[str], data: st.DataObject, order: str
) -> None:
    extra, place = data.draw(KNOWN | st.just("made_up")), data.draw(st.integers(0, len(due)))
    for count, highest in ((1, 0.5), (20, 0.001)):
        made = [*due[:place], *[extra] * count, *due[place:]]
        assert earned(json.dumps(made), {"names": due, "order": order}) <= highest


@given(NAMES, NAMES)
def test_the_longest_common_subsequence_is_the_longest(due: list[str], made: list[str]) -> None:
    def subsequences(names: list[str]) -> set[tuple[str, ...]]:
        return {choice for size in range(len(names) + 1) for choice in combinations(names, size)}

    longest = max(map(len, subsequences(due) & subsequences(made)))
    given_score = load_rule("names_lcs")(
        judged(json.dumps(made), {"names": due, "order": "sequence"})
    )
    assert given_score == (2 * longest / (len(due) + len(made)) if due or made else 1.0)


# Arguments

values = {
    "day": st.sampled_from(["2026-05-01", "2026-05-02", "$5", ""]),
    "count": st.sampled_from([1, 2, 2.0, "2", True, None]),
    "open": st.booleans(),
    "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    "at": st.fixed_dictionaries({}, optional={"x": st.sampled_from([1, 1.5]), "y": st.just(2)}),
    "made_up": st.just(1),
}
made_arguments = st.fixed_dictionaries({}, optional=values)
due_arguments = st.fixed_dictionaries(
    {"count": st.sampled_from([1, 2])},
    optional={k: v for k, v in values.items() if k not in ("count", "made_up")},
)
leniency = st.fixed_dictionaries(
    {},
    optional={
        "accept": st.just({"$.count": [7], "$.day": ["2026-05-02"]}),
        "optional": st.just(["$.tags", "$.count"]),
        "compare": st.sampled_from([{"$.tags": "set"}, {"$.day": "ignore"}]),
    },
)


@given(due_arguments, made_arguments, leniency)
def test_arguments_are_right_exactly_where_the_call_would_be(
    due: Any, made: Any, more: Any
) -> None:
    call = {"name": "book", "arguments": due, **more}
    alone = judged(json.dumps(made), call)
    whole = judged(
        f"<tool_call>{json.dumps({'name': 'book', 'arguments': made})}</tool_call>",
        {"calls": [call]},
    )
    assert alone.correct is whole.correct
    assert [(e.code, e.path) for e in alone.errors] == [(e.code, e.path) for e in whole.errors]
    assert (earned(json.dumps(made), call) == 1.0) is whole.correct


def test_a_dollar_sign_means_nothing_to_the_model() -> None:
    answer = {"name": "book", "arguments": {"count": 1, "day": "$$var1.day$"}}
    assert gold_text(read_answer(json.dumps(answer))) == '{"count": 1, "day": "$var1.day$"}'
    assert earned('{"count": 1, "day": "$var1.day$"}', answer) == 1.0


@given(due_arguments, made_arguments)
def test_mending_an_argument_never_lowers_the_reward(due: Any, made: Any) -> None:
    answer, reached = (
        {"name": "book", "arguments": due},
        earned(json.dumps(made), {"name": "book", "arguments": due}),
    )
    for key in dict.fromkeys([*due, *made]):
        made = (
            {**made, key: due[key]} if key in due else {k: v for k, v in made.items() if k != key}
        )
        reached, before = earned(json.dumps(made), answer), reached
        assert reached >= before - 1e-9
    assert reached == 1.0


# Replies


@pytest.mark.parametrize(
    ("slot", "text", "held"),
    [
        (12.5, "It is 12.50 EUR.", True),
        (12.5, "EUR12.5", False),
        (12.5, "€12.5!", True),
        (12.5, "112.5 or 12.51", False),
        (1250, "1,250", True),
        (1250, "1250.00km", True),
        (1250, "1,2,50 and 12,50", False),
        (-3, "It is -3 degrees", True),
        (-3, "It is −3°C", True),
        (-3, "1-3", False),
        (3, "1-3", True),
        (3, "v3 3x", True),
        (3, "v3, B3 and 3.4.5", False),
        (2, "two", False),
        (0, "0", True),
        (10**21, "1" + ",000" * 7, True),
        (12, "2026-05-12", True),
        ("2026-05-12", "On 2026-05-12.", True),
        ("2026-05-12", "On 2026-05-121.", False),
        ("2", "2.5", False),
        ("2", "1,2", False),
        ("2", "Two: 2.", True),
        ("new york", "NEW\n  York!", True),
        ("York", "Yorkshire", False),
        ("a.b", "axb", False),
        ("Straße", "STRASSE", True),
        ("$5", "it is $5", True),
        ("$$5", "it is $5", False),
    ],
)
def test_what_a_reply_holds(slot: Any, text: str, held: bool) -> None:
    missing = judged(text, {"slots": [slot]}).has("missing_slot")
    assert missing is not held


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=3))
def test_a_number_is_held_however_it_is_written(number: Any) -> None:
    for text in (f"{number}", f"{number:,}", f"({number:,f}00 EUR).", f"costs {number}km"):
        assert judged(text, {"slots": {"price": float(number)}}).correct, text


words = st.text(string.ascii_letters + " .,!", max_size=40)


@given(
    st.lists(
        st.integers(0, 999) | st.sampled_from(["Rome", "Hotel Ritz", "4 May"]),
        min_size=1,
        max_size=4,
    ),
    words,
)
def test_a_reply_with_all_slots_and_no_more_earns_1(slots: list[Any], around: str) -> None:
    reply = f"{around} " + ", ".join(map(str, slots)) + f" {around}"
    assert earned(reply, {"slots": slots}) == earned(reply, {"slots": slots, "reply": reply}) == 1.0
    assert earned(f"{reply} or 1234", {"slots": slots}) <= 0.5
    assert earned(f"{reply} or 1234", {"slots": slots, "also": [1234]}) == 1.0
    assert earned(f"{reply} or Pisa", {"slots": slots, "avoid": ["Pisa"]}) <= 0.5
    assert earned(reply + " la" * 1000, {"slots": slots}) <= 0.1


def test_what_is_permitted_hides_what_is_in_it() -> None:
    answer = {"slots": ["Room 12"], "also": ["Hotel Ritz on 2026-05-04"], "avoid": ["Ritz"]}
    assert judged("Room 12 at the Hotel Ritz on 2026-05-04.", answer).correct
    assert judged("Room 12 at the Ritz, 2027", answer).surplus == 2
    assert (
        judged("Room 12 at the Hotel Ritz on May 4th, 2026.", answer)
        .errors[0]
        .message.endswith("Ritz")
    )


# Every kind

ANSWERS = [
    {"names": ["find", "book"], "order": "sequence"},
    {"names": []},
    {"name": "book", "arguments": {"count": 2, "tags": ["a"]}},
    {"slots": {"city": "Rome", "price": 12.5}, "reply": "Rome: 12.5."},
]
each_kind = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: next(iter(answer)))


@each_kind
def test_the_gold_text_earns_1_after_reasoning_and_before_the_end_of_turn(answer: Any) -> None:
    gold = gold_text(read_answer(json.dumps(answer)))
    for text in (
        gold,
        f"<think>{gold} or []?</think>\n{gold}<|im_end|>",
        {"role": "assistant", "content": gold},
    ):
        assert earned(text, answer) == 1.0


@each_kind
@given(text=st.text() | st.text('[]{}",:find12. ') | st.just("9" * 60_000) | st.just("[" * 60_000))
def test_no_completion_makes_it_raise(answer: Any, text: str) -> None:
    assert earned(text, answer) < 1.0 or judged(text, answer).correct


@each_kind
@pytest.mark.parametrize("size", [1_000, 30_000])
def test_long_completions_take_linear_time(answer: Any, size: int) -> None:
    from time import process_time

    for piece in ("1,", "12 ", "rome ", "a1", '["find"],', '{"a":', "-.", "1,111"):
        before = process_time()
        earned((piece * size)[:size], answer)
        assert process_time() - before < 0.5, piece


# Instructions

TEXTS = {
    split: [text for wordings in kinds for text in wordings[split]]
    for split in ("train", "validation", "test")
    for kinds in [[v for v in vars(instructions).values() if isinstance(v, dict) and "train" in v]]
}


def grams(texts: list[str], size: int) -> set[tuple[str, ...]]:
    split = [text.lower().split() for text in texts]
    return {tuple(words[i : i + size]) for words in split for i in range(len(words) - size + 1)}


def test_the_splits_share_no_phrase() -> None:
    assert all(len(texts) >= 10 for texts in TEXTS.values())
    for one, other in combinations(TEXTS, 2):
        assert not grams(TEXTS[one], 3) & grams(TEXTS[other], 3)


def test_only_arguments_have_a_field() -> None:
    with_name = {text for texts in instructions.ARGUMENTS.values() for text in texts}
    for text in (text for texts in TEXTS.values() for text in texts):
        fields = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
        assert fields == (["name"] if text in with_name else []), text
