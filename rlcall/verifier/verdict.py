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
from rlcall.verifier.comparison import Tally
from rlcall.verifier.match import CallPair

Due = Literal["calls", "any", "none", "names", "arguments", "slots", "unknown"]


class GranularOverlap(NamedTuple):
    """The part of a granular answer that was given: `right` counts what is in common.

    What cannot be read is one thing given.
    """

    right: int
    due: int
    given: int

    @property
    def f1(self) -> float:
        """2 right / (due + given), the harmonic mean of precision and recall; 1 of nothing."""
        return 2 * self.right / (self.due + self.given) if self.due + self.given else 1.0

    @property
    def recall(self) -> float:
        """right / due; 1 where nothing is due."""
        return self.right / self.due if self.due else 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything known about one completion.

    Rules read it; none of its fields depends on weights but the matching.

    `due` says what the row asks for: "calls", "any" (some valid call), "none" (no call), one of the
    granular "names", "arguments" and "slots", or "unknown" (no answer). `surplus` counts what was
    done beyond it, unreadable blocks included. `pairs` has one for each due call, `links` counts
    the references and the order of calls that are right. `names` are those given where "names" are
    due; `overlap` is there for granular answers only.
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
        """Return the mean of one facet over the due calls, in [0, 1].

        The facets are `name`, `parameters`, `types`, `values` and `nesting`.

        A missing call, or one to another tool instead, counts as 0. It is None where the row does
        not ask for the facet, whatever the completion.
        """
        if self.due not in ("calls", "any"):
            return None
        if self.due == "any" and facet in ("values", "nesting"):
            return None
        pairs = self.pairs
        if facet == "nesting":
            pairs = tuple(pair for pair in pairs if self._nests(pair))
        ratios = [_facet_ratio(pair, facet) for pair in pairs]
        return sum(ratios) / len(ratios) if ratios else None

    def _nests(self, pair: CallPair) -> bool:
        assert isinstance(self.answer.calls, tuple)
        return self.answer.calls[pair.expected].nests

    def has(self, *codes: str) -> bool:
        """Return whether any of the errors has one of these reason codes."""
        return any(error.code in codes for error in self.errors)

    def to_json(self) -> dict[str, Any]:
        """Return `correct`, `wire`, `calls` and `errors` as `rlcall verify` writes them."""
        calls = []
        for call in self.calls:
            arguments = encode(call.arguments)
            calls.append({"name": call.name, "arguments": arguments, "label": call.label})
        return {
            "correct": self.correct,
            "wire": self.wire,
            "calls": calls,
            "errors": [error.to_json() for error in self.errors],
        }


def _facet_ratio(pair: CallPair, facet: str) -> float:
    if pair.grade is None:
        return 0.0
    if facet == "name":
        return 1.0
    tally: Tally = getattr(pair.grade, facet)
    return tally.ratio
