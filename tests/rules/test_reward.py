"""Rules by name, file and dotted path; presets; and what TRL asks of a reward function."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.reward import (
    PRESETS,
    RewardError,
    load_reward,
    load_rule,
    reward_function,
    rule_files,
    rule_means,
)

TOOLS = [
    {
        "type": "function",
        "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}},
    }
]
CALL = {"calls": [{"name": "f", "arguments": {"a": 1}}]}
RIGHT = '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>'
ANSWERS = (
    CALL,
    {"calls": []},
    {"calls": "any"},
    None,
    {"names": ["f"]},
    {"names": [], "order": "sequence"},
    {"name": "f", "arguments": {"a": 1}},
    {"slots": [1], "also": ["f"], "avoid": ["g"]},
)
TEXTS = (
    "",
    "garbage",
    "<tool_call>{",
    "[]",
    "[" * 100,
    '["f", "g"]',
    '{"a": 2}',
    "f makes 1 of g",
    "1 " * 500,
)
HALF = '<tool_call>{"name": "f", "arguments": {"a": 2}}</tool_call>'


def batch(*rows: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    completions, answers = zip(*rows, strict=True)
    return {
        "prompts": ["p"] * len(rows),
        "completions": list(completions),
        "tools": [json.dumps(TOOLS)] * len(rows),
        "answer": [json.dumps(answer) for answer in answers],
        **more,
    }


def test_one_float_a_row_and_none_where_nothing_is_known() -> None:
    rewards = reward_function("graded")(
        **batch((RIGHT, CALL), (HALF, CALL), ("", CALL), (RIGHT, None))
    )
    assert rewards[0] == 1.0 and 0 < rewards[1] < 1 and rewards[2] == 0.0 and rewards[3] is None


def test_messages_and_text_give_the_same() -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    spoken = [{"role": "assistant", "content": RIGHT}]
    parsed = [{"role": "assistant", "content": "", "tool_calls": [call]}]
    assert reward_function("graded")(**batch((RIGHT, CALL), (spoken, CALL), (parsed, CALL))) == [
        1.0,
        1.0,
        1.0,
    ]


def test_the_same_metric_keys_whatever_the_rows() -> None:
    def keys(*rows: tuple[Any, Any]) -> set[str]:
        logged: set[str] = set()
        reward_function("graded")(**batch(*rows, log_metric=lambda name, value: logged.add(name)))
        return logged

    assert keys((RIGHT, CALL)) == keys(("", {"calls": []})) == keys((RIGHT, None))


def test_means_count_only_where_a_rule_applies() -> None:
    log: dict[str, list[float]] = {}
    rows = batch(
        (RIGHT, CALL),
        (HALF, CALL),
        ("", {"calls": []}),
        log_metric=lambda k, v: log.setdefault(k, []).append(v),
    )
    reward_function("graded")(**rows)
    means = rule_means({key: sum(values) / len(values) for key, values in log.items()})
    assert means["rules/values"] == pytest.approx(0.5) and means["rules/abstains"] == 1.0
    assert means["rules/correct"] == pytest.approx(2 / 3) and "rules/chaining" not in means


class Tokenizer:
    """Ids are places in WORDS; the last two are end of text and padding."""

    WORDS = (RIGHT, "<end>", "<pad>")
    eos_token_id, pad_token_id = 1, 2

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return "".join(self.WORDS[i] for i in ids if not (skip_special_tokens and i > 0))


def test_completions_are_decoded_from_their_ids() -> None:
    reward = reward_function("graded", Tokenizer())
    assert reward(**batch(("text that TRL stripped", CALL), completion_ids=[[0, 1, 2, 2]])) == [1.0]
    assert (
        reward(**batch((RIGHT, CALL), completion_ids=[[0, 1, 0]]))[0] <= 0.5
    )  # end of text within is kept


def test_a_rule_by_file_and_by_dotted_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_rules.py").write_text(
        "def short(verdict):\n    return 0.5 if verdict.calls else None\n"
    )
    reward = load_reward({"correct": 1.0, f"{tmp_path}/my_rules.py:short": 3.0}, gates=[])
    assert reward.score(reward.verify(RIGHT, TOOLS, CALL)).reward == pytest.approx((1 + 1.5) / 4)
    monkeypatch.syspath_prepend(tmp_path)
    assert load_rule("my_rules:short").__name__ == "short"


@pytest.mark.parametrize(
    ("rewards", "said"),
    [
        ("gradde", "presets are"),
        ({"valuse": 1.0}, "Rules in rewards/"),
        ({"no/such.py:rule": 1.0}, "no/such.py"),
        ({"values": "high"}, "number"),
        ({"values": -1}, "greater than or equal to 0"),
        ({"values": {"weigth": 1}}, "weigth"),
        ({}, "names no rule"),
        ({"values": 0}, "all weights are 0"),
    ],
)
def test_a_wrong_reward_says_what_was_tried(rewards: Any, said: str) -> None:
    with pytest.raises(RewardError, match=said):
        load_reward(rewards)


@pytest.mark.parametrize("value", ["2.0", "float('nan')", "True", "'1'", "-0.1"])
def test_a_rule_outside_its_range_is_an_error(tmp_path: Path, value: str) -> None:
    (tmp_path / "r.py").write_text(f"def rule(verdict):\n    return {value}\n")
    reward = load_reward(
        {f"{tmp_path}/r.py:rule": {"weight": 1.0, "on_error": "raise", "in_process": True}}
    )
    with pytest.raises(RewardError, match="the rule 'rule' failed: it returned"):
        reward.score(reward.verify(RIGHT, TOOLS, CALL))


@pytest.mark.parametrize("name", rule_files())
def test_every_rule_keeps_the_contract(name: str) -> None:
    reward = load_reward({name: 1.0})
    for completion in (RIGHT, HALF, RIGHT * 3, *TEXTS):
        for answer in ANSWERS:
            score = reward.score(reward.verify(completion, TOOLS, answer))
            assert set(score.rules) == {name}
            assert score.reward is None or 0 <= score.reward <= 1


@pytest.mark.parametrize("name", rule_files())
def test_whether_a_rule_applies_depends_on_the_row_alone(name: str) -> None:
    reward = load_reward({name: 1.0})
    for answer in ANSWERS:
        applies = {
            reward.score(reward.verify(text, TOOLS, answer)).rules[name] is None
            for text in (RIGHT, HALF, RIGHT * 3, *TEXTS)
        }
        assert len(applies) == 1


@pytest.mark.parametrize(
    ("answer", "rules"),
    [
        ({"names": ["f"]}, {"names_f1"}),
        ({"names": ["f"], "order": "sequence"}, {"names_f1", "names_lcs"}),
        ({"name": "f", "arguments": {"a": 1}}, {"pairs_f1"}),
        ({"slots": [1]}, {"slot_recall"}),
    ],
)
def test_a_granular_answer_has_its_own_rules(answer: Any, rules: set[str]) -> None:
    reward = load_reward(dict.fromkeys(rule_files(), 1.0))
    given = reward.score(reward.verify("", TOOLS, answer)).rules
    assert {name for name, value in given.items() if value is not None} == rules | {
        "correct",
        "no_surplus",
    }


@pytest.mark.parametrize("preset", sorted(path.stem for path in PRESETS.glob("*.yaml")))
def test_every_preset_loads(preset: str) -> None:
    assert load_reward(preset).rule_names
