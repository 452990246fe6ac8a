"""An evaluation as tables: for the screen, and as Markdown.

tables(results, "runs/grpo")[0].markdown()
# ### Rates
#
# | | runs/grpo | never calls | ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rich.console
import rich.markup
import rich.table
import rich.text

from rlcall.metrics.intervals import Estimate

LABELS = {
    "accuracy": "strict accuracy",
    "balanced": "balanced accuracy of calling",
    "relevance": "calls where a call is due",
    "irrelevance": "abstains where none is due",
    "valid": "calls are valid",
    "malformed": "malformed",
    "hallucinated": "names a tool that is not there",
    "surplus": "does more than is due",
    "reward": "reward",
}
TASK_COLUMNS = ("accuracy", "malformed", "hallucinated", "surplus", "relevance", "irrelevance")
TWIN_COLUMNS = {"n": "N", "n_minus_1": "N-1", "drop": "drop", "template": "template rate"}


@dataclass(frozen=True)
class Table:
    """A title, the columns' names and rows of text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        ruler = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
            for row in (self.columns, ruler, *self.rows)
        ]
        return "\n".join([f"### {self.title}", "", *lines, ""])

    def rich(self) -> rich.console.Group:
        table = rich.table.Table()
        for number, name in enumerate(self.columns):
            table.add_column(rich.markup.escape(name), justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*map(rich.markup.escape, row))
        return rich.console.Group("", rich.text.Text(self.title, "italic"), table)


def tables(results: Mapping[str, Any], name: str) -> list[Table]:
    """What there is to show of `results` (rlcall.evaluation.run.results, with `bfcl` where the suite was run)."""
    metrics = results["metrics"]
    policies = results["baselines"]
    found = [
        *_bfcl(results.get("bfcl")),
        _rates(metrics, policies, name),
        _rules(metrics, policies, name),
    ]
    found += [*_tasks(metrics, policies), *_samples(metrics, policies)]
    return [*found, *_formats(metrics["formats"]), *_twins(metrics, policies)]


def share(estimate: Estimate) -> str:
    """`57.8% [45.6, 69.1]`; `-` where it applies to nothing."""
    if estimate.value is None:
        return "-"
    value, low, high = (100 * (part or 0.0) for part in estimate[:3])
    return f"{value:.1f}%" + ("" if estimate.low is None else f" [{low:.1f}, {high:.1f}]")


def _value(estimate: Estimate) -> str:
    return share(estimate).partition(" ")[0]


def number(estimate: Estimate) -> str:
    """`0.91 [0.84, 0.97]`."""
    if estimate.value is None:
        return "-"
    interval = "" if estimate.low is None else f" [{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{estimate.value:.2f}{interval}"


def _rates(metrics: Mapping[str, Any], baselines: Mapping[str, Any], name: str) -> Table:
    samples = f", {metrics['samples']} samples each" if metrics["samples"] > 1 else ""
    intervals = f"{metrics['clusters']['count']} clusters by {metrics['clusters']['kind']}"
    rows = [
        [label, share(metrics["all"][key]), *(_value(found["all"][key]) for found in baselines.values()),
         str(metrics["all"][key].n)]
        for key, label in LABELS.items()
    ]  # fmt: skip
    title = f"{metrics['rows']} rows{samples}; 95 % intervals over {intervals}"
    return Table(title, ["", name, *baselines, "of"], rows)


def _rules(metrics: Mapping[str, Any], baselines: Mapping[str, Any], name: str) -> Table:
    rows = [
        [
            rule,
            share(one),
            *(_value(found["rules"][rule]) for found in baselines.values()),
            str(one.n),
        ]
        for rule, one in metrics["rules"].items()
        if one.n
    ]
    return Table("rules", ["rule", name, *baselines, "of"], rows)


def _tasks(metrics: Mapping[str, Any], baselines: Mapping[str, Any]) -> Iterator[Table]:
    """The model's rates, and beside them the strict accuracy of each policy."""
    rows = [
        [task, str(found["rates"]["accuracy"].n), *(share(found["rates"][key]) for key in TASK_COLUMNS),
         *(_value(policy["tasks"][task]["rates"]["accuracy"]) for policy in baselines.values())]
        for task, found in metrics["tasks"].items()
    ]  # fmt: skip
    if len(rows) > 1:
        yield Table("tasks", ["task", "of", *TASK_COLUMNS, *baselines], rows)


def _samples(metrics: Mapping[str, Any], baselines: Mapping[str, Any]) -> Iterator[Table]:
    """What several samples of a row tell; beside them those of each policy."""
    if metrics["samples"] > 1:
        rows = [
            [
                name,
                share(one),
                *(_value(found["pass"][name]) for found in baselines.values()),
                str(one.n),
            ]
            for name, one in metrics["pass"].items()
        ]
        yield Table("at least one of k samples is right", ["", "rows", *baselines, "of"], rows)
    if found := metrics["diversity"]:
        rows = [
            [name, number(found[name]), number(found[f"valid_{name}"]),
             *(number(policy["diversity"][name]).partition(" ")[0] for policy in baselines.values())]
            for name in found if not name.startswith("valid_")
        ]  # fmt: skip
        yield Table(
            "diversity of a row's samples",
            ["measure", "all samples", "valid samples", *baselines],
            rows,
        )


def _formats(formats: Mapping[str, Any]) -> Iterator[Table]:
    rows = [
        [name, share(one), share(formats["accuracy"][name])]
        for name, one in formats["share"].items()
    ]
    if rows:
        title = f"wire formats where a call is due; entropy {number(formats['entropy'])} bits"
        yield Table(title, ["format", "share", "accuracy"], rows)


def _twins(metrics: Mapping[str, Any], baselines: Mapping[str, Any]) -> Iterator[Table]:
    """The model by what was removed, and the policies over all."""
    found = {kind.replace("_", " "): one for kind, one in metrics["twins"].items()}
    if found:
        found |= {name: policy["twins"]["all"] for name, policy in baselines.items()}
        rows = [
            [name, str(one["n"].n), *(share(one[key]) for key in TWIN_COLUMNS)]
            for name, one in found.items()
        ]
        title = "rows (N) and their twins with one thing removed (N-1)"
        yield Table(title, ["removed", "pairs", *TWIN_COLUMNS.values()], rows)


def _bfcl(found: Mapping[str, Any] | None) -> Iterator[Table]:
    if found:
        others = [name for name in found if name not in ("bfcl", "ours")]
        rows = [
            [
                name,
                str(one.n),
                share(one),
                share(found["ours"][name]),
                *(_value(found[other][name]) for other in others),
            ]
            for name, one in found["bfcl"].items()
            if one.n
        ]
        yield Table(
            "BFCL, by its own checker and by ours",
            ["category", "of", "BFCL", "ours", *others],
            rows,
        )
