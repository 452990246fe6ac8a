"""Emitted calls against expected ones: paired by maximum-weight assignment, compared as graphs.

    matching = match(emitted, answer, tools, weights={"name": 1.0, "values": 2.0})
    matching.pairs[0].emitted       # 1: the second emitted call answers to the first expected one
    matching.links                  # Tally(right=1, total=1): references, and order where the row asks for one

Only calls of the same tool are paired on merit. A chain is a graph whose edges are references: names of labels mean
nothing, and equal calls are told apart by who uses them. Where there are references or a `sequence`, the pairing
maximises the whole score, links included: exactly while the calls of one name allow at most MAX_PAIRINGS pairings,
by improving swaps from the linear optimum beyond that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise, permutations, product
from math import perm, prod
from typing import Any

from rlcall.calls import Call, Path
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.verifier.grade import Grade, Tally, grade_call
from rlcall.verifier.graph import CallGraph, Edge
from rlcall.verifier.schema import Tool, Violation
from rlcall.verifier.values import UnservedReference

MAX_PAIRINGS = 720
MAX_SURPLUS = 20  # with more calls to spare nothing is earned, however they are paired
FACETS = ("name", "parameters", "types", "values", "nesting")
# Ties go to the pairing that keeps the order in which the answer lists its calls.
_TIE = 1e-9

Pairing = tuple[
    int | None, ...
]  # for every expected call, the emitted one of the same name that answers to it


@dataclass(frozen=True, slots=True)
class CallPair:
    """An expected call and the emitted one in its place; `grade` is None where the name is wrong or it is missing."""

    expected: int
    emitted: int | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """A pair per expected call; emitted calls left over; links (references and order) that are right, of all due."""

    pairs: tuple[CallPair, ...]
    surplus: tuple[int, ...]
    links: Tally
    wrong_edges: tuple[Edge, ...] = ()
    wrong_order: bool = False


def match(
    emitted: Sequence[Call],
    graph: CallGraph,
    violations: Sequence[Sequence[Violation]],
    answer: Answer,
    tools: Mapping[str, Tool],
    weights: Mapping[str, float],
) -> Matching:
    """Pair emitted with expected calls for the highest weighted score.

    `graph` is that of the emitted calls, `violations` has a list for each of them.
    """
    problem = _Problem(emitted, graph, violations, answer, tools, weights)
    pairing = problem.best()
    named = set(pairing)
    spare = [index for index in range(len(emitted)) if index not in named]
    pairs = []
    for index, partner in enumerate(pairing):
        if partner is not None:
            pairs.append(CallPair(index, partner, problem.grade(partner, index)))
        else:  # another tool in its place, or nothing
            pairs.append(CallPair(index, spare.pop(0) if spare else None))
    wrong = tuple(edge for edge in problem.answer.edges if not problem.holds(edge, pairing))
    return Matching(
        tuple(pairs),
        tuple(spare),
        problem.links(pairing),
        wrong,
        any(not ok for ok in problem.order(pairing)),
    )


@dataclass(frozen=True)
class _Problem:
    emitted: Sequence[Call]
    graph: CallGraph
    violations: Sequence[Sequence[Violation]]
    answer: Answer
    tools: Mapping[str, Tool]
    weights: Mapping[str, float]
    _graded: dict[tuple[int, int], Grade] = field(default_factory=dict)

    @property
    def expected(self) -> tuple[ExpectedCall, ...]:
        assert isinstance(self.answer.calls, tuple)
        return self.answer.calls

    @cached_property
    def served(self) -> list[dict[str, Any]]:
        """The emitted arguments. References that nothing can serve are no references: they earn nothing."""
        faulty = {(fault.user, fault.path) for fault in self.graph.faults}
        if not faulty:
            return [call.arguments for call in self.emitted]
        return [
            _without(call.arguments, (), {p for u, p in faulty if u == i})
            for i, call in enumerate(self.emitted)
        ]

    def grade(self, i: int, j: int) -> Grade:
        """Of emitted call `i` against expected call `j`, which have the same name."""
        if (i, j) not in self._graded:
            tool = self.tools.get(self.emitted[i].name)
            self._graded[i, j] = grade_call(
                self.expected[j], self.served[i], tool, self.violations[i]
            )
        return self._graded[i, j]

    @cached_property
    def merits(self) -> dict[tuple[int, int], float]:
        """What each pair adds to the reward, up to a common factor."""
        nested = sum(wanted.nests for wanted in self.expected)
        scale = {facet: self.weights.get(facet, 0.0) / len(self.expected) for facet in FACETS}
        scale["nesting"] = self.weights.get("nesting", 0.0) / max(nested, 1)
        names = [wanted.name for wanted in self.expected]
        return {
            (i, j): _merit(self.grade(i, j), scale)
            for i, call in enumerate(self.emitted)
            for j, name in enumerate(names)
            if call.name == name
        }

    @cached_property
    def made(self) -> dict[tuple[int, Path], tuple[int, Path] | None]:
        """Where the emitted calls hold references, and to what; None for one that nothing can serve."""
        faulty = {(fault.user, fault.path): None for fault in self.graph.faults}
        return {
            **faulty,
            **{
                (edge.user, edge.path): (edge.source, edge.result_path) for edge in self.graph.edges
            },
        }

    def best(self) -> Pairing:
        if self._is_right_in_order():
            return tuple(range(len(self.expected)))
        pairing = self._linear()
        if not self.answer.edges and self.answer.order == "any":
            return pairing
        if len(self.emitted) > len(self.expected) + MAX_SURPLUS:
            return pairing
        if prod(perm(max(a, b), min(a, b)) for a, b in self._group_sizes()) <= MAX_PAIRINGS:
            return max([pairing, *self._all()], key=self.score)
        return self._improve(pairing)

    def _is_right_in_order(self) -> bool:
        """Whether call for call all is right, as mostly it is: no other pairing can be better, so none is graded."""
        if len(self.emitted) != len(self.expected):
            return False
        for i, (call, wanted) in enumerate(zip(self.emitted, self.expected, strict=True)):
            if call.name != wanted.name or not self.grade(i, i).is_full:
                return False
        return self.links(tuple(range(len(self.expected)))).is_full

    def _linear(self) -> Pairing:
        merits = self.merits
        if len(self.emitted) == 1 and len(self.expected) == 1:
            return (0,) if merits else (None,)
        import numpy as np  # with scipy most of what importing the verifier takes, and most rows have one call
        from scipy.optimize import linear_sum_assignment

        weights = np.zeros((len(self.emitted), len(self.expected)))
        for key, merit in merits.items():
            weights[key] = (
                1.0 + merit - _TIE * abs(key[0] - key[1])
            )  # more pairs of the same name come first
        partner = {
            j: i for i, j in zip(*linear_sum_assignment(weights, maximize=True), strict=True)
        }
        return tuple(
            int(partner[j]) if j in partner and (partner[j], j) in merits else None
            for j in range(len(self.expected))
        )

    def _groups(self) -> Iterator[tuple[list[int], list[int]]]:
        for name in dict.fromkeys(wanted.name for wanted in self.expected):
            yield (
                [i for i, call in enumerate(self.emitted) if call.name == name],
                [j for j, wanted in enumerate(self.expected) if wanted.name == name],
            )

    def _group_sizes(self) -> Iterator[tuple[int, int]]:
        return ((len(emitted), len(expected)) for emitted, expected in self._groups())

    def _all(self) -> Iterator[Pairing]:
        """Every pairing of calls of the same name that leaves no pair unmade."""
        options = []
        for emitted, expected in self._groups():
            if len(emitted) >= len(expected):
                options.append(
                    [
                        dict(zip(expected, order, strict=True))
                        for order in permutations(emitted, len(expected))
                    ]
                )
            else:
                options.append(
                    [
                        dict(zip(order, emitted, strict=True))
                        for order in permutations(expected, len(emitted))
                    ]
                )
        for choice in product(*options):
            merged = {j: i for part in choice for j, i in part.items()}
            yield tuple(merged.get(j) for j in range(len(self.expected)))

    def _improve(self, pairing: Pairing) -> Pairing:
        """Swap partners of two calls of the same name, or take an unused one, while that raises the score."""
        best, score = pairing, self.score(pairing)
        for _ in range(len(self.expected)):
            scored = max(
                ((self.score(p), p) for p in self._neighbours(best)),
                key=lambda item: item[0],
                default=None,
            )
            if scored is None or scored[0] <= score:
                return best
            score, best = scored
        return best

    def _neighbours(self, pairing: Pairing) -> Iterator[Pairing]:
        for emitted, expected in self._groups():
            unused = [i for i in emitted if i not in pairing]
            for a, b in combinations(expected, 2):
                changed = list(pairing)
                changed[a], changed[b] = pairing[b], pairing[a]
                yield tuple(changed)
            for j, i in product(expected, unused):
                yield (*pairing[:j], i, *pairing[j + 1 :])

    def score(self, pairing: Pairing) -> float:
        merit = sum(self.merits[i, j] for j, i in enumerate(pairing) if i is not None)
        return merit + self.weights.get("chaining", 0.0) * self.links(pairing).ratio

    def links(self, pairing: Pairing) -> Tally:
        order = self.order(pairing)
        right = sum(self.holds(edge, pairing) for edge in self.answer.edges) + sum(order)
        return Tally(right, len(self.answer.edges) + len(order))

    def order(self, pairing: Pairing) -> list[bool]:
        """For every two neighbours of a `sequence`, whether both were made, one after the other."""
        if self.answer.order == "any":
            return []
        return [a is not None and b is not None and a < b for a, b in pairwise(pairing)]

    def holds(self, edge: Edge, pairing: Pairing) -> bool:
        """Whether the emitted calls have this expected reference, or something else that the answer accepts there."""
        user, source = pairing[edge.user], pairing[edge.source]
        if user is None:
            return False
        if (user, edge.path) in self.made:
            return source is not None and self.made[user, edge.path] == (source, edge.result_path)
        grade = self.grade(user, edge.user)
        return not any(error.path == edge.path[: len(error.path)] for error in grade.errors)


def _without(value: Any, path: Path, faulty: set[Path]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, (*path, key), faulty) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, (*path, index), faulty) for index, item in enumerate(value)]
    return UnservedReference() if path in faulty else value


def _merit(grade: Grade, scale: Mapping[str, float]) -> float:
    merit = (
        scale["name"]
        + scale["parameters"] * grade.parameters.ratio
        + scale["types"] * grade.types.ratio
    )
    nesting = grade.nesting.ratio * scale["nesting"] if grade.nesting else 0.0
    return merit + scale["values"] * grade.values.ratio + nesting
