"""A reward: the rules that read a verdict, and how their values become one number.

reward = Reward({"correct": correct, "parses": parses}, weights={"correct": 1.0}, gates=("parses",))
reward.score(verdict)       # Score(reward=0.8, rules={"correct": 1.0, "parses": 0.8})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rlcall.rules.guard import RuleProcess, Task
from rlcall.rules.load import OnError, Outcome, Rule, RuleError, RuleFailure, call_rule
from rlcall.verify import WEIGHTS, Verdict, verify


@dataclass(frozen=True, slots=True)
class Score:
    """A reward in [0, 1], what each rule and gate gave, and why any failed.

    The reward is None where nothing applies to the row, or where a gate failed.
    """

    reward: float | None
    rules: dict[str, float | None]
    failures: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return `reward` and `rules`; `failures` too where there are any."""
        values = {"reward": self.reward, "rules": self.rules}
        return {**values, "failures": self.failures} if self.failures else values


class ForeignRule(NamedTuple):
    """A rule that is not called in place: the reward's process runs it."""

    reference: str


@dataclass(frozen=True)
class Reward:
    """Rules under weights, and gates that multiply.

    The keys are the rules' names, as they are logged.

    `process` runs the foreign rules. `on_error` says for each rule what follows where it fails:
    nothing is known (`none`, also where it has no entry), 0 (`floor`), or RuleError (`raise`).
    """

    rules: Mapping[str, Rule | ForeignRule]
    weights: Mapping[str, float]
    gates: tuple[str, ...] = ()
    on_error: Mapping[str, OnError] = field(default_factory=dict)
    process: RuleProcess | None = None

    @property
    def rule_names(self) -> list[str]:
        """The names of the rules and gates, in the order in which they are logged."""
        return list(self.rules)

    @property
    def matching_weights(self) -> Mapping[str, float]:
        """The weights under which calls are matched: this reward likes no other pairing better."""
        weights = {name: weight for name, weight in self.weights.items() if name in WEIGHTS}
        return weights or WEIGHTS

    def verify(self, completion: Any, tools: Any, answer: Any, wire: str = "auto") -> Verdict:
        """Verify one completion, as `rlcall.verify` does, under this reward's matching weights."""
        return verify(completion, tools, answer, wire=wire, weights=self.matching_weights)

    def score(self, verdict: Verdict) -> Score:
        """Score one verdict.

        Raises RuleError where a rule fails whose `on_error` is `raise`, and nothing else.
        """
        (score,) = self.score_all([verdict])
        self.check(score)
        return score

    def score_all(self, verdicts: Sequence[Verdict]) -> list[Score]:
        """Score many verdicts, which foreign rules get in one batch. No rule makes it raise."""
        scorable = [verdict for verdict in verdicts if verdict.due != "unknown"]
        foreign = self.process.run(scorable) if self.process else {}
        scores = []
        index = 0  # of the verdict among those that the foreign rules got
        for verdict in verdicts:
            if verdict.due == "unknown":
                scores.append(Score(None, dict.fromkeys(self.rules)))
            else:
                scores.append(self._combine(self._outcomes(verdict, index, foreign)))
                index += 1
        return scores

    def check(self, score: Score) -> None:
        """Raise RuleError where a rule failed whose `on_error` is `raise`."""
        for name, cause in score.failures.items():
            if self.on_error.get(name) == "raise":
                raise RuleError(f"the rule {name!r} failed: {cause}")

    def _outcomes(
        self, verdict: Verdict, index: int, foreign: Mapping[Task, Outcome]
    ) -> dict[str, Outcome]:
        outcomes = {}
        for name, rule in self.rules.items():
            if isinstance(rule, ForeignRule):
                outcomes[name] = foreign[name, index]
            else:
                outcomes[name] = call_rule(rule, verdict)
        return outcomes

    def _combine(self, outcomes: Mapping[str, Outcome]) -> Score:
        """Return the product of the gates times the weighted mean of the rules that apply."""
        values, failures = self._settle(outcomes)
        applying = {name: w for name, w in self.weights.items() if values[name] is not None}
        total = sum(applying.values())
        # What a failed gate would have held back is not known, so neither is the reward.
        gate_unknown = any(gate in failures and values[gate] is None for gate in self.gates)
        if not total or gate_unknown:
            return Score(None, values, failures)
        reward = sum(weight * (values[name] or 0.0) for name, weight in applying.items()) / total
        for gate in self.gates:
            value = values[gate]
            if value is not None:
                reward *= value
        return Score(min(max(reward, 0.0), 1.0), values, failures)

    def _settle(
        self, outcomes: Mapping[str, Outcome]
    ) -> tuple[dict[str, float | None], dict[str, str]]:
        """Return what each rule counts as, and why those that failed did."""
        values: dict[str, float | None] = {}
        failures: dict[str, str] = {}
        for name, outcome in outcomes.items():
            if isinstance(outcome, RuleFailure):
                failures[name] = outcome.cause
                outcome = 0.0 if self.on_error.get(name) == "floor" else None
            values[name] = outcome
        return values, failures
