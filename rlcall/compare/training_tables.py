"""Training as tables: the cost of each run, its command, and the versions of what it ran with.

compute_table(comparison).markdown()       # "### Compute\\n\\nTokens that went ..."
commands_table(comparison).note            # "torch 2.13.0+cpu, transformers 5.23.0, ..."
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.compare.comparison import Comparison
from rlcall.compare.cost import RunCost, costs
from rlcall.compare.runs import ComparedRun
from rlcall.show.figures import UNKNOWN
from rlcall.show.table import Cell, Line, Table

COMPUTE_COLUMNS = (
    "",
    "part",
    "optimizer steps",
    "tokens trained on",
    "tokens generated",
    "seconds",
    "device",
)


def compute_table(comparison: Comparison) -> Table:
    """Return steps, tokens and seconds of every part of every run."""
    lines = []
    for name, run in comparison.named_runs():
        for cost in costs(run):
            lines.append(Line(name, _cost_cells(cost)))
    note = (
        "Tokens that went through the model in training, over all ranks, and those of them that it "
        "wrote itself; seconds of training without validation, from the run's log."
    )
    return Table("Compute", note, COMPUTE_COLUMNS, lines)


def _cost_cells(cost: RunCost) -> list[Cell]:
    cells = [Cell(cost.part)]
    for figure in (cost.steps, cost.tokens, cost.generated, cost.seconds):
        cells.append(UNKNOWN if figure is None else Cell(f"{figure:,.0f}"))
    cells.append(Cell(cost.device) if cost.device else UNKNOWN)
    return cells


def commands_table(comparison: Comparison) -> Table:
    """Return each run's command, and as the note the versions of the packages."""
    facts_of = {name: _facts(run) for name, run in comparison.named_runs()}
    lines = []
    for name, facts in facts_of.items():
        command = Cell(facts["command"]) if "command" in facts else UNKNOWN
        lines.append(Line(name, [command]))
    return Table("Commands", _versions(facts_of), ["", "command"], lines)


def _facts(run: ComparedRun) -> Mapping[str, Any]:
    """Return a run's metadata, or the settings of an untrained model's first evaluation."""
    return run.metadata or next(iter(run.evaluations.values())).settings


def _versions(facts_of: Mapping[str, Mapping[str, Any]]) -> str:
    """Return each set of versions, with the runs that had it where there are several."""
    names_of: dict[str, list[str]] = {}
    for name, facts in facts_of.items():
        packages = facts.get("versions", {}).items()
        versions = ", ".join(f"{package} {version}" for package, version in packages)
        names_of.setdefault(versions or "versions unknown", []).append(name)
    if len(names_of) == 1:
        return next(iter(names_of))
    parts = []
    for versions, names in names_of.items():
        parts.append(f"{' and '.join(names)}: {versions}")
    return "; ".join(parts)
