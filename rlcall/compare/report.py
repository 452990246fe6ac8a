"""A comparison as files: compare.md with PNG files next to it, and compare.html with all inside.

write_report(comparison, Path("runs/page"))
# [runs/page/compare.md, runs/page/compare.html, runs/page/accuracy-test.png, ...]
"""

from __future__ import annotations

from pathlib import Path

from rlcall.compare.comparison import Comparison
from rlcall.compare.evaluation_plots import plot_evaluations
from rlcall.compare.log_plots import plot_logs
from rlcall.compare.markdown import as_markdown
from rlcall.compare.page import as_page
from rlcall.compare.plots import Plot
from rlcall.compare.sections import report_sections
from rlcall.files.whole import write_whole


def write_report(comparison: Comparison, folder: Path) -> list[Path]:
    """Write every file, each when it is complete, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    plots = draw_plots(comparison)
    sections = report_sections(comparison, plots)
    paths = [folder / "compare.md", folder / "compare.html"]
    for path, text in zip(paths, (as_markdown(sections), as_page(sections)), strict=True):
        write_whole(path, text)
    for plot in plots:
        path = folder / f"{plot.name}.png"
        write_whole(path, plot.light)
        paths.append(path)
    return paths


def draw_plots(comparison: Comparison) -> list[Plot]:
    """Return the plots that the evaluations and logs have the figures for."""
    return [*plot_evaluations(comparison), *plot_logs(comparison.methods)]
