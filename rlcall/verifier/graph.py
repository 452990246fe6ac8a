"""Calls as a graph: an edge from the call that uses a result to the call that makes it.

graph = resolve([Call("g", {"y": 1}, "var1"), Call("f", {"x": Reference("var1", ("id",))}, "var2")])
graph.edges     # (Edge(user=1, path=("x",), source=0, result_path=("id",)),)
graph.faults    # () or what is wrong with references that point nowhere, ahead, or in a circle
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from rlcall.calls import Call, Path, Reference, references


@dataclass(frozen=True, slots=True)
class Edge:
    """A reference: the argument at `path` of call `user` is the result of call `source`.

    More exactly, it is what is at `result_path` inside that result.
    """

    user: int
    path: Path
    source: int
    result_path: Path


@dataclass(frozen=True, slots=True)
class ReferenceFault:
    """A reference that no order of execution can serve.

    `code` is dangling_reference, forward_reference or cyclic_reference.
    """

    code: str
    user: int
    path: Path
    reference: Reference


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Calls as a graph: references that an earlier call serves, and those that none can."""

    edges: tuple[Edge, ...]
    faults: tuple[ReferenceFault, ...]


_NO_REFERENCES = CallGraph((), ())


def resolve(calls: Sequence[Call]) -> CallGraph:
    """Resolve the references of a list of calls.

    Calls without a label are var1, var2, ... by position.
    """
    uses = []
    for user, call in enumerate(calls):
        for path, reference in references(call.arguments):
            uses.append((user, path, reference))
    if not uses:
        return _NO_REFERENCES
    labelled = _by_label(calls)
    edges: list[Edge] = []
    faults: list[ReferenceFault] = []
    for user, path, reference in uses:
        sources = labelled.get(reference.label, [])
        earlier = [index for index in sources if index < user]
        if earlier:
            edges.append(Edge(user, path, earlier[-1], reference.path))
        else:
            code = "forward_reference" if sources else "dangling_reference"
            faults.append(ReferenceFault(code, user, path, reference))
    circle = _circle(edges, faults, labelled) if faults else set()
    for number, fault in enumerate(faults):
        if fault.code == "forward_reference" and fault.user in circle:
            faults[number] = replace(fault, code="cyclic_reference")
    return CallGraph(tuple(edges), tuple(faults))


def _by_label(calls: Sequence[Call]) -> dict[str, list[int]]:
    """Return the indices of the calls that have each label."""
    labelled: dict[str, list[int]] = defaultdict(list)
    for number, call in enumerate(calls, 1):
        labelled[call.label or f"var{number}"].append(number - 1)
    return labelled


def _circle(
    edges: list[Edge], faults: list[ReferenceFault], labelled: Mapping[str, list[int]]
) -> set[int]:
    """Return the calls of a circle that forward references close; none where there is no circle."""
    waits: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        waits[edge.user].add(edge.source)
    for fault in faults:
        if fault.code == "forward_reference":
            waits[fault.user].add(labelled[fault.reference.label][0])
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        return set(error.args[1])
    return set()
