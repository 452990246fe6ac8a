"""Verdicts to numbers: rules under weights and gates, and the one function that TRL calls.

    reward = load_reward("graded")                       # a preset, a YAML file, or a mapping of rule -> weight
    reward.score(verdict)                                # Score(reward=0.8, rules={"name": 1.0, "values": 0.5, ...})
    GRPOTrainer(reward_funcs=reward_function("graded", tokenizer, wire="hermes"), ...)

reward = product of the gates x weighted mean of the rules that apply. A rule is found by one string: `name` (a file in
rewards/), `path/to/file.py:function`, or `package.module:function`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rlcall.shipped import CONFIGS, RULES
from rlcall.verify import WEIGHTS, Verdict, verify

PRESETS = CONFIGS / "rewards"

Rule = Callable[[Verdict], float | None]


class RewardError(ValueError):
    """A reward that cannot be built from its configuration, or a rule that does not keep its contract."""


@dataclass(frozen=True, slots=True)
class Score:
    """A reward in [0, 1] (None: nothing applies to the row) and what each rule and gate gave."""

    reward: float | None
    rules: dict[str, float | None]


@dataclass(frozen=True)
class Reward:
    """Rules under weights, and gates that multiply. The keys are the rules' function names, as they are logged."""

    rules: Mapping[str, Rule]
    weights: Mapping[str, float]
    gates: tuple[str, ...] = ()

    @property
    def rule_names(self) -> list[str]:
        return list(self.rules)

    @property
    def matching_weights(self) -> Mapping[str, float]:
        """The weights under which calls are matched, so that the pairing is the one that this reward likes best."""
        own = {name: weight for name, weight in self.weights.items() if name in WEIGHTS}
        return own or WEIGHTS

    def verify(self, completion: Any, tools: Any, answer: Any, wire: str = "auto") -> Verdict:
        return verify(completion, tools, answer, wire=wire, weights=self.matching_weights)

    def score(self, verdict: Verdict) -> Score:
        if verdict.due == "unknown":
            return Score(None, dict.fromkeys(self.rules))
        given = {name: _checked(name, rule(verdict)) for name, rule in self.rules.items()}
        applying = {name: weight for name, weight in self.weights.items() if given[name] is not None}
        total = sum(applying.values())
        if not total:
            return Score(None, given)
        reward = sum(weight * (given[name] or 0.0) for name, weight in applying.items()) / total
        for gate in self.gates:
            value = given[gate]
            reward *= 1.0 if value is None else value
        return Score(min(max(reward, 0.0), 1.0), given)


