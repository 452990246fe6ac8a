"""Logs as plots: reward, strict accuracy, rules and wire formats while training.

list(plot_logs(comparison.methods))
# [Plot("reward-steps", ...), Plot("reward-seconds", ...), ...]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rlcall.compare.curves import Curve, curve, names_below, running_mean
from rlcall.compare.methods import MethodRuns
from rlcall.compare.plots import Plot, looks, new_figure, paint
from rlcall.show.visible import visible

FIGURES = {
    "reward": ("Reward", "reward", "validation/reward"),
    "accuracy": ("Strict accuracy", "rules/correct", "validation/accuracy"),
}
AXES = {"steps": "optimizer steps", "seconds": "seconds of training"}
FORMATS = "validation/format/"


@dataclass(frozen=True)
class CurvePair:
    """A figure of what was sampled while training, and of validation rows."""

    sampled: Curve | None
    validated: Curve | None

    @property
    def last(self) -> Curve | None:
        """The curve of validation rows, or else the sampled one."""
        return self.validated or self.sampled


def plot_logs(methods: Sequence[MethodRuns]) -> Iterator[Plot]:
    """Yield the plots that the logs have the figures for."""
    yield from _plot_learning(methods)
    yield from _plot_rules(methods)
    yield from _plot_formats(methods)


def _plot_learning(methods: Sequence[MethodRuns]) -> Iterator[Plot]:
    for name, (title, sampled_key, validated_key) in FIGURES.items():
        pairs = _curve_pairs(methods, sampled_key, validated_key)
        if any(pair.last for pair in pairs.values()):
            for axis, words in AXES.items():
                alt = f"{title} over {words}: {_in_words(pairs)}."
                draw = partial(_draw_curves, title, pairs, axis)
                yield paint(f"{name}-{axis}", alt, draw)


def _curve_pairs(
    methods: Sequence[MethodRuns], sampled_key: str, validated_key: str
) -> dict[str, CurvePair]:
    pairs = {}
    for method in methods:
        pairs[method.name] = CurvePair(curve(method, sampled_key), curve(method, validated_key))
    return pairs


def _in_words(pairs: dict[str, CurvePair]) -> str:
    parts = []
    for name, pair in pairs.items():
        if pair.last:
            value = pair.last.value
            parts.append(f"{name} from {value[0]:.2f} to {value[-1]:.2f}")
    return "; ".join(parts)


def _draw_curves(title: str, pairs: dict[str, CurvePair], x_axis: str) -> Figure:
    figure, axes = new_figure(1, 1, 3.3)
    axis, look_of = axes[0][0], looks(list(pairs))
    for name, pair in pairs.items():
        _draw_pair(axis, name, pair, x_axis, *look_of[name])
    axis.set(title=title, xlabel=AXES[x_axis])
    axis.set_ylim(-0.02, 1.02)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _draw_pair(
    axis: Axes, name: str, pair: CurvePair, x_axis: str, colour: str, marker: str
) -> None:
    """Draw sampled figures dashed over their single lines, those of validation with markers."""
    if pair.sampled:
        sampled, label = pair.sampled, visible(f"{name}, sampled")
        x = getattr(sampled, x_axis)
        low, high = running_mean(sampled.low), running_mean(sampled.high)
        axis.plot(x, sampled.value, color=colour, alpha=0.25, linewidth=0.8)
        smooth = running_mean(sampled.value)
        axis.plot(x, smooth, color=colour, linewidth=1.6, linestyle="--", label=label)
        axis.fill_between(x, low, high, color=colour, alpha=0.12, linewidth=0)
    if pair.validated:
        validated, label = pair.validated, visible(f"{name}, validation")
        x = getattr(validated, x_axis)
        axis.plot(x, validated.value, marker=marker, markersize=4, color=colour, label=label)
        axis.fill_between(x, validated.low, validated.high, color=colour, alpha=0.15, linewidth=0)


def _plot_rules(methods: Sequence[MethodRuns]) -> Iterator[Plot]:
    names = names_below(methods, "rules/") + names_below(methods, "validation/rules/")
    rules = {}
    for rule in dict.fromkeys(names):
        pairs = _curve_pairs(methods, f"rules/{rule}", f"validation/rules/{rule}")
        if rule != "correct" and any(pair.last for pair in pairs.values()):
            rules[rule] = pairs
    look_of = looks([method.name for method in methods])

    def draw_rule(axis: Axes, rule: str) -> None:
        for name, pair in rules[rule].items():
            _draw_pair(axis, name, pair, "steps", *look_of[name])

    if rules:
        alt = f"Each rule's mean over steps of training: {', '.join(rules)}."
        yield paint("rules", alt, partial(_draw_panels, list(rules), draw_rule))


def _plot_formats(methods: Sequence[MethodRuns]) -> Iterator[Plot]:
    forms = names_below(methods, FORMATS)
    shares = {}
    for method in methods:
        curves = {form: curve(method, FORMATS + form) for form in forms}
        if any(curves.values()):
            shares[method.name] = curves
    look_of = looks(forms)

    def draw_method(axis: Axes, name: str) -> None:
        for form, share in shares[name].items():
            _draw_pair(axis, form, CurvePair(None, share), "steps", *look_of[form])

    if shares:
        alt = (
            f"Share of each wire format ({', '.join(forms)}) over steps of training, "
            f"for {', '.join(shares)}."
        )
        yield paint("formats", alt, partial(_draw_panels, list(shares), draw_method))


def _draw_panels(names: Sequence[str], draw_panel: Callable[[Axes, str], None]) -> Figure:
    """Draw small plots over steps, two next to each other, under one legend."""
    rows = -(-len(names) // 2)
    figure, axes = new_figure(rows, 2, 0.7 + 1.75 * rows)
    panels = list(axes.flat)
    handle_of = {}
    for axis, name in zip(panels, names, strict=False):
        draw_panel(axis, name)
        axis.set_title(visible(name), fontsize=9)
        axis.set_ylim(-0.03, 1.03)
        axis.tick_params(labelsize=8)
        axis.set_xlabel(AXES["steps"], fontsize=8)
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            handle_of[label] = handle
    for axis in panels[len(names) :]:
        axis.set_visible(False)
    handles, labels = list(handle_of.values()), list(handle_of)
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure
