"""What the logs show as plots: reward, strict accuracy, rules and wire formats while training.

list(log_drawings(comparison.groups))     # [Drawing("reward-steps", ...), Drawing("reward-seconds", ...), ...]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rlcall.compare.curves import Curve, curve, keys_of, running
from rlcall.compare.drawing import Drawing, looks, new_figure
from rlcall.compare.groups import Group
from rlcall.show.visible import visible

FIGURES = {
    "reward": ("Reward", "reward", "validation/reward"),
    "accuracy": ("Strict accuracy", "rules/correct", "validation/accuracy"),
}
OVER = {"steps": "optimizer steps", "seconds": "seconds of training"}

Both = tuple[Curve | None, Curve | None]
"""Of what was sampled while training, and of validation rows."""


def log_drawings(groups: Sequence[Group]) -> Iterator[Drawing]:
    yield from _learning(groups)
    yield from _rules(groups)
    yield from _formats(groups)


def _learning(groups: Sequence[Group]) -> Iterator[Drawing]:
    for name, (title, sampled, validated) in FIGURES.items():
        found: dict[str, Both] = {
            one.name: (curve(one, sampled), curve(one, validated)) for one in groups
        }
        if any(one for both in found.values() for one in both):
            for over, words in OVER.items():
                alt = f"{title} over {words}: {_said(found)}."
                yield Drawing(f"{name}-{over}", alt, partial(_draw_curves, title, found, over))


def _said(found: dict[str, Both]) -> str:
    last = {
        name: next(one for one in both[::-1] if one) for name, both in found.items() if any(both)
    }
    return "; ".join(
        f"{name} from {one.value[0]:.2f} to {one.value[-1]:.2f}" for name, one in last.items()
    )


def _draw_curves(title: str, found: dict[str, Both], over: str) -> Figure:
    figure, axes = new_figure(1, 1, 3.3)
    axis = axes[0][0]
    for name, both in found.items():
        _add(axis, name, both, over, *looks(list(found))[name])
    axis.set(title=title, xlabel=OVER[over])
    axis.set_ylim(-0.02, 1.02)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _add(axis: Axes, name: str, both: Both, over: str, colour: str, marker: str) -> None:
    sampled, validated = both
    if sampled:
        x, smooth = getattr(sampled, over), running(sampled.value)
        axis.plot(x, sampled.value, color=colour, alpha=0.25, linewidth=0.8)
        axis.plot(
            x,
            smooth,
            color=colour,
            linewidth=1.6,
            linestyle="--",
            label=visible(f"{name}, sampled"),
        )
        axis.fill_between(
            x, running(sampled.low), running(sampled.high), color=colour, alpha=0.12, linewidth=0
        )
    if validated:
        x = getattr(validated, over)
        axis.plot(
            x,
            validated.value,
            marker=marker,
            markersize=4,
            color=colour,
            label=visible(f"{name}, validation"),
        )
        axis.fill_between(x, validated.low, validated.high, color=colour, alpha=0.15, linewidth=0)


def _panels(names: Sequence[str], fill: Callable[[Axes, str], None], xlabel: str) -> Figure:
    """Small plots, two beside each other, under one legend."""
    rows = -(-len(names) // 2)
    figure, axes = new_figure(rows, 2, 0.7 + 1.75 * rows)
    flat = list(axes.flat)
    for axis, name in zip(flat, names, strict=False):
        fill(axis, name)
        axis.set_title(visible(name), fontsize=9)
        axis.set_ylim(-0.03, 1.03)
        axis.tick_params(labelsize=8)
        axis.set_xlabel(xlabel, fontsize=8)
    for axis in flat[len(names) :]:
        axis.set_visible(False)
    handles = {
        label: one
        for axis in flat
        for one, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=3)
    return figure


def _rules(groups: Sequence[Group]) -> Iterator[Drawing]:
    sampled = [rule for rule in keys_of(groups, "rules/") if rule != "correct"]
    rules = list(dict.fromkeys([*sampled, *keys_of(groups, "validation/rules/")]))
    found = {
        rule: {
            g.name: (curve(g, f"rules/{rule}"), curve(g, f"validation/rules/{rule}"))
            for g in groups
        }
        for rule in rules
    }
    found = {
        rule: methods
        for rule, methods in found.items()
        if any(any(both) for both in methods.values())
    }

    look = looks([group.name for group in groups])

    def fill(axis: Axes, rule: str) -> None:
        for name, both in found[rule].items():
            _add(axis, name, both, "steps", *look[name])

    if found:
        alt = f"Each rule's mean over steps of training: {', '.join(found)}."
        yield Drawing("rules", alt, lambda: _panels(list(found), fill, "optimizer steps"))


def _formats(groups: Sequence[Group]) -> Iterator[Drawing]:
    prefix = "validation/format/"
    forms = keys_of(groups, prefix)
    found = {group.name: {form: curve(group, prefix + form) for form in forms} for group in groups}
    found = {name: shares for name, shares in found.items() if any(shares.values())}

    look = looks(forms)

    def fill(axis: Axes, name: str) -> None:
        for form, one in found[name].items():
            _add(axis, form, (None, one), "steps", *look[form])

    if found:
        alt = f"Share of each wire format ({', '.join(forms)}) over steps of training, for {', '.join(found)}."
        yield Drawing("formats", alt, lambda: _panels(list(found), fill, "optimizer steps"))
