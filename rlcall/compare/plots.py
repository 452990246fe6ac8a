"""Plots as pairs of PNG files, for light pages and for dark ones, in one style.

plot = paint("accuracy-test", "Strict accuracy on test ...", draw=lambda: figure)
plot.light     # b"\\x89PNG..."

Colours are Okabe and Ito's (2008), which colour-blind readers tell apart; each method also has
its own marker.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C8C8C", "#B8A000")
MARKERS = "osD^vPX*"
DPI = 160
WIDTH = 4.8  # inches: one plot is as wide as a phone, or half a page

_STYLE: dict[str, Any] = {
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "hatch.linewidth": 0.4,
    "text.parse_math": False,
}


def _theme(paper: str, ink: str, faint: str) -> dict[str, Any]:
    theme = {**_STYLE, "grid.color": faint, "axes.edgecolor": ink}
    for key in ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color"):
        theme[key] = ink
    for key in ("figure.facecolor", "savefig.facecolor", "axes.facecolor"):
        theme[key] = paper
    return theme


LIGHT = _theme("#ffffff", "#22272e", "#e3e6ea")
DARK = _theme("#1a1f26", "#dfe4ea", "#333b45")


@dataclass(frozen=True)
class Plot:
    """`light` and `dark` are PNG files, `alt` says in words what is to be seen."""

    name: str
    alt: str
    light: bytes
    dark: bytes


def paint(name: str, alt: str, draw: Callable[[], Figure]) -> Plot:
    """Return the plot that `draw` makes, drawn once in each theme."""
    return Plot(name, alt, _png(draw, LIGHT), _png(draw, DARK))


def _png(draw: Callable[[], Figure], theme: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    with mpl.rc_context(theme):  # type: ignore[arg-type]
        figure = draw()
        # Without the version that matplotlib would write, the same figures give the same file.
        FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})
    return file.getvalue()


def new_figure(rows: int, columns: int, height: float) -> tuple[Figure, Any]:
    """Return a figure of that height in inches, and its axes (rows x columns)."""
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def looks(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return a colour and a marker for each name."""
    styles = {}
    for index, name in enumerate(names):
        colour = COLOURS[index % len(COLOURS)]
        styles[name] = (colour, MARKERS[index % len(MARKERS)])
    return styles
