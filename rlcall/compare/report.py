"""A comparison as a report: its sections, once as Markdown with PNG files beside it, once as one page.

write_report(comparison, Path("runs/page"))
# [runs/page/compare.md, runs/page/compare.html, runs/page/accuracy-test.png, ...]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rlcall.compare.bfcl import bfcl_tables
from rlcall.compare.comparison import Compared, Comparison
from rlcall.compare.cost import Cost, costs
from rlcall.compare.drawing import Plot
from rlcall.compare.made import made
from rlcall.compare.markdown import as_markdown
from rlcall.compare.page import as_page
from rlcall.compare.plots import plots
from rlcall.compare.samples import RULE, samples
from rlcall.compare.section import Section
from rlcall.compare.tables import BOLD, gain, kind_of, tables
from rlcall.files.whole import write_whole
from rlcall.metrics.baselines import POLICIES
from rlcall.show.figures import UNKNOWN, percent
from rlcall.show.table import Cell, Line, Table

DECODING = ("samples", "temperature", "max_new_tokens", "rewards")
LEARNING = ("reward-", "accuracy-steps", "accuracy-seconds", "rules", "formats")
READING = """An interval tells where the figure would lie with other rows of the same kind and, where a method has \
several seeds, with other seeds; with one seed it says nothing of what another seed would give. A difference compares \
each row with itself, so its interval is narrower than those of the two figures that it is the difference of. Whoever \
never calls is right wherever no call is due: read every figure beside the three policies that need no model. \
Seconds can be compared on one kind of device alone."""


def write_report(comparison: Comparison, folder: Path) -> list[Path]:
    """Write every file, each when it is whole, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = plots(comparison)
    parts = list(sections(comparison, drawn))
    texts = {"compare.md": as_markdown(parts), "compare.html": as_page(parts)}
    for name, text in texts.items():
        write_whole(folder / name, text)
    for plot in drawn:
        write_whole(folder / f"{plot.name}.png", plot.light)
    return [folder / name for name in (*texts, *(f"{plot.name}.png" for plot in drawn))]


def sections(comparison: Comparison, drawn: Sequence[Plot]) -> Iterator[Section]:
    learning = [plot for plot in drawn if plot.name.startswith(LEARNING)]
    yield Section("Overview", _summary(comparison), [_overview(comparison)])
    for name, compared in comparison.evaluations.items():
        own = [plot for plot in drawn if plot.name in (f"accuracy-{name}", f"errors-{name}")]
        yield Section(
            f"On {name}",
            _settings(compared),
            [*own, *bfcl_tables(comparison, compared), *tables(comparison, compared)],
        )
    if learning:
        text = "Dashed: a running mean over a twentieth of the lines of what was sampled while training. Solid, with "
        text += "markers: validation rows. Bands are 95 % intervals, over validation rows and over seeds, where known."
        yield Section("While training", text, learning)
    for name, compared in comparison.evaluations.items():
        if shown := samples(comparison, compared):
            text = f"{RULE} [Square brackets] are written and not in the right answer, {{braces}} are missing from it."
            yield Section(f"Side by side on {name}", text, shown)
    yield Section("What it took", "", [_costs(comparison), made(comparison)])
    yield Section("How to read this", READING, [])


def _summary(comparison: Comparison) -> str:
    names = ", ".join(group.name for group in comparison.groups)
    text = f"Methods: {names}. Differences are against {comparison.reference.name}. "
    if comparison.by_seed:
        seeds = "; ".join(f"{group.name} {_seeds(group.seeds)}" for group in comparison.groups)
        text += f"Seeds: {seeds}. "
    for name, having in comparison.left_out.items():
        text += f"Left out is the evaluation {name}, which only {', '.join(having)} has. "
    return text.strip()


def _seeds(seeds: Sequence[int | None]) -> str:
    return ", ".join("none" if seed is None else str(seed) for seed in seeds)


def _settings(compared: Compared) -> str:
    settings = compared.first.settings
    decoded = [f"{key.replace('_', ' ')} {settings[key]}" for key in DECODING if key in settings]
    wires = sorted({one.wire for found in compared.evaluated.values() for one in found})
    rows = f"{len(compared.rows):,} rows of {Path(settings['rows']).name}"
    return f"{'; '.join((rows, *decoded))}; calls asked for as {', '.join(wires)}."


def _overview(comparison: Comparison) -> Table:
    """Strict accuracy of every method on every evaluation, and what it has over the reference."""

    def cells(name: str) -> Iterator[Cell]:
        for one in comparison.evaluations.values():
            yield percent(one.measured[name].level("all", "accuracy"))
            yield gain(one.gained[name]["accuracy"]) if name in one.gained else UNKNOWN

    names = [group.name for group in comparison.groups] + list(POLICIES)
    lines = [Line(name, list(cells(name)), kind_of(comparison, name)) for name in names]
    columns = [
        part
        for name in comparison.evaluations
        for part in (name, f"{name}: against {comparison.reference.name}")
    ]
    note = f"In %, and in percentage points, with 95 % intervals. {BOLD} The policies in italics need no model."
    return Table("Strict accuracy", note, ["", *columns], lines)


def _costs(comparison: Comparison) -> Table:
    lines = [
        Line(name, _cost_cells(cost))
        for name, run in comparison.named_runs()
        for cost in costs(run)
    ]
    note = "Tokens that went through the model in training, over all ranks, and those of them that it wrote itself; "
    note += "seconds of training without validation, from the run's log."
    columns = [
        "",
        "part",
        "optimizer steps",
        "tokens trained on",
        "tokens generated",
        "seconds",
        "device",
    ]
    return Table("Compute", note, columns, lines)


def _cost_cells(cost: Cost) -> list[Cell]:
    figures = (cost.steps, cost.tokens, cost.generated, cost.seconds)
    return [
        Cell(cost.what),
        *(UNKNOWN if figure is None else Cell(f"{figure:,.0f}") for figure in figures),
        Cell(cost.device) if cost.device else UNKNOWN,
    ]
