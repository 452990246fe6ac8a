"""Evaluations as plots: strict accuracy with its interval, and kinds of errors, method by method.

list(plot_evaluations(comparison))     # [Plot("accuracy-test", ...), Plot("errors-test", ...)]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from rlcall.compare.comparison import ComparedEvaluation, Comparison
from rlcall.compare.estimates import error_shares
from rlcall.compare.plots import COLOURS, Plot, looks, new_figure, paint
from rlcall.metrics.intervals import Estimate
from rlcall.show.visible import visible

KINDS_OF_ERRORS = 10
HATCHES = ("", "//", "..", "xx", "\\\\", "--", "++", "oo")

Levels = dict[str, Estimate]


def plot_evaluations(comparison: Comparison) -> Iterator[Plot]:
    """Yield two plots for each evaluation, the second where there are errors."""
    for compared in comparison.evaluations.values():
        yield _plot_accuracy(comparison, compared)
        yield from _plot_errors(compared)


def _plot_accuracy(comparison: Comparison, compared: ComparedEvaluation) -> Plot:
    levels = {}
    for method in comparison.methods:
        levels[method.name] = compared.figures[method.name].rate("accuracy")
    alt = f"Strict accuracy on {compared.name} with 95 % intervals: {_in_words(levels)}."
    return paint(f"accuracy-{compared.name}", alt, partial(_draw_levels, compared.name, levels))


def _in_words(levels: Levels) -> str:
    parts = []
    for name, estimate in levels.items():
        if estimate.value is not None:
            parts.append(f"{name} {100 * estimate.value:.1f} %")
    return ", ".join(parts)


def _draw_levels(evaluation: str, levels: Levels) -> Figure:
    figure, axes = new_figure(1, 1, 0.9 + 0.32 * len(levels))
    axis, look_of = axes[0][0], looks(list(levels))
    for height, (method, estimate) in enumerate(levels.items()):
        if estimate.value is not None:
            colour, marker = look_of[method]
            value, reach = _bars([estimate])
            axis.errorbar(value, height, xerr=reach, fmt=marker, color=colour, capsize=3)
    axis.set_yticks(range(len(levels)), [visible(method) for method in levels])
    axis.set(title=visible(f"Strict accuracy on {evaluation}"), ylim=(len(levels) - 0.5, -0.5))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    return figure


def _plot_errors(compared: ComparedEvaluation) -> Iterator[Plot]:
    """Yield the most frequent kinds of errors of each method."""
    completions_of = {}
    counts: Counter[str] = Counter()
    for method, evaluations in compared.evaluations.items():
        completions_of[method] = [evaluation.completions for evaluation in evaluations]
        for evaluation in evaluations:
            for completion in evaluation.completions:
                counts.update(error["code"] for error in completion.errors)
    if not counts:
        return
    kinds = sorted(counts, key=lambda code: (-counts[code], code))[:KINDS_OF_ERRORS]
    shares: dict[str, Levels] = {kind: {} for kind in kinds}
    for method, seeds in completions_of.items():
        for kind, share in error_shares(compared.rows, seeds, kinds).items():
            shares[kind][method] = share
    parts = [f"{kind}: {_in_words(levels)}" for kind, levels in shares.items()]
    alt = f"Kinds of errors on {compared.name}, share of completions. {'; '.join(parts)}."
    yield paint(f"errors-{compared.name}", alt, partial(_draw_errors, compared.name, shares))


def _draw_errors(evaluation: str, shares: dict[str, Levels]) -> Figure:
    methods = list(next(iter(shares.values())))
    height_of_kind = 0.14 + 0.13 * len(methods)
    figure, axes = new_figure(1, 1, 1.1 + len(shares) * height_of_kind)
    axis, bar_height = axes[0][0], 0.84 / len(methods)
    for index, method in enumerate(methods):
        values, reach = _bars([levels[method] for levels in shares.values()])
        # The bars of one kind lie around its tick, in the order of the methods.
        offset = (index - (len(methods) - 1) / 2) * bar_height
        axis.barh(
            np.arange(len(shares)) + offset,
            values,
            bar_height * 0.9,
            xerr=reach,
            error_kw={"linewidth": 0.8, "ecolor": mpl.rcParams["text.color"]},
            label=visible(method),
            color=COLOURS[index % len(COLOURS)],
            hatch=HATCHES[index % len(HATCHES)],
            edgecolor=mpl.rcParams["axes.facecolor"],
            linewidth=0,
        )
    axis.set_yticks(range(len(shares)), [kind.replace("_", " ") for kind in shares])
    axis.set(
        title=visible(f"Kinds of errors on {evaluation}"),
        xlabel="share of completions",
        ylim=(len(shares) - 0.5, -0.5),
    )
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _bars(estimates: Sequence[Estimate]) -> tuple[Any, Any]:
    """Return values (n), and how far their intervals reach below and above (2 x n)."""
    value, low, high = np.array([estimate[:3] for estimate in estimates], dtype=float).T
    reach = [np.maximum(value - low, 0), np.maximum(high - value, 0)]
    return np.nan_to_num(value), np.nan_to_num(reach)
