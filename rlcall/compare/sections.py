"""The report's sections: a title, a paragraph, and tables, plots or samples.

sections = report_sections(comparison, plots)
sections[0].title, sections[0].anchor     # "Overview", "overview"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlcall.compare.bfcl_tables import bfcl_tables
from rlcall.compare.comparison import ComparedEvaluation, Comparison
from rlcall.compare.evaluation_tables import (
    BOLD,
    difference_cell,
    evaluation_tables,
    kind_of,
    method_names,
)
from rlcall.compare.methods import MethodRuns
from rlcall.compare.plots import Plot
from rlcall.compare.side_by_side import RULE, SideBySide, pick_samples
from rlcall.compare.training_tables import commands_table, compute_table
from rlcall.metrics.baselines import POLICIES
from rlcall.show.figures import UNKNOWN, percent
from rlcall.show.table import Line, Table

DECODING = ("samples", "temperature", "max_new_tokens", "rewards")
LEARNING = ("reward-", "accuracy-steps", "accuracy-seconds", "rules", "formats")
LEGEND = (
    "Dashed: a running mean over a twentieth of the lines of what was sampled while training. "
    "Solid, with markers: validation rows. Bands are 95 % intervals, over validation rows and over "
    "seeds, where known."
)
BRACKETS = (
    "[Square brackets] are written and not in the right answer, {braces} are missing from it."
)
READING = (
    "An interval tells where the figure would lie with other rows of the same kind and, where a "
    "method has several seeds, with other seeds; with one seed it says nothing of what another "
    "seed would give. A difference compares each row with itself, so its interval is narrower "
    "than those of the two figures that it is the difference of. Whoever never calls is right "
    "wherever no call is due: read every figure together with the three policies that need no "
    "model. Seconds can be compared on one kind of device alone."
)


@dataclass(frozen=True)
class Section:
    """A part of the report: a title, a paragraph, and below it plots, then tables, then samples."""

    title: str
    text: str = ""
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()
    samples: Sequence[SideBySide] = ()

    @property
    def anchor(self) -> str:
        """The title as the target of a link in the page."""
        return re.sub(r"[\W_]", "-", self.title.lower())


def report_sections(comparison: Comparison, plots: Sequence[Plot]) -> list[Section]:
    """Return the sections that there is something to say in, in their order."""
    evaluations = comparison.evaluations.values()
    sections = [Section("Overview", _summary(comparison), tables=[_overview(comparison)])]
    for compared in evaluations:
        sections.append(_evaluation_section(comparison, compared, plots))
    learning = [plot for plot in plots if plot.name.startswith(LEARNING)]
    if learning:
        sections.append(Section("While training", LEGEND, plots=learning))
    for compared in evaluations:
        samples = pick_samples(comparison, compared)
        if samples:
            title = f"Side by side on {compared.name}"
            sections.append(Section(title, f"{RULE} {BRACKETS}", samples=samples))
    training = [compute_table(comparison), commands_table(comparison)]
    sections.append(Section("What it took", tables=training))
    sections.append(Section("How to read this", READING))
    return sections


def _summary(comparison: Comparison) -> str:
    names = ", ".join(method_names(comparison))
    sentences = [f"Methods: {names}. Differences are against {comparison.reference.name}."]
    if comparison.by_seed:
        seeds = "; ".join(map(_seeds_in_words, comparison.methods))
        sentences.append(f"Seeds: {seeds}.")
    for name, paths in comparison.left_out.items():
        sentences.append(f"Left out is the evaluation {name}, which only {', '.join(paths)} has.")
    return " ".join(sentences)


def _seeds_in_words(method: MethodRuns) -> str:
    seeds = ["none" if seed is None else str(seed) for seed in method.seeds]
    return f"{method.name} {', '.join(seeds)}"


def _overview(comparison: Comparison) -> Table:
    """Return strict accuracy on every evaluation, with its difference from the reference."""
    columns = [""]
    for name in comparison.evaluations:
        columns += [name, f"{name}: against {comparison.reference.name}"]
    lines = []
    for name in [*method_names(comparison), *POLICIES]:
        cells = []
        for compared in comparison.evaluations.values():
            cells.append(percent(compared.figures[name].rate("accuracy")))
            difference = UNKNOWN
            if name in compared.differences:
                difference = difference_cell(compared.differences[name]["accuracy"])
            cells.append(difference)
        lines.append(Line(name, cells, kind_of(comparison, name)))
    note = (
        f"In %, and in percentage points, with 95 % intervals. {BOLD} "
        "The policies in italics need no model."
    )
    return Table("Strict accuracy", note, columns, lines)


def _evaluation_section(
    comparison: Comparison, compared: ComparedEvaluation, plots: Sequence[Plot]
) -> Section:
    names = (f"accuracy-{compared.name}", f"errors-{compared.name}")
    return Section(
        f"On {compared.name}",
        _settings(compared),
        plots=[plot for plot in plots if plot.name in names],
        tables=[*bfcl_tables(comparison, compared), *evaluation_tables(comparison, compared)],
    )


def _settings(compared: ComparedEvaluation) -> str:
    """Return the rows, how completions were decoded, and the wire formats that were asked for."""
    settings = compared.first.settings
    file = Path(settings["rows"]).name
    parts = [f"{len(compared.rows):,} rows of {file}"]
    for key in DECODING:
        if key in settings:
            words = key.replace("_", " ")
            parts.append(f"{words} {settings[key]}")
    wires: set[str] = set()
    for evaluations in compared.evaluations.values():
        wires.update(evaluation.wire for evaluation in evaluations)
    parts.append(f"calls asked for as {', '.join(sorted(wires))}.")
    return "; ".join(parts)
