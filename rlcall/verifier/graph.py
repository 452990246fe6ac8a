"""Calls as a graph: each reference is an edge from the call that uses a result to the call that makes it.

graph = resolve([Call("g", {"y": 1}, "var1"), Call("f", {"x": Reference("var1", ("id",))}, "var2")])
graph.edges     # (Edge(user=1, path=("x",), source=0, result_path=("id",)),)
graph.faults    # () or what is wrong with references that point nowhere, ahead, or in a circle
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from rlcall.calls import Call, Path, Reference, references


@dataclass(frozen=True, slots=True)
class Edge:
    """The argument at `path` of call number `user` is the result of call `source`, at `result_path` inside it."""

    user: int
    path: Path
    source: int
    result_path: Path


@dataclass(frozen=True, slots=True)
class ReferenceFault:
    """A reference that no order of execution can serve: `code` is dangling_, forward_ or cyclic_reference."""

    code: str
    user: int
    path: Path
    reference: Reference


@dataclass(frozen=True, slots=True)
class CallGraph:
    edges: tuple[Edge, ...]
    faults: tuple[ReferenceFault, ...]


_NO_GRAPH = CallGraph((), ())


def resolve(calls: Sequence[Call]) -> CallGraph:
    """The references of a list of calls, resolved. Calls without a label are var1, var2, ... by position."""
    uses = [
        (user, path, ref)
        for user, call in enumerate(calls)
        for path, ref in references(call.arguments)
    ]
    if not uses:
        return _NO_GRAPH
    places: dict[str, list[int]] = defaultdict(list)
    for index, call in enumerate(calls):
        places[call.label or f"var{index + 1}"].append(index)
    found: list[Edge] = []
    faults: list[ReferenceFault] = []
    for user, path, reference in uses:
        sources = places.get(reference.label, [])
        earlier = [index for index in sources if index < user]
        if earlier:
            found.append(Edge(user, path, earlier[-1], reference.path))
        else:
            code = "forward_reference" if sources else "dangling_reference"
            faults.append(ReferenceFault(code, user, path, reference))
    return CallGraph(tuple(found), tuple(_name_cycles(faults, found, places)))


def _name_cycles(
    faults: list[ReferenceFault], found: list[Edge], places: dict[str, list[int]]
) -> list[ReferenceFault]:
    """Forward references that close a circle get the code that says so."""
    waits: dict[int, set[int]] = defaultdict(set)
    for edge in found:
        waits[edge.user].add(edge.source)
    forward = [fault for fault in faults if fault.code == "forward_reference"]
    for fault in forward:
        waits[fault.user].add(places[fault.reference.label][0])
    if not forward or not (circle := _circle(waits)):
        return faults
    return [
        ReferenceFault("cyclic_reference", fault.user, fault.path, fault.reference)
        if fault.code == "forward_reference" and fault.user in circle
        else fault
        for fault in faults
    ]


def _circle(waits: dict[int, set[int]]) -> set[int]:
    try:
        tuple(TopologicalSorter(waits).static_order())
    except CycleError as error:
        return set(error.args[1])
    return set()
