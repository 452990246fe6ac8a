"""A reward from what a config says.

load_reward("graded")
load_reward("my_reward.yaml")
load_reward({"values": 2.0, "my_rules.py:short": 1.0}, gates=["parses"])
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rlcall.reward.score import ForeignRule, Reward
from rlcall.rules.guard import RuleProcess
from rlcall.rules.load import RewardError, Rule, load_rule, rule_name
from rlcall.rules.presets import check_gates, check_rewards, read_preset

if TYPE_CHECKING:
    from rlcall.rules.spec import RuleSpec


def load_reward(rewards: str | Mapping[str, Any], gates: Sequence[str] | None = None) -> Reward:
    """Load a reward: a preset's name, a YAML file with `rewards` and `gates`, or rule -> weight.

    RewardError says what is wrong and what exists. `gates`, if given, replace the preset's.
    """
    gate_names = check_gates(gates)
    if not isinstance(rewards, str):
        return _load(check_rewards(rewards), gate_names)
    preset = read_preset(rewards)
    try:
        return _load(preset.rewards, preset.gates if gates is None else gate_names)
    except RewardError as error:
        raise RewardError(f"{preset.path}: {error}") from None


def _load(rewards: Mapping[str, Any], gates: Sequence[str]) -> Reward:
    from rlcall.rules.spec import read_spec  # pydantic takes a third of what importing rlcall takes

    specs = {reference: read_spec(reference, value) for reference, value in rewards.items()}
    total = sum(spec.weight for spec in specs.values())
    if total == 0:
        raise RewardError(
            "all weights are 0, which rewards nothing; give at least one rule a weight above 0"
        )
    if not math.isfinite(total):
        raise RewardError("the weights add up to more than a number can hold; give smaller ones")
    for gate in gates:
        if gate not in specs:
            specs[gate] = read_spec(gate, 0.0)
    named = _by_name(specs)
    rules: dict[str, Rule | ForeignRule] = {}
    foreign = {}
    for name, spec in named.items():
        if spec.in_process:
            rules[name] = load_rule(spec.reference)
        else:
            rules[name] = ForeignRule(spec.reference)
            foreign[name] = spec
    weights = {rule_name(reference): specs[reference].weight for reference in rewards}
    on_error = {name: spec.on_error for name, spec in named.items()}
    process = RuleProcess(foreign) if foreign else None
    return Reward(rules, weights, tuple(map(rule_name, gates)), on_error, process)


def _by_name(specs: Mapping[str, RuleSpec]) -> dict[str, RuleSpec]:
    """Return the specs under the names by which their rules are logged.

    RewardError where two have one name.
    """
    named: dict[str, RuleSpec] = {}
    for reference, spec in specs.items():
        namesake = named.setdefault(rule_name(reference), spec)
        if namesake is not spec:
            raise RewardError(
                f"{namesake.reference!r} and {reference!r} have one name; "
                "rename one of the functions"
            )
    return named
