"""The pairing of emitted with expected calls that is worth most.

    PairingProblem(emitted, graph, violations, answer, tools, weights).best()
    # (1, 0, None): the second emitted call answers to the first expected one, nothing to the third

Without references or a `sequence` that is a linear assignment. With them, what a pair is worth
depends on other pairs, and the pairing maximises the whole score, links included: exactly while the
calls of one name allow at most MAX_PAIRINGS pairings, by improving swaps from the linear optimum
beyond that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise, permutations, product
from math import perm
from typing import Any

from rlcall.calls import Call, Path
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.verifier.comparison import Tally
from rlcall.verifier.grade import Grade, grade_call
from rlcall.verifier.graph import CallGraph, Edge
from rlcall.verifier.schema import Tool
from rlcall.verifier.values import UnservedReference
from rlcall.verifier.violations import Violation

MAX_PAIRINGS = 720
MAX_SURPLUS = 20  # with more calls to spare nothing is earned, however they are paired
FACETS = ("name", "parameters", "types", "values", "nesting")
# Ties go to the pairing that keeps the order in which the answer lists its calls.
_TIE = 1e-9

Pairing = tuple[int | None, ...]
"""For every expected call, the index of the emitted one of the same name that answers to it."""


@dataclass(frozen=True)
class PairingProblem:
    """Emitted and expected calls, and the worth of pairing them.

    Throughout, `i` is the index of an emitted call and `j` that of an expected one.
    """

    emitted: Sequence[Call]
    graph: CallGraph
    violations: Sequence[Sequence[Violation]]
    answer: Answer
    tools: Mapping[str, Tool]
    weights: Mapping[str, float]
    _grades: dict[tuple[int, int], Grade] = field(default_factory=dict)

    @property
    def expected(self) -> tuple[ExpectedCall, ...]:
        assert isinstance(self.answer.calls, tuple)
        return self.answer.calls

    def best(self) -> Pairing:
        """Return the pairing with the highest score."""
        if self._is_right_in_order():
            return tuple(range(len(self.expected)))
        pairing = self._linear()
        if not self.answer.edges and self.answer.order == "any":
            return pairing
        if len(self.emitted) > len(self.expected) + MAX_SURPLUS:
            return pairing
        if self._count_pairings() <= MAX_PAIRINGS:
            return max([pairing, *self._all_pairings()], key=self.score)
        return self._improve(pairing)

    def _is_right_in_order(self) -> bool:
        """Return whether all is right, call for call, as it mostly is: then nothing is better."""
        if len(self.emitted) != len(self.expected):
            return False
        for index, wanted in enumerate(self.expected):
            if self.emitted[index].name != wanted.name or not self.grade(index, index).is_full:
                return False
        return self.links(tuple(range(len(self.expected)))).is_full

    # What a pairing is worth

    def grade(self, i: int, j: int) -> Grade:
        """Grade emitted call `i` against expected call `j`, which has the same name."""
        if (i, j) not in self._grades:
            tool = self.tools.get(self.emitted[i].name)
            self._grades[i, j] = grade_call(
                self.expected[j], self._served[i], tool, self.violations[i]
            )
        return self._grades[i, j]

    @cached_property
    def _served(self) -> list[dict[str, Any]]:
        """The emitted arguments, without references that nothing can serve.

        Those have become values that earn nothing.
        """
        served = [call.arguments for call in self.emitted]
        faulty: dict[int, set[Path]] = defaultdict(set)
        for fault in self.graph.faults:
            faulty[fault.user].add(fault.path)
        for user, paths in faulty.items():
            served[user] = _unserved(served[user], (), paths)
        return served

    @cached_property
    def _merits(self) -> dict[tuple[int, int], float]:
        """Return what each pair of calls of one name adds to the reward, up to a common factor."""
        nested = sum(wanted.nests for wanted in self.expected)
        scale = {facet: self.weights.get(facet, 0.0) / len(self.expected) for facet in FACETS}
        scale["nesting"] = self.weights.get("nesting", 0.0) / max(nested, 1)
        merits = {}
        for i, call in enumerate(self.emitted):
            for j, wanted in enumerate(self.expected):
                if call.name == wanted.name:
                    merits[i, j] = _merit(self.grade(i, j), scale)
        return merits

    def score(self, pairing: Pairing) -> float:
        """Return what a pairing adds to the reward, links included."""
        merit = sum(self._merits[i, j] for j, i in enumerate(pairing) if i is not None)
        return merit + self.weights.get("chaining", 0.0) * self.links(pairing).ratio

    def links(self, pairing: Pairing) -> Tally:
        """Count the expected references that hold, and neighbours of a `sequence` in order."""
        order = self.order(pairing)
        right = sum(self.holds(edge, pairing) for edge in self.answer.edges) + sum(order)
        return Tally(right, len(self.answer.edges) + len(order))

    def order(self, pairing: Pairing) -> list[bool]:
        """Return for each two neighbours of a `sequence` whether they come one after the other."""
        if self.answer.order == "any":
            return []
        return [a is not None and b is not None and a < b for a, b in pairwise(pairing)]

    def holds(self, edge: Edge, pairing: Pairing) -> bool:
        """Return whether an expected reference, or what else is accepted there, was emitted."""
        user, source = pairing[edge.user], pairing[edge.source]
        if user is None:
            return False
        if (user, edge.path) in self._references:
            target = self._references[user, edge.path]
            return source is not None and target == (source, edge.result_path)
        for error in self.grade(user, edge.user).errors:
            if error.path == edge.path[: len(error.path)]:
                return False
        return True

    @cached_property
    def _references(self) -> dict[tuple[int, Path], tuple[int, Path] | None]:
        """The targets of the emitted calls' references, by call and path.

        None is for one that nothing can serve.
        """
        references: dict[tuple[int, Path], tuple[int, Path] | None] = {}
        for fault in self.graph.faults:
            references[fault.user, fault.path] = None
        for edge in self.graph.edges:
            references[edge.user, edge.path] = (edge.source, edge.result_path)
        return references

    # The search

    def _linear(self) -> Pairing:
        """Return the best pairing by merit alone."""
        merits = self._merits
        if len(self.emitted) == 1 and len(self.expected) == 1:
            return (0,) if merits else (None,)
        # Imported here, for they take long to import and most rows have one call.
        import numpy as np
        from scipy.optimize import linear_sum_assignment

        weights = np.zeros((len(self.emitted), len(self.expected)))
        for (i, j), merit in merits.items():
            weights[i, j] = (
                1.0 + merit - _TIE * abs(i - j)
            )  # the 1: more pairs of a name come first
        rows, columns = linear_sum_assignment(weights, maximize=True)
        pairing: list[int | None] = [None] * len(self.expected)
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
            if (i, j) in merits:
                pairing[j] = i
        return tuple(pairing)

    @cached_property
    def _groups(self) -> list[tuple[list[int], list[int]]]:
        """For each expected name, the emitted and the expected calls that have it."""
        groups = []
        for name in dict.fromkeys(wanted.name for wanted in self.expected):
            emitted = [i for i, call in enumerate(self.emitted) if call.name == name]
            expected = [j for j, wanted in enumerate(self.expected) if wanted.name == name]
            groups.append((emitted, expected))
        return groups

    def _count_pairings(self) -> int:
        count = 1
        for emitted, expected in self._groups:
            sizes = sorted((len(emitted), len(expected)))
            count *= perm(sizes[1], sizes[0])
        return count

    def _all_pairings(self) -> Iterator[Pairing]:
        """Yield every pairing of calls of the same name that leaves no pair unmade."""
        options = [list(_pair_off(emitted, expected)) for emitted, expected in self._groups]
        for choice in product(*options):
            pairing: list[int | None] = [None] * len(self.expected)
            for pairs in choice:
                for i, j in pairs:
                    pairing[j] = i
            yield tuple(pairing)

    def _improve(self, pairing: Pairing) -> Pairing:
        """Change one pair or swap two, always the best such change, while that raises the score."""
        score = self.score(pairing)
        for _ in self.expected:
            best, best_score = pairing, score
            for neighbour in self._neighbours(pairing):
                neighbour_score = self.score(neighbour)
                if neighbour_score > best_score:
                    best, best_score = neighbour, neighbour_score
            if best == pairing:
                break
            pairing, score = best, best_score
        return pairing

    def _neighbours(self, pairing: Pairing) -> Iterator[Pairing]:
        """Yield pairings with two calls' partners swapped, or with an unused partner taken."""
        for emitted, expected in self._groups:
            for a, b in combinations(expected, 2):
                changed = list(pairing)
                changed[a], changed[b] = pairing[b], pairing[a]
                yield tuple(changed)
            unused = [i for i in emitted if i not in pairing]
            for j, i in product(expected, unused):
                yield (*pairing[:j], i, *pairing[j + 1 :])


def _pair_off(
    emitted: Sequence[int], expected: Sequence[int]
) -> Iterator[Sequence[tuple[int, int]]]:
    """Yield every way to give each call of the shorter side a partner, as (emitted, expected)."""
    if len(emitted) >= len(expected):
        for order in permutations(emitted, len(expected)):
            yield list(zip(order, expected, strict=True))
    else:
        for order in permutations(expected, len(emitted)):
            yield list(zip(emitted, order, strict=True))


def _unserved(value: Any, path: Path, faulty: set[Path]) -> Any:
    """Return a value in which what is at the faulty paths equals no other value."""
    if isinstance(value, dict):
        return {key: _unserved(item, (*path, key), faulty) for key, item in value.items()}
    if isinstance(value, list):
        return [_unserved(item, (*path, index), faulty) for index, item in enumerate(value)]
    return UnservedReference() if path in faulty else value


def _merit(grade: Grade, scale: Mapping[str, float]) -> float:
    merit = (
        scale["name"]
        + scale["parameters"] * grade.parameters.ratio
        + scale["types"] * grade.types.ratio
    )
    nesting = grade.nesting.ratio * scale["nesting"] if grade.nesting else 0.0
    return merit + scale["values"] * grade.values.ratio + nesting
