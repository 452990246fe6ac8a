"""Negatives: wrong completions of a named kind, made from the right one as small models get it wrong.

    for negative in negatives(row, "hermes", Random(0)):
        negative.kind, negative.completion  # "wrong_type", '<tool_call>\\n{"name": "f", "arguments": {"a": "1"}}…'

They stand beside the right completion in DPO's pairs where no model has written any, and show what a reward makes of
each kind of mistake. An operator knows ways to make its mistake; one of them is drawn, and it is given only where our
verifier finds the completion wrong, and for the reason that the kind names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from rlcall.data.rows import Row
from rlcall.tasks.negatives import calls, text
from rlcall.tasks.negatives.right import Operator, Right, right_of
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
        "unreadable",
        "truncated",
        "not_a_call",
        "duplicate_key",
        "not_json",
        "text_around",
    ),
    "wrong_wrapper": ("unreadable", "not_a_call", "text_around", "no_call"),
    "wrong_name": ("wrong_name", "unknown_tool"),
    "missing_parameter": ("missing_parameter",),
    "unknown_parameter": ("unknown_parameter",),
    "wrong_type": ("wrong_type",),
    "wrong_value": (
        *(
            "wrong_value",
            "missing_value",
            "surplus_value",
            "not_in_enum",
            "out_of_range",
            "pattern_mismatch",
        ),
        *(
            "wrong_path",
            "wrong_source",
            "literal_for_reference",
            "forward_reference",
            "cyclic_reference",
        ),
    ),
    "wrong_count": ("no_call", "missing_call", "surplus_call", "duplicate_call", "call_not_due"),
}


@dataclass(frozen=True, slots=True)
class Negative:
    """A wrong completion, as text in the run's wire format, and the kind of its mistake."""

    kind: str
    completion: str


def negatives(
    row: Row, wire: str, rng: Random, kinds: Iterable[str] | None = None
) -> list[Negative]:
    """One negative of each kind, drawn with `rng`; kinds that the row or the wire format does not allow are left out.

    kinds: some of NEGATIVES, all if None. Where no call is due, `wrong_count` alone can be made. There are none at all
    where the row does not say which calls are right, or the wire format cannot write them. ValueError for an unknown
    kind or wire format; `auto` is none, since under it no wrapper is wrong.
    """
    wanted = list(NEGATIVES if kinds is None else kinds)
    if unknown := [kind for kind in wanted if kind not in NEGATIVES]:
        raise ValueError(
            f"no kind of negative is named {unknown[0]!r}; there are: {', '.join(NEGATIVES)}"
        )
    right = right_of(row, wire)
    if right is None:
        return []
    drawn = ((kind, _draw(kind, right, rng)) for kind in wanted)
    return [Negative(kind, completion) for kind, completion in drawn if completion is not None]


def _draw(kind: str, right: Right, rng: Random) -> str | None:
    mistakes = list(NEGATIVES[kind](right, rng))
    rng.shuffle(mistakes)
    written = (right.write(mistake) for mistake in mistakes)
    tools, answer = right.row.tools_text, right.row.answer_text
    for completion in filter(None, written):
        verdict = verify(completion, tools, answer, wire=right.written.name)
        if not verdict.correct and verdict.has(*REASONS[kind]):
            return completion
    return None
