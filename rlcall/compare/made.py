"""How runs were made: the command of each, and the versions of what it ran with.

made(comparison).note        # "torch 2.13.0+cpu, transformers 5.23.0, ..."
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.compare.comparison import Comparison
from rlcall.compare.runs import Run
from rlcall.show.figures import UNKNOWN
from rlcall.show.table import Cell, Line, Table


def made(comparison: Comparison) -> Table:
    """What is known: a run's own record has it, and that of an untrained model's evaluation."""
    facts = {name: _facts(run) for name, run in comparison.named_runs()}
    lines = [
        Line(name, [Cell(str(found.get("command", UNKNOWN.text)))]) for name, found in facts.items()
    ]
    return Table("Commands", _versions(facts), ["", "command"], lines)


def _facts(run: Run) -> Mapping[str, Any]:
    return run.record or next(iter(run.evaluations.values())).settings


def _versions(facts: Mapping[str, Mapping[str, Any]]) -> str:
    """Each set of versions with the runs that had it."""
    having: dict[str, list[str]] = {}
    for name, found in facts.items():
        said = ", ".join(
            f"{package} {version}" for package, version in found.get("versions", {}).items()
        )
        having.setdefault(said or "versions unknown", []).append(name)
    alone = len(having) == 1
    return "; ".join(
        said if alone else f"{' and '.join(names)}: {said}" for said, names in having.items()
    )
