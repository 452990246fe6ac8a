"""A table before it is Markdown or HTML.

Table("rates", "2,000 rows", ["", "strict accuracy"], [Line("grpo", [percent(estimate)])]).markdown()
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rlcall.compare.visible import visible
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.paired import Difference

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """A figure, its interval, and whether a difference's interval leaves out zero."""

    text: str
    interval: str = ""
    off_zero: bool = False


Kind = Literal["method", "reference", "policy"]


@dataclass(frozen=True)
class Line:
    name: str
    cells: Sequence[Cell]
    kind: Kind = "method"


@dataclass(frozen=True)
class Table:
    """`note` says what the figures are of; the first of `columns` heads the lines' names."""

    title: str
    note: str
    columns: Sequence[str]
    lines: Sequence[Line]

    def markdown(self) -> str:
        ruler = ["---", *["---:"] * (len(self.columns) - 1)]
        body = [[_name(line), *map(_words, line.cells)] for line in self.lines]
        rows = [list(map(escaped, self.columns)), ruler, *body]
        return "\n".join(
            [f"### {escaped(self.title)}", "", escaped(self.note), "", *map(_row, rows), ""]
        )


def escaped(text: str) -> str:
    """Text that stands for itself on one line of Markdown: no tags, links or table bars, nothing invisible."""
    return html.escape(re.sub(r"([\\`*\[\]|])", r"\\\1", visible(text)), quote=False).replace(
        "\n", " "
    )


def percent(estimate: Estimate) -> Cell:
    """`57.8` and `45.6 to 69.1`."""
    return _figure(estimate, 100, ".1f")


def number(estimate: Estimate) -> Cell:
    return _figure(estimate, 1, ".2f")


def gain(one: Difference) -> Cell:
    """A difference in percentage points, with its sign; strong where nothing speaks for there being none.

    A bootstrap of few rows that differ is too sure of itself, so McNemar's test, where there is one, must agree.
    """
    return change(Estimate(*one[:4]), one.p)


def change(one: Estimate, p: float | None = None) -> Cell:
    """The same for an estimate by itself, with the p-value of another test where there is one."""
    cell = _figure(one, 100, "+.1f")
    off_zero = one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)
    return Cell(cell.text, cell.interval, off_zero and (p is None or p < 0.05))


def p_value(p: float | None) -> Cell:
    if p is None:
        return Cell(NONE)
    return Cell("< 0.0001" if p < 0.0001 else f"{p:.4f}" if p < 0.01 else f"{p:.2f}")


def _figure(estimate: Estimate, scale: float, form: str) -> Cell:
    if estimate.value is None:
        return Cell(NONE)
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = (
            f"{_signed(scale * estimate.low, form)} to {_signed(scale * estimate.high, form)}"
        )
    return Cell(_signed(scale * estimate.value, form), interval)


def _signed(value: float, form: str) -> str:
    text = format(value, form)
    zero = not any(digit in text for digit in "123456789")
    return text.lstrip("+-") if zero else text.replace("-", "−")


def _words(cell: Cell) -> str:
    text = f"**{cell.text}**" if cell.off_zero else escaped(cell.text)
    return f"{text} ({cell.interval})" if cell.interval else text


def _name(line: Line) -> str:
    name = escaped(line.name)
    return (
        f"*{name}*"
        if line.kind == "policy"
        else f"{name} (reference)"
        if line.kind == "reference"
        else name
    )


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