def _checked(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise RewardError(f"rule {name!r} returned {value!r}; a rule returns a float in [0, 1], or None")
    return float(value)


def load_reward(rewards: str | Mapping[str, Any], gates: Sequence[str] | None = None) -> Reward:
    """A reward from a preset's name, the path of a YAML file with `rewards` and `gates`, or a mapping rule -> weight.

    RewardError names what is wrong and what exists. `gates`, if given, replace the preset's.
    """
    if isinstance(rewards, str):
        preset = _read_preset(rewards)
        rewards, gates = preset["rewards"], preset.get("gates", ()) if gates is None else gates
    if not isinstance(rewards, Mapping) or not rewards:
        raise RewardError(f"`rewards` must map at least one rule to its weight, not {rewards!r}")
    references = {reference: _weight(reference, value) for reference, value in rewards.items()}
    if not any(references.values()):
        raise RewardError("all weights are 0, which rewards nothing; give at least one rule a weight above 0")
    rules: dict[str, Rule] = {}
    names = {reference: _add(rules, reference) for reference in dict.fromkeys([*references, *(gates or ())])}
    weights = {names[reference]: weight for reference, weight in references.items()}
    return Reward(rules, weights, tuple(names[gate] for gate in gates or ()))


def _add(rules: dict[str, Rule], reference: str) -> str:
    rule = load_rule(reference)
    name = rule.__name__
    if name in rules and rules[name] is not rule:
        raise RewardError(f"two rules are called {name!r}; rename the function of {reference!r}")
    rules[name] = rule
    return name


def _weight(reference: str, value: Any) -> float:
    if isinstance(value, Mapping):
        if set(value) != {"weight"}:
            raise RewardError(f"rule {reference!r} takes the key `weight`, not {', '.join(map(str, value)) or 'none'}")
        value = value["weight"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise RewardError(f"the weight of rule {reference!r} must be a number of at least 0, not {value!r}")
    return float(value)


def _read_preset(reference: str) -> dict[str, Any]:
    path = Path(reference) if reference.endswith((".yaml", ".yml")) else PRESETS / f"{reference}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise RewardError(f"no reward preset {reference!r}: {path} does not exist; presets are {known}")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not {"rewards"} <= set(data) <= {"rewards", "gates"}:
        raise RewardError(f"{path}: a reward file holds `rewards` (rule: weight) and, if wanted, `gates` (a list)")
    return data


def load_rule(reference: str) -> Rule:
    """The function behind `name`, `path/to/file.py:function` or `package.module:function`; else RewardError."""
    target, _, function = reference.rpartition(":")
    if not target:
        module, function, tried = _load_file(RULES / f"{reference}.py"), reference, f"{RULES / reference}.py"
    elif target.endswith(".py"):
        module, tried = _load_file(Path(target).resolve()), target
    else:
        module, tried = _import(target), f"the module {target}"
    rule = getattr(module, function, None)
    if not callable(rule):
        raise RewardError(
            f"no rule {reference!r}: tried {function!r} in {tried}. Rules in rewards/: {', '.join(rule_files())}; "
            "others are written path/to/file.py:function or package.module:function"
        )
    return rule


def rule_files() -> list[str]:
    """The names of the rules in rewards/."""
    return sorted(file.stem for file in RULES.glob("*.py") if not file.stem.startswith("_"))


@cache
def _load_file(path: Path) -> Any:
    """A rule's file as a module under a private name; None where there is no such file."""
    if not path.is_file():
        return None
    name = f"_rlcall_rule_{abs(hash(path))}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses with postponed annotations look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise
        return None


Observer = Callable[[Sequence[str], Sequence[Any], Sequence[Verdict], Sequence[Score]], None]


def reward_function(
    rewards: str | Mapping[str, Any] | Reward = "graded",
    tokenizer: Any = None,
    wire: str = "auto",
    observe: Observer | None = None,
) -> RewardFunction:
    """A reward for TRL's GRPOTrainer, over rows with the columns `tools` and `answer` as JSON text.

    With a `tokenizer`, completions are decoded from their ids with special tokens kept, since many wire formats are
    written in them and TRL's own text has lost them. `observe` is told every batch (prompts, completions, verdicts,
    scores).
    """
    return RewardFunction(rewards if isinstance(rewards, Reward) else load_reward(rewards), tokenizer, wire, observe)


class RewardFunction:
    """The callable that TRL gets. It logs, for each rule, what was earned and how often the rule applied."""

    def __init__(self, reward: Reward, tokenizer: Any, wire: str, observe: Observer | None) -> None:
        self.__name__ = "reward"
        self.reward, self.tokenizer, self.wire, self.observe = reward, tokenizer, wire, observe

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        *,
        tools: Sequence[str],
        answer: Sequence[str],
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float | None]:
        written = self._written(completions, completion_ids)
        verdicts = [self.reward.verify(*row, wire=self.wire) for row in zip(written, tools, answer, strict=True)]
        scores = [self.reward.score(verdict) for verdict in verdicts]
        if log_metric is not None:
            for verdict, score in zip(verdicts, scores, strict=True):
                for key, value in metrics(verdict, score).items():
                    log_metric(key, value)
        if self.observe is not None:
            self.observe(prompts, written, verdicts, scores)
        return [score.reward for score in scores]

    def _written(self, completions: Sequence[Any], ids: Sequence[Sequence[int]] | None) -> list[Any]:
        if self.tokenizer is not None and ids is not None:
            return [decode_completion(self.tokenizer, tokens) for tokens in ids]
        return [_message(completion) for completion in completions]


def decode_completion(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of a completion with its special tokens kept and the end-of-text and padding at its end taken off."""
    end = {tokenizer.eos_token_id, tokenizer.pad_token_id}
    tokens = list(map(int, ids))
    while tokens and tokens[-1] in end:
        tokens.pop()
    return tokenizer.decode(tokens, skip_special_tokens=False)


def _message(completion: Any) -> Any:
    """TRL gives text, or a list of messages of which the assistant's last one is the model's."""
    if not isinstance(completion, list):
        return completion
    spoken = [message for message in completion if message.get("role") == "assistant"]
    return spoken[-1] if spoken else ""


def metrics(verdict: Verdict, score: Score) -> dict[str, float]:
    """What one completion adds to a log. The keys are the same for every completion, so no rank waits for another."""
    shares = {"correct": None if verdict.correct is None else float(verdict.correct), **score.rules}
    return {
        f"rules/{name}/{part}": number
        for name, value in shares.items()
        for part, number in (("earned", value or 0.0), ("applies", float(value is not None)))
    }


def rule_means(log: Mapping[str, float]) -> dict[str, float]:
    """`rules/<name>` from the means of what was earned and applied: the rule's mean where it applied at all."""
    names = [key.split("/")[1] for key in log if key.startswith("rules/") and key.endswith("/applies")]
    return {
        f"rules/{name}": log[f"rules/{name}/earned"] / log[f"rules/{name}/applies"]
        for name in names
        if log[f"rules/{name}/applies"]
    }
