"""Negatives: wrong completions of a named kind, made as small models get the right one wrong.

    for negative in negatives(row, "hermes", Random(0)):
        negative.kind           # "wrong_type"
        negative.completion     # '<tool_call>\\n{"name": "f", "arguments": {"a": "1"}}...'

They are the rejected completions of DPO's pairs where no model has written any, and show what a
reward makes of each kind of mistake. An operator knows ways to make its mistake; one of them is
drawn, and it is given only where our verifier finds the completion wrong, and for the reason that
the kind names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from rlcall.data.rows import Row
from rlcall.tasks.negatives import calls, text
from rlcall.tasks.negatives.gold import GoldCompletion, Operator, gold_of
from rlcall.verify import verify

NEGATIVES: dict[str, Operator] = {
    "malformed": text.malformed,
    "wrong_wrapper": text.wrong_wrapper,
    "wrong_name": calls.wrong_name,
    "missing_parameter": calls.missing_parameter,
    "unknown_parameter": calls.unknown_parameter,
    "wrong_type": calls.wrong_type,
    "wrong_value": calls.wrong_value,
    "wrong_count": calls.wrong_count,
}

# kind -> reason codes of `rlcall.verifier.codes`, one of which the verdict has
REASONS: dict[str, tuple[str, ...]] = {
    "malformed": (
        "unreadable", "truncated", "not_a_call", "duplicate_key", "not_json", "text_around",
    ),
    "wrong_wrapper": ("unreadable", "not_a_call", "text_around", "no_call"),
    "wrong_name": ("wrong_name", "unknown_tool"),
    "missing_parameter": ("missing_parameter",),
    "unknown_parameter": ("unknown_parameter",),
    "wrong_type": ("wrong_type",),
    "wrong_value": (
        "wrong_value", "missing_value", "surplus_value", "not_in_enum", "out_of_range",
        "pattern_mismatch", "wrong_path", "wrong_source", "literal_for_reference",
        "forward_reference", "cyclic_reference",
    ),
    "wrong_count": ("no_call", "missing_call", "surplus_call", "duplicate_call", "call_not_due"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Negative:
    """A wrong completion, as text in the run's wire format, and the kind of its mistake."""

    kind: str
    completion: str


def negatives(
    row: Row, wire: str, rng: Random, kinds: Iterable[str] | None = None
) -> list[Negative]:
    """Return one negative of each kind that the row and the wire format allow, drawn with `rng`.

    kinds: some of NEGATIVES, all if None. Where no call is due, `wrong_count` alone can be made.
    There are none at all where the row does not say which calls are right, or the wire format
    cannot write them. ValueError for an unknown kind or wire format; `auto` is none, since under it
    no wrapper is wrong.
    """
    kinds = list(NEGATIVES if kinds is None else kinds)
    for kind in kinds:
        if kind not in NEGATIVES:
            raise ValueError(
                f"no kind of negative is named {kind!r}; there are: {', '.join(NEGATIVES)}"
            )
    gold = gold_of(row, wire)
    if gold is None:
        return []
    drawn = []
    for kind in kinds:
        completion = _draw(kind, gold, rng)
        if completion is not None:
            drawn.append(Negative(kind, completion))
    return drawn


def _draw(kind: str, gold: GoldCompletion, rng: Random) -> str | None:
    """Draw a mistake that is one by the verifier, and of this kind; None where there is none."""
    mistakes = list(NEGATIVES[kind](gold, rng))
    rng.shuffle(mistakes)
    row, wire = gold.row, gold.wire_format.name
    for mistake in mistakes:
        completion = gold.write(mistake)
        if completion:
            verdict = verify(completion, row.tools_text, row.answer_text, wire=wire)
            if not verdict.correct and verdict.has(*REASONS[kind]):
                return completion
    return None
