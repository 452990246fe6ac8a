"""Emitted calls against expected ones: paired by maximum-weight assignment, compared as graphs.

    matching = match(emitted, graph, violations, answer, tools, weights={"name": 1.0})
    matching.pairs[0].emitted       # 1: the second emitted call answers to the first expected one
    matching.links                  # Tally(right=1, total=1): references, and order if asked for

Only calls of the same tool are paired on merit. A chain is a graph whose edges are references:
names of labels mean nothing, and equal calls are told apart by who uses them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlcall.calls import Call
from rlcall.verifier.answer import Answer
from rlcall.verifier.comparison import Tally
from rlcall.verifier.grade import Grade
from rlcall.verifier.graph import CallGraph, Edge
from rlcall.verifier.pairing import PairingProblem
from rlcall.verifier.schema import Tool
from rlcall.verifier.violations import Violation


@dataclass(frozen=True, slots=True)
class CallPair:
    """An expected call and the emitted one that answers to it, by their indices.

    `grade` is None where the emitted call has another name; `emitted` is None too where there is no
    such call.
    """

    expected: int
    emitted: int | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """A pair per expected call, the emitted calls that are left over, and the right links.

    Links are references, and order where the row asks for one.
    """

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
    problem = PairingProblem(emitted, graph, violations, answer, tools, weights)
    pairing = problem.best()
    partners = set(pairing)
    spare = [index for index in range(len(emitted)) if index not in partners]
    pairs = []
    for index, partner in enumerate(pairing):
        if partner is not None:
            pairs.append(CallPair(index, partner, problem.grade(partner, index)))
        elif spare:  # a call to another tool instead
            pairs.append(CallPair(index, spare.pop(0)))
        else:
            pairs.append(CallPair(index))
    return Matching(
        pairs=tuple(pairs),
        surplus=tuple(spare),
        links=problem.links(pairing),
        wrong_edges=tuple(edge for edge in answer.edges if not problem.holds(edge, pairing)),
        wrong_order=not all(problem.order(pairing)),
    )
