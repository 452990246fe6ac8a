"""Rewards that cannot be built: each message names the file, the key, and what belongs there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rlcall.reward import RewardError, load_reward
from rlcall.verify import WEIGHTS


def preset(folder: Path, text: str) -> str:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rewards: {values: 1.0, values: 2.0}", "'?values'?.* twice|found duplicate key"),
        ("rewards: {values: 1.0}\ngates: no_surplus", r"gates is a list .*\[no_surplus\]"),
        ("rewards: {values: 1.0}\ngates: [1]", "gates is a list of rules' names, .*not 1"),
        ("rewards: {values: 1.0}\ngates: {parses: 1.0}", "gates is a list of rules' names"),
        ("rewards: {values: 1.0}\ngates: [parses, parses]", "gates names 'parses' twice"),
        ("rewards: [values]", "rewards maps rules to their weights, .*not a list"),
        ("rewards: 1.0", "rewards maps rules to their weights, .*not 1.0"),
        ("rewards: {}", "rewards names no rule"),
        ("rewards:", "rewards names no rule"),
        ("rewards: {1: 1.0}", "rewards maps rules to their weights, .*not 1"),
        ("reward: {values: 1.0}", "unknown key 'reward'; did you mean 'rewards'"),
        ("gates: [parses]", "rewards is missing"),
        ("[values]", "keys with values|mapping"),
        ("rewards: {values: {weigth: 1.0}}", "unknown key 'weigth'; did you mean 'weight'"),
        ("rewards: {values: {1: 1.0}}", "unknown key 1"),
        ("rewards: {values: {timeout: 1.0}}", "weight of rule 'values' is missing"),
        ("rewards: {valuse: 1.0}", "no rule 'valuse'"),
    ],
)
def test_a_preset_that_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = preset(tmp_path, text)
    with pytest.raises(RewardError, match=message) as error:
        load_reward(file)
    assert str(error.value).startswith(f"{file}: ")


def test_presets_speak_the_yaml_of_the_configs(tmp_path: Path) -> None:
    reward = load_reward(preset(tmp_path, "rewards: {values: 1e0}\ngates:"))
    assert reward.weights == {"values": 1.0} and not reward.gates


@pytest.mark.parametrize(
    "weight",
    [True, float("nan"), float("inf"), -0.5, "1e0", None, [1.0], 10**400],
    ids=lambda weight: repr(weight)[:10],
)
@pytest.mark.parametrize("in_a_mapping", [False, True])
def test_a_weight_is_a_number_of_at_least_0(weight: Any, in_a_mapping: bool) -> None:
    value = {"weight": weight} if in_a_mapping else weight
    with pytest.raises(
        RewardError, match=r"the weight of rule 'values' should be .*(number|equal to 0), not "
    ):
        load_reward({"values": value})


def test_weights_add_up_to_a_number() -> None:
    with pytest.raises(RewardError, match="add up"):
        load_reward({"values": 1e308, "types": 1e308})


@pytest.mark.parametrize("rewards", [["values"], 1.0, None, {}, {1: 1.0}, {None: 1.0}])
def test_rewards_are_a_mapping(rewards: Any) -> None:
    with pytest.raises(RewardError, match=r"rewards (maps rules to their weights|names no rule)"):
        load_reward(rewards)


@pytest.mark.parametrize("gates", ["no_surplus", [1], [None], {"parses": 1.0}, 1, [["parses"]]])
def test_gates_are_a_list_of_names(gates: Any) -> None:
    with pytest.raises(RewardError, match="gates is a list of rules' names"):
        load_reward("graded", gates)


def test_the_default_matching_weights_are_those_of_the_default_reward() -> None:
    """`verify` alone pairs calls as `graded` does, without reading its file on every import."""
    graded = load_reward("graded").weights
    assert {name: graded[name] for name in WEIGHTS} == WEIGHTS
    assert load_reward("graded").matching_weights == WEIGHTS


@pytest.mark.parametrize("in_process", [True, False])
@pytest.mark.parametrize(
    "statement", ["from rlcall.match import Pair", "from rlcall.verify import Pair"]
)
def test_a_rule_that_imports_what_has_moved_is_told_where_it_is(
    tmp_path: Path, statement: str, in_process: bool
) -> None:
    (tmp_path / "old.py").write_text(f"{statement}\n\ndef rule(verdict):\n    return 0.5\n")
    rule = f"{tmp_path}/old.py:rule"
    with pytest.raises(RewardError, match=r"rlcall\.verify has what a rule needs: .*CallPair"):
        load_reward({rule: {"weight": 1.0, "in_process": in_process}})
