"""The run of an audit: every attack on every case, and the highest reward that each one reached.

    findings = audit(load_reward("graded"), rows)
    findings[0].ok, findings[0].reached, findings[0].completion     # True, 1.0, '<tool_call>...'

The right answer is held to the lowest reward that it got, and mending to the deepest fall. A rule
that raises, returns what is no float in [0, 1], or applies to some completions of a row only, fails
the attack that brought it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from rlcall.audit.attacks import ATTACKS, PROPERTIES, Attack, granular
from rlcall.audit.attacks.perturb import by_position
from rlcall.audit.cases import AttackCase, attack_cases
from rlcall.audit.finding import Completion, RewardFinding
from rlcall.calls import Call
from rlcall.data.rows import Row
from rlcall.reward import Reward


def audit(reward: Reward, rows: Iterable[Row], wire: str = "auto") -> list[RewardFinding]:
    """Return a finding for every attack, in the order of ATTACKS, the same each time.

    `wire` is the format that completions are read in, as in `rlcall.verify`.
    """
    cases, _ = attack_cases(rows, wire)
    return attack_all(reward, cases, wire)


def attack_all(
    reward: Reward, cases: Iterable[AttackCase], wire: str = "auto"
) -> list[RewardFinding]:
    """Make every attack on every case. Only a fault of `verify` itself raises."""
    findings = [RewardFinding(attack.name, attack.tests) for attack in ATTACKS]
    for case in cases:
        scorer = _Scorer(reward, case, wire)
        for attack, finding in zip(ATTACKS, findings, strict=True):
            if case.due in attack.due:
                _attack(attack, scorer, finding)
    return findings


def _attack(attack: Attack, scorer: _Scorer, finding: RewardFinding) -> None:
    case, falls = scorer.case, PROPERTIES[attack.tests].falls
    previous = 0.0
    for completion in _completions(attack, case):
        reward, error = scorer.score(completion)
        if error is not None:
            finding.add(completion, case.name, error=error)
        elif reward is not None:  # else nothing in this reward applies to the row
            reached = max(previous - reward, 0.0) if falls else reward
            finding.add(completion, case.name, reached)
            previous = reward


def _completions(attack: Attack, case: AttackCase) -> Iterator[Completion]:
    rng = Random(f"{case.name} {attack.name}")
    for forgery in attack.forge(case.row, case.gold, rng):
        completion = _render(forgery, case) if isinstance(forgery, list) else forgery
        if completion is not None:
            yield completion


def _render(calls: list[Call], case: AttackCase) -> str | None:
    """Render calls as a granular row asks, else in the first wire format that can, if any."""
    if case.gold.answer.granular:
        return granular.render(calls, case.gold.answer)
    for labelled in (calls, by_position(calls)):
        for form in case.gold.formats:
            if form.can_render(labelled, case.row.tools):
                return form.render(labelled)
    return None


class _Scorer:
    """Scores the completions of one case; the first shows which rules do not apply to its row."""

    def __init__(self, reward: Reward, case: AttackCase, wire: str) -> None:
        self.reward = reward
        self.case = case
        self.wire = wire
        self.silent_rules: set[str] | None = None

    def score(self, completion: Completion) -> tuple[float | None, str | None]:
        """Return the reward, or what a rule did against its contract."""
        row = self.case.row
        verdict = self.reward.verify(completion, row.tools_text, row.answer_text, self.wire)
        try:
            score = self.reward.score(verdict)
        except Exception as error:  # rules are anyone's code: what they raise is a finding
            return None, f"{type(error).__name__}: {error}"
        if score.failures:
            return None, "; ".join(f"{name}: {cause}" for name, cause in score.failures.items())
        silent = {name for name, value in score.rules.items() if value is None}
        if self.silent_rules is None:
            self.silent_rules = silent
        if changed := silent ^ self.silent_rules:
            names = ", ".join(sorted(changed))
            return None, f"whether a rule applies must depend on the row alone: {names}"
        return score.reward, None
