"""The audit: every attack on every row, and the highest reward that each of them reached.

    findings = audit(load_reward("graded"), rows)
    findings[0].ok, findings[0].reached, findings[0].completion     # True, 1.0, '<tool_call>...'

The right answer is held to the lowest reward it got, and mending to the deepest fall. A rule that raises, returns what
is no float in [0, 1], or applies to some completions of a row only, fails the attack that brought it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from rlcall import wire as wires
from rlcall.audit.attacks import ATTACKS, PROPERTIES, Attack, Gold, granular
from rlcall.audit.attacks.perturb import by_position, made_call
from rlcall.calls import Call
from rlcall.data.gold import render_calls
from rlcall.data.rows import Row, read_rows
from rlcall.reward import Reward
from rlcall.tasks import phone
from rlcall.verifier.answer import Answer, AnswerError
from rlcall.verifier.schema import SchemaError
from rlcall.verify import Verdict, verify

SAMPLES = Path(__file__).with_name("rows.jsonl")

Completion = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A row that can be attacked; tools and answer as JSON text, on which what depends on the row alone is cached."""

    name: str
    row: Row
    gold: Gold
    due: str
    tools: str
    answer: str


@dataclass(slots=True)
class Finding:
    """What one attack reached, and with which completion of which row.

    `reached` is the highest reward; the lowest where 1.0 is due; the deepest fall for mending. `error` is what a rule
    did against its contract: it comes before any reward.
    """

    attack: str
    tests: str
    tried: int = 0
    failed: int = 0
    reached: float | None = None
    row: str | None = None
    completion: Completion | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return not self.failed

    def note(
        self,
        completion: Completion,
        row: str | None,
        reached: float = 0.0,
        error: str | None = None,
    ) -> None:
        """One more completion: kept where it got further than all before it, or broke a rule first."""
        kept = PROPERTIES[self.tests]
        self.tried += 1
        self.failed += error is not None or not kept.allows(reached)
        if self.error is None and (
            error or self.reached is None or kept.is_further(reached, self.reached)
        ):
            self.reached, self.error, self.completion, self.row = (
                None if error else reached,
                error,
                completion,
                row,
            )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "ok": self.ok}


def sample_rows() -> list[Row]:
    """Rows to attack where there are none of one's own: generated ones, and some of every kind that an answer has."""
    return [*phone.generate(40, seed=0), *read_rows(SAMPLES)]


def audit(reward: Reward, rows: Iterable[Row], wire: str = "auto") -> list[Finding]:
    """A finding for every attack, in the order of ATTACKS, the same each time. `wire` as in `rlcall.verify`."""
    return attack_all(reward, cases(rows, wire)[0], wire)


def cases(rows: Iterable[Row], wire: str = "auto") -> tuple[list[Case], Counter[str]]:
    """The rows that can be attacked, and the others counted by why they cannot."""
    found: list[Case] = []
    aside: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        try:
            found.append(_case(row, row.id or f"row {number}", wire, found))
        except _SetAside as reason:
            aside[str(reason)] += 1
    return found, aside


class _SetAside(Exception):
    """Why a row cannot be attacked."""


def _case(row: Row, name: str, wire: str, before: Sequence[Case]) -> Case:
    rng = Random(name)
    formats = (
        rng.sample(list(wires.FORMATS.values()), len(wires.FORMATS))
        if wire == "auto"
        else [wires.get(wire)]
    )
    tools, answer = row.tools_text, row.answer_text
    try:
        wanted = row.wanted
        calls = _right_calls(row, wanted)
        fit, text = _right_text(formats, calls, row, wanted, answer)
    except (SchemaError, AnswerError) as error:
        raise _SetAside("its tools or its answer cannot be used") from error
    gold = Gold(wanted, calls, text, fit, _others(calls, before, rng))
    return Case(name, row, gold, _due(wanted), tools, answer)


def _due(answer: Answer) -> str:
    if answer.granular:
        return "no names" if answer.granular == "names" and not answer.names else answer.granular
    return "any" if answer.calls == "any" else "calls" if answer.calls else "none"


