"""A verdict: everything known about one completion. Rules read it, and nothing else.

verdict = verify(completion, tools, answer)
verdict.correct                 # the strict outcome
verdict.errors[0].code          # "wrong_value"; the closed list is rlcall.verifier.codes.CODES
verdict.share("values")         # 0.5: of the expected calls' leaves, or None where the row has none
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from rlcall import wire as wires
from rlcall.calls import Call, encode
from rlcall.verifier.answer import Answer
from rlcall.verifier.codes import Error
from rlcall.verifier.grade import Tally
from rlcall.verifier.match import CallPair

Due = Literal["calls", "any", "none", "names", "arguments", "slots", "unknown"]


class GranularOverlap(NamedTuple):
    """How much of what is due was given: `right` are those in common. What cannot be read is one thing given."""

    right: int
    due: int
    given: int

    @property
    def f1(self) -> float:
        """2 right / (due + given): the harmonic mean of precision and recall. Nothing due and nothing given is 1."""
        return 2 * self.right / (self.due + self.given) if self.due + self.given else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.due if self.due else 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything known about one completion. Rules read it; none of its fields depends on weights but the matching.

    `due` says what the row asks for: "calls", "any" (some valid call), "none" (no call), "names", "arguments", "slots"
    (a granular answer: one of these three in the place of calls) or "unknown" (no answer). `surplus` counts what was
    done beyond it, unreadable blocks included. `names` are those given where "names" are due; `overlap` says of a
    granular answer how much of what is due was given, and is None for others.
    """

    wire: str
    due: Due
    calls: tuple[Call, ...]
    problems: tuple[wires.Problem, ...]
    errors: tuple[Error, ...]
    correct: bool | None
    answer: Answer
    surplus: int = 0
    pairs: tuple[CallPair, ...] = ()
    links: Tally | None = None
    names: tuple[str, ...] = ()
    overlap: GranularOverlap | None = None

    def share(self, facet: str) -> float | None:
        """The mean over the due calls of `name`, `parameters`, `types`, `values` or `nesting`; None where not asked.

        A missing call, or another tool in its place, counts as 0. Whether it is None depends on the row alone.
        """
        if self.due not in ("calls", "any") or (
            self.due == "any" and facet in ("values", "nesting")
        ):
            return None
        parts = [
            _facet(pair, facet) for pair in self.pairs if facet != "nesting" or self._nests(pair)
        ]
        return sum(parts) / len(parts) if parts else None

    def _nests(self, pair: CallPair) -> bool:
        assert isinstance(self.answer.calls, tuple)
        return self.answer.calls[pair.expected].nests

    def has(self, *codes: str) -> bool:
        """Whether any of the errors has one of these reason codes."""
        return any(error.code in codes for error in self.errors)

    def to_json(self) -> dict[str, Any]:
        """`correct`, `wire`, `calls` and `errors` as `rlcall verify` writes them."""
        calls = [
            {"name": call.name, "arguments": encode(call.arguments), "label": call.label}
            for call in self.calls
        ]
        return {
            "correct": self.correct,
            "wire": self.wire,
            "calls": calls,
            "errors": [error.to_json() for error in self.errors],
        }


def _facet(pair: CallPair, facet: str) -> float:
    if pair.grade is None:
        return 0.0
    if facet == "name":
        return 1.0
    share: Tally = getattr(pair.grade, facet)
    return share.ratio
