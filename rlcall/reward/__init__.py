"""Verdicts to numbers: rules under weights and gates, and the one function that TRL calls.

    reward = load_reward("graded")      # a preset, a YAML file, or a mapping of rule -> weight
    reward.score(verdict)               # Score(reward=0.8, rules={"name": 1.0, "values": 0.5, ...})
    GRPOTrainer(reward_funcs=reward_function("graded", tokenizer, wire="hermes"), ...)

reward = product of the gates x weighted mean of the rules that apply. A rule is found by one
string: `name` (a file in rewards/), `path/to/file.py:function`, or `package.module:function`.
"""

from rlcall.reward.function import RewardFunction, reward_function
from rlcall.reward.load import load_reward
from rlcall.reward.log import CALL_RATES, call_rates, metrics, plain_figures, rule_means
from rlcall.reward.score import ForeignRule, Reward, Score
from rlcall.rules.load import RewardError, RuleError, load_rule, rule_files
from rlcall.rules.presets import PRESETS

__all__ = [
    "CALL_RATES",
    "PRESETS",
    "ForeignRule",
    "Reward",
    "RewardError",
    "RewardFunction",
    "RuleError",
    "Score",
    "call_rates",
    "load_reward",
    "load_rule",
    "metrics",
    "plain_figures",
    "reward_function",
    "rule_files",
    "rule_means",
]