def _right_text(
    formats: Sequence[wires.Format], calls: list[Call], row: Row, wanted: Answer, answer: str
) -> tuple[Sequence[wires.Format], str]:
    """The formats to attack in, and what is right, which it must be; "" where no call is due."""
    if wanted.granular:
        text = granular.right_text(wanted)
        _must_be_right([verify(text, row.tools, answer)])
        return formats, text
    if not calls:
        return formats, ""
    texts: dict[str, str] = {}
    for form in formats:
        completion = render_calls(calls, form, row.tools)
        if completion is not None:
            texts[form.name] = completion
    if not texts:
        raise _SetAside("no wire format under audit can write its answer")
    _must_be_right([verify(text, row.tools, answer, wire=name) for name, text in texts.items()])
    return [form for form in formats if form.name in texts], next(iter(texts.values()))


def _must_be_right(verdicts: Sequence[Verdict]) -> None:
    """At least in one of the ways to write it."""
    if not any(verdict.correct for verdict in verdicts):
        codes = dict.fromkeys(error.code for error in verdicts[0].errors)
        raise _SetAside(f"its answer is not right under its own tools ({', '.join(codes)})")


def _right_calls(row: Row, answer: Answer) -> list[Call]:
    if answer.granular:
        return by_position(granular.right_calls(answer))
    if answer.calls is None:
        raise _SetAside("nothing is known of its calls")
    if answer.calls != "any":
        return by_position(answer.gold_calls())
    if not row.tools:
        raise _SetAside("some call is due, and there is no tool to call")
    return [made_call(row.tools[0], "var1")]


def _others(calls: list[Call], before: Sequence[Case], rng: Random) -> Sequence[Call]:
    """The right calls of an earlier row, where they go to other tools."""
    named = Counter(call.name for call in calls)
    others = rng.choice(before).gold.calls if before else []
    return others if Counter(call.name for call in others) != named else ()


def attack_all(reward: Reward, cases: Iterable[Case], wire: str = "auto") -> list[Finding]:
    """Every attack on every case. Only a fault of `verify` itself raises."""
    findings = [Finding(attack.name, attack.tests) for attack in ATTACKS]
    for case in cases:
        scorer = _Scorer(reward, case, wire)
        for attack, finding in zip(ATTACKS, findings, strict=True):
            if case.due in attack.due:
                _attack(attack, finding, scorer)
    return findings


def _attack(attack: Attack, finding: Finding, scorer: _Scorer) -> None:
    case, before = scorer.case, 0.0
    for completion in _completions(attack, case, Random(f"{case.name} {attack.name}")):
        reward, error = scorer.score(completion)
        if error is not None:
            finding.note(completion, case.name, error=error)
        elif reward is not None:  # else nothing in this reward applies to the row
            finding.note(
                completion,
                case.name,
                max(before - reward, 0.0) if PROPERTIES[attack.tests].falls else reward,
            )
            before = reward


def _completions(attack: Attack, case: Case, rng: Random) -> Iterator[Completion]:
    for forgery in attack.forge(case.row, case.gold, rng):
        completion = _written(forgery, case) if isinstance(forgery, list) else forgery
        if completion is not None:
            yield completion


def _written(calls: list[Call], case: Case) -> str | None:
    """The calls in the first wire format that can write them as they are, or as a granular row asks; None for none."""
    if case.gold.answer.granular:
        return granular.written(calls, case.gold.answer)
    for labelled in (calls, by_position(calls)):
        for written in case.gold.formats:
            if written.can_render(labelled, case.row.tools):
                return written.render(labelled)
    return None


@dataclass(slots=True)
class _Scorer:
    """Scores completions of one case, and knows which rules do not apply to it once it has scored one."""

    reward: Reward
    case: Case
    wire: str
    silent: set[str] | None = None

    def score(self, completion: Completion) -> tuple[float | None, str | None]:
        """The reward, or what a rule did against its contract."""
        verdict = self.reward.verify(completion, self.case.tools, self.case.answer, self.wire)
        try:
            score = self.reward.score(verdict)
        except Exception as error:  # rules are anyone's code: what they raise is a finding
            return None, f"{type(error).__name__}: {error}"
        if score.failures:
            return None, "; ".join(f"{name}: {cause}" for name, cause in score.failures.items())
        silent = {name for name, value in score.rules.items() if value is None}
        self.silent = silent if self.silent is None else self.silent
        if changed := silent ^ self.silent:
            return (
                None,
                f"whether a rule applies must depend on the row alone: {', '.join(sorted(changed))}",
            )
        return score.reward, None
