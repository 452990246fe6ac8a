"""Verdicts to numbers: rules under weights and gates, and the one function that TRL calls.

    reward = load_reward("graded")                       # a preset, a YAML file, or a mapping of rule -> weight
    reward.score(verdict)                                # Score(reward=0.8, rules={"name": 1.0, "values": 0.5, ...})
    GRPOTrainer(reward_funcs=reward_function("graded", tokenizer, wire="hermes"), ...)

reward = product of the gates x weighted mean of the rules that apply. A rule is found by one string: `name` (a file in
rewards/), `path/to/file.py:function`, or `package.module:function`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rlcall.rules.guard import RuleProcess
from rlcall.rules.load import (
    Failure,
    Outcome,
    RewardError,
    Rule,
    RuleError,
    call_rule,
    load_rule,
    rule_files,
    rule_name,
)
from rlcall.rules.spec import PRESETS, OnError, RuleSpec, read_preset, read_spec
from rlcall.verify import WEIGHTS, Verdict, verify
from rlcall.wire.completions import decode_completion, message_of

__all__ = [
    "PRESETS",
    "Reward",
    "RewardError",
    "RewardFunction",
    "RuleError",
    "Score",
    "load_reward",
    "load_rule",
]
__all__ += ["metrics", "reward_function", "rule_files", "rule_means"]


@dataclass(frozen=True, slots=True)
class Score:
    """A reward in [0, 1] (None: nothing applies to the row), what each rule and gate gave, and why any failed."""

    reward: float | None
    rules: dict[str, float | None]
    failures: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """`reward` and `rules`; `failures` too where there are any."""
        said = {"reward": self.reward, "rules": self.rules}
        return {**said, "failures": self.failures} if self.failures else said


@dataclass(frozen=True)
class Reward:
    """Rules under weights, and gates that multiply. The keys are the rules' function names, as they are logged.

    A rule that is None runs in `process`. `on_error` says what follows where a rule fails: nothing is known (`none`,
    unless it says otherwise), 0 (`floor`), or RuleError (`raise`).
    """

    rules: Mapping[str, Rule | None]
    weights: Mapping[str, float]
    gates: tuple[str, ...] = ()
    on_error: Mapping[str, OnError] = field(default_factory=dict)
    process: RuleProcess | None = None

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
        """Raises RuleError where a rule fails whose `on_error` is `raise`; no other failure raises."""
        (score,) = self.score_all([verdict])
        self.check(score)
        return score

    def score_all(self, verdicts: Sequence[Verdict]) -> list[Score]:
        """The scores of many verdicts, which foreign rules get in one batch. No rule makes it raise."""
        known = [verdict for verdict in verdicts if verdict.due != "unknown"]
        foreign = self.process.run(known) if self.process else {}
        outcomes = (
            {
                n: foreign[n, place] if rule is None else call_rule(rule, verdict)
                for n, rule in self.rules.items()
            }
            for place, verdict in enumerate(known)
        )
        return [
            Score(None, dict.fromkeys(self.rules))
            if verdict.due == "unknown"
            else self._score(next(outcomes))
            for verdict in verdicts
        ]

    def check(self, score: Score) -> None:
        """Raises RuleError where a rule failed whose `on_error` is `raise`."""
        for name, cause in score.failures.items():
            if self.on_error.get(name) == "raise":
                raise RuleError(f"the rule {name!r} failed: {cause}")

    def _score(self, outcomes: Mapping[str, Outcome]) -> Score:
        given, failures = self._settle(outcomes)
        applying = {
            name: weight for name, weight in self.weights.items() if given[name] is not None
        }
        total = sum(applying.values())
        # What a failed gate would have let through is not known, so neither is the reward.
        if not total or (
            failures and any(gate in failures and given[gate] is None for gate in self.gates)
        ):
            return Score(None, given, failures)
        reward = sum(weight * (given[name] or 0.0) for name, weight in applying.items()) / total
        for gate in self.gates:
            value = given[gate]
            reward *= 1.0 if value is None else value
        return Score(min(max(reward, 0.0), 1.0), given, failures)

    def _settle(
        self, outcomes: Mapping[str, Outcome]
    ) -> tuple[dict[str, float | None], dict[str, str]]:
        """What each rule counts as, and why those that failed did."""
        given: dict[str, float | None] = {}
        failures: dict[str, str] = {}
        for name, outcome in outcomes.items():
            if isinstance(outcome, Failure):
                failures[name] = outcome.cause
                outcome = 0.0 if self.on_error.get(name) == "floor" else None
            given[name] = outcome
        return given, failures


def load_reward(rewards: str | Mapping[str, Any], gates: Sequence[str] | None = None) -> Reward:
    """A reward from a preset's name, the path of a YAML file with `rewards` and `gates`, or a mapping rule -> weight.

    RewardError names what is wrong and what exists. `gates`, if given, replace the preset's.
    """
    if isinstance(rewards, str):
        preset = read_preset(rewards)
        rewards, gates = preset["rewards"], preset.get("gates", ()) if gates is None else gates
    if not isinstance(rewards, Mapping) or not rewards:
        raise RewardError(f"`rewards` must map at least one rule to its weight, not {rewards!r}")
    specs = {reference: read_spec(reference, value) for reference, value in rewards.items()}
    if not any(spec.weight for spec in specs.values()):
        raise RewardError(
            "all weights are 0, which rewards nothing; give at least one rule a weight above 0"
        )
    specs |= {gate: read_spec(gate, 0.0) for gate in gates or () if gate not in specs}
    return _build(specs, list(rewards), list(gates or ()))


def _build(specs: Mapping[str, RuleSpec], weighted: Sequence[str], gates: Sequence[str]) -> Reward:
    named: dict[str, RuleSpec] = {}
    for reference, spec in specs.items():
        if (other := named.setdefault(rule_name(reference), spec)) is not spec:
            raise RewardError(
                f"{other.reference!r} and {reference!r} have one name; rename one of the functions"
            )
    rules = {
        name: load_rule(spec.reference) if spec.in_process else None for name, spec in named.items()
    }
    foreign = {name: spec for name, spec in named.items() if not spec.in_process}
    return Reward(
        rules,
        {rule_name(reference): specs[reference].weight for reference in weighted},
        tuple(map(rule_name, gates)),
        {name: spec.on_error for name, spec in named.items()},
        RuleProcess(foreign) if foreign else None,
    )


Observer = Callable[[Sequence[int], Sequence[Any], Sequence[Verdict], Sequence[Score]], None]


def reward_function(
    rewards: str | Mapping[str, Any] | Reward = "graded",
    tokenizer: Any = None,
    wire: str = "auto",
    observe: Observer | None = None,
) -> RewardFunction:
    """A reward for TRL's GRPOTrainer, over rows with the columns `tools` and `answer` as JSON text.

    With a `tokenizer`, completions are decoded from their ids with special tokens kept, since many wire formats are
    written in them and TRL's own text has lost them. `observe` is told every batch: the rows' column `place`, which it
    needs, the completions, verdicts and scores.
    """
    return RewardFunction(
        rewards if isinstance(rewards, Reward) else load_reward(rewards), tokenizer, wire, observe
    )


class RewardFunction:
    """The callable that TRL gets. It logs what each rule gave, and how often it applied and failed.

    `seconds` is the time that this process has spent in it. Raises RuleError as `Reward.score` does.
    """

    def __init__(self, reward: Reward, tokenizer: Any, wire: str, observe: Observer | None) -> None:
        self.__name__ = "reward"
        self.reward, self.tokenizer, self.wire, self.observe = reward, tokenizer, wire, observe
        self.seconds = 0.0

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        *,
        tools: Sequence[str],
        answer: Sequence[str],
        place: Sequence[int] = (),
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float | None]:
        began = time.perf_counter()
        written = self._written(completions, completion_ids)
        verdicts = [
            self.reward.verify(*row, wire=self.wire)
            for row in zip(written, tools, answer, strict=True)
        ]
        scores = self.reward.score_all(verdicts)
        seconds = time.perf_counter() - began
        self.seconds += seconds
        if log_metric is not None:
            log_metric("reward/seconds", seconds)
            for verdict, score in zip(verdicts, scores, strict=True):
                for key, value in metrics(verdict, score).items():
                    log_metric(key, value)
        if self.observe is not None:
            self.observe(place, written, verdicts, scores)
        for score in scores:
            self.reward.check(score)
        return [score.reward for score in scores]

    def _written(
        self, completions: Sequence[Any], ids: Sequence[Sequence[int]] | None
    ) -> list[Any]:
        if self.tokenizer is not None and ids is not None:
            return [decode_completion(self.tokenizer, tokens) for tokens in ids]
        return [message_of(completion) for completion in completions]


def metrics(verdict: Verdict, score: Score) -> dict[str, float]:
    """What one completion adds to a log. The keys are the same for every completion, so no rank waits for another."""
    shares = {"correct": None if verdict.correct is None else float(verdict.correct), **score.rules}
    earned = {f"rules/{name}/earned": value or 0.0 for name, value in shares.items()}
    applies = {f"rules/{name}/applies": float(value is not None) for name, value in shares.items()}
    return (
        earned
        | applies
        | {f"rules/{name}/failed": float(name in score.failures) for name in score.rules}
    )


def rule_means(log: Mapping[str, float]) -> dict[str, float]:
    """`rules/<name>` from the means of what was earned and applied: the rule's mean where it applied at all.

    `rules/<name>/failed`, the share of completions on which it failed, stays as it is.
    """
    names = [
        key.split("/")[1] for key in log if key.startswith("rules/") and key.endswith("/applies")
    ]
    means = {
        f"rules/{name}": log[f"rules/{name}/earned"] / log[f"rules/{name}/applies"]
        for name in names
        if log[f"rules/{name}/applies"]
    }
    return means | {
        key: value
        for key, value in log.items()
        if key.startswith("rules/") and key.endswith("/failed")
    }
