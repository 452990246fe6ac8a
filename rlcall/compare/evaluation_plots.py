"""What evaluations show as plots: strict accuracy with its interval, and kinds of errors, method by method.

list(evaluation_drawings(comparison))     # [Drawing("accuracy-test", ...), Drawing("errors-test", ...)]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from rlcall.compare.comparison import Compared, Comparison
from rlcall.compare.drawing import COLOURS, Drawing, looks, new_figure
from rlcall.compare.estimates import error_shares
from rlcall.metrics.intervals import Estimate
from rlcall.show.visible import visible

KINDS_OF_ERRORS = 10
HATCHES = ("", "//", "..", "xx", "\\\\", "--", "++", "oo")

Levels = dict[str, Estimate]


def evaluation_drawings(comparison: Comparison) -> Iterator[Drawing]:
    for compared in comparison.evaluations.values():
        yield _accuracy(comparison, compared)
        yield from _errors(comparison, compared)


def _accuracy(comparison: Comparison, compared: Compared) -> Drawing:
    levels = {
        group.name: compared.measured[group.name].level("all", "accuracy")
        for group in comparison.groups
    }
    alt = f"Strict accuracy on {compared.name} with 95 % intervals: {_said(levels)}."
    return Drawing(f"accuracy-{compared.name}", alt, partial(_draw_levels, compared.name, levels))


def _said(levels: Levels) -> str:
    known = {name: one.value for name, one in levels.items() if one.value is not None}
    return ", ".join(f"{name} {100 * value:.1f} %" for name, value in known.items())


def _draw_levels(name: str, levels: Levels) -> Figure:
    figure, axes = new_figure(1, 1, 0.9 + 0.32 * len(levels))
    axis, look = axes[0][0], looks(list(levels))
    for place, (method, one) in enumerate(levels.items()):
        if one.value is not None:
            colour, marker = look[method]
            value, reach = _bars([one])
            axis.errorbar(value, place, xerr=reach, fmt=marker, color=colour, capsize=3)
    axis.set_yticks(range(len(levels)), [visible(method) for method in levels])
    axis.set(title=visible(f"Strict accuracy on {name}"), ylim=(len(levels) - 0.5, -0.5))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return figure


def _errors(comparison: Comparison, compared: Compared) -> Iterator[Drawing]:
    """Before and after: base and warm start are among the methods, in the order in which they were given."""
    seeds = {name: [one.records for one in found] for name, found in compared.evaluated.items()}
    codes = [
        error["code"]
        for found in seeds.values()
        for records in found
        for one in records
        for error in one.errors
    ]
    kinds = sorted(set(codes), key=lambda code: (-codes.count(code), code))[:KINDS_OF_ERRORS]
    if not kinds:
        return
    each = {name: error_shares(compared.rows, found, kinds) for name, found in seeds.items()}
    shares = {kind: {name: found[kind] for name, found in each.items()} for kind in kinds}
    said = "; ".join(f"{kind}: {_said(found)}" for kind, found in shares.items())
    alt = f"Kinds of errors on {compared.name}, share of completions. {said}."
    yield Drawing(f"errors-{compared.name}", alt, partial(_draw_errors, compared.name, shares))


def _draw_errors(name: str, shares: dict[str, Levels]) -> Figure:
    methods = list(next(iter(shares.values())))
    figure, axes = new_figure(1, 1, 1.1 + len(shares) * (0.14 + 0.13 * len(methods)))
    axis, height = axes[0][0], 0.84 / len(methods)
    for place, method in enumerate(methods):
        values, reach = _bars([found[method] for found in shares.values()])
        where = np.arange(len(shares)) + (place - (len(methods) - 1) / 2) * height
        look: dict[str, Any] = {
            "color": COLOURS[place % len(COLOURS)],
            "hatch": HATCHES[place % len(HATCHES)],
        }
        look |= {"edgecolor": mpl.rcParams["axes.facecolor"], "linewidth": 0}
        error = {"linewidth": 0.8, "ecolor": mpl.rcParams["text.color"]}
        axis.barh(
            where, values, height * 0.9, xerr=reach, error_kw=error, label=visible(method), **look
        )
    axis.set_yticks(range(len(shares)), [kind.replace("_", " ") for kind in shares])
    axis.set(
        title=visible(f"Kinds of errors on {name}"),
        xlabel="share of completions",
        ylim=(len(shares) - 0.5, -0.5),
    )
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _bars(estimates: list[Estimate]) -> tuple[Any, Any]:
    """Values, and how far their intervals reach below and above."""
    value, low, high = np.array([[float(part or 0.0) for part in one[:3]] for one in estimates]).T
    return value, [np.maximum(value - low, 0), np.maximum(high - value, 0)]
