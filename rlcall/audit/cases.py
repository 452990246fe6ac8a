"""Rows as cases to attack, with all that is right for them.

cases, reasons = attack_cases(rows, "hermes")
cases[0].gold.text          # '<tool_call>...', the right answer
reasons                     # Counter({"nothing is known of its calls": 3}): rows that are no case
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rlcall import wire as wires
from rlcall.audit.attacks import Gold, granular
from rlcall.audit.attacks.perturb import by_position, example_call
from rlcall.calls import Call
from rlcall.data.gold import render_calls
from rlcall.data.rows import Row, read_rows
from rlcall.tasks import phone
from rlcall.verifier.answer import Answer, AnswerError
from rlcall.verifier.schema import SchemaError
from rlcall.verify import Verdict, verify

SAMPLES = Path(__file__).with_name("rows.jsonl")


@dataclass(frozen=True, slots=True)
class AttackCase:
    """A row that can be attacked, its gold, and what is due by its name in the table of attacks."""

    name: str
    row: Row
    gold: Gold
    due: str


class _Unattackable(Exception):
    """The reason why a row is no case."""


def sample_rows() -> list[Row]:
    """Return rows that come with rlcall: generated ones, and some for every kind of answer."""
    return [*phone.generate(40, seed=0), *read_rows(SAMPLES)]


def attack_cases(rows: Iterable[Row], wire: str = "auto") -> tuple[list[AttackCase], Counter[str]]:
    """Return the rows that can be attacked, and a count of the others by the reason."""
    cases: list[AttackCase] = []
    reasons: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        try:
            cases.append(_case(row, row.id or f"row {number}", wire, cases))
        except _Unattackable as reason:
            reasons[str(reason)] += 1
    return cases, reasons


def _case(row: Row, name: str, wire: str, earlier: Sequence[AttackCase]) -> AttackCase:
    rng = Random(name)
    if wire == "auto":
        formats = rng.sample(list(wires.FORMATS.values()), len(wires.FORMATS))
    else:
        formats = [wires.get(wire)]
    try:
        calls = _gold_calls(row)
        texts = _gold_texts(row, calls, formats)
    except (SchemaError, AnswerError) as error:
        raise _Unattackable("its tools or its answer cannot be used") from error
    formats = [form for form in formats if form.name in texts]
    gold = Gold(row.wanted, calls, texts[formats[0].name], formats, _others(calls, earlier, rng))
    return AttackCase(name, row, gold, _due(row.wanted))


def _gold_calls(row: Row) -> list[Call]:
    answer = row.wanted
    if answer.granular:
        return by_position(granular.gold_calls(answer))
    if answer.calls is None:
        raise _Unattackable("nothing is known of its calls")
    if answer.calls != "any":
        return by_position(answer.gold_calls())
    if not row.tools:
        raise _Unattackable("some call is due, and there is no tool to call")
    return [example_call(row.tools[0], "var1")]


def _gold_texts(row: Row, calls: list[Call], formats: Sequence[wires.Format]) -> dict[str, str]:
    """Return the right completion by the formats that can write it; "" where no call is due."""
    if row.wanted.granular:
        text = granular.gold_text(row.wanted)
        _check_right([verify(text, row.tools, row.answer_text)])
        return {form.name: text for form in formats}
    if not calls:
        return {form.name: "" for form in formats}
    texts: dict[str, str] = {}
    for form in formats:
        text_in_format = render_calls(calls, form, row.tools)
        if text_in_format is not None:
            texts[form.name] = text_in_format
    if not texts:
        raise _Unattackable("no wire format under audit can write its answer")
    _check_right(
        [verify(text, row.tools, row.answer_text, wire=name) for name, text in texts.items()]
    )
    return texts


def _check_right(verdicts: Sequence[Verdict]) -> None:
    """Check that the gold is right in at least one of the formats."""
    if not any(verdict.correct for verdict in verdicts):
        codes = dict.fromkeys(error.code for error in verdicts[0].errors)
        raise _Unattackable(f"its answer is not right under its own tools ({', '.join(codes)})")


def _others(calls: list[Call], earlier: Sequence[AttackCase], rng: Random) -> Sequence[Call]:
    """Return the right calls of an earlier row, where they go to other tools."""
    others = rng.choice(earlier).gold.calls if earlier else []
    names = Counter(call.name for call in calls)
    other_names = Counter(call.name for call in others)
    return others if other_names != names else ()


def _due(answer: Answer) -> str:
    if answer.granular:
        return "no names" if answer.granular == "names" and not answer.names else answer.granular
    if answer.calls == "any":
        return "any"
    return "calls" if answer.calls else "none"
