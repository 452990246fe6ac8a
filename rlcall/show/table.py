"""A table of named lines, for the terminal, for Markdown and for a page.

line = Line("grpo", [Cell("57.8", "45.6 to 69.1")])
table = Table("Rates", "In %, of 12 rows.", ["", "accuracy"], [line])
table.markdown()
# ### Rates
#
# In %, of 12 rows.
#
# |  | accuracy |
# | --- | ---: |
# | grpo | 57.8 (45.6 to 69.1) |
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import rich.table
from rich.console import Group
from rich.text import Text

from rlcall.show.templates import render
from rlcall.show.visible import visible

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True)
class Cell:
    """A figure, its interval, and whether it is emphasised: a difference that is not chance."""

    text: str
    interval: str = ""
    emphasised: bool = False

    @property
    def without_interval(self) -> Cell:
        """The figure alone."""
        return Cell(self.text, "", self.emphasised)


LineKind = Literal["method", "reference", "policy"]


@dataclass(frozen=True)
class Line:
    """The figures of one method, of the reference, or of a policy that needs no model."""

    name: str
    cells: Sequence[Cell]
    kind: LineKind = "method"


@dataclass(frozen=True)
class Table:
    """Lines under a title; the `note` says what the figures are of.

    The first of `columns` heads the lines' names. Texts may come from a model or a stranger's file:
    each of the three forms shows them as they are, and obeys nothing in them.
    """

    title: str
    note: str
    columns: Sequence[str]
    lines: Sequence[Line]

    def markdown(self) -> str:
        """Return the table under a third-level heading."""
        paragraphs = [f"### {escaped(self.title)}", ""]
        if self.note:
            paragraphs += [escaped(self.note), ""]
        rows = [
            _markdown_row(map(escaped, self.columns)),
            _markdown_row(["---", *["---:"] * (len(self.columns) - 1)]),
        ]
        for line in self.lines:
            rows.append(_markdown_row([_markdown_name(line), *map(_markdown_cell, line.cells)]))
        return "\n".join([*paragraphs, *rows, ""])

    def html(self) -> Markup:
        """Return a heading and a table in a box that scrolls; page.css styles its classes."""
        return render("show/table.html", table=self)

    def rich(self) -> Group:
        """Return the table for a console, below an empty line."""
        grid = rich.table.Table()
        for index, column in enumerate(self.columns):
            grid.add_column(Text(visible(column)), justify="right" if index else "left")
        for line in self.lines:
            grid.add_row(_rich_name(line), *map(_rich_cell, line.cells))
        heading = [Text(visible(self.title), "italic")]
        if self.note:
            heading.append(Text(visible(self.note), "dim"))
        return Group("", *heading, grid)


def escaped(text: str) -> str:
    """Return text on one line of Markdown that is read as text: no tags, links, stars or bars."""
    without_marks = re.sub(r"([\\`*\[\]|])", r"\\\1", visible(text))
    return html.escape(without_marks, quote=False).replace("\n", " ")


def _markdown_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown_name(line: Line) -> str:
    name = escaped(line.name)
    if line.kind == "policy":
        return f"*{name}*"
    return f"{name} (reference)" if line.kind == "reference" else name


def _markdown_cell(cell: Cell) -> str:
    text = escaped(cell.text)
    if cell.emphasised:
        text = f"**{text}**"
    return f"{text} ({cell.interval})" if cell.interval else text


def _rich_name(line: Line) -> Text:
    name = visible(line.name)
    if line.kind == "policy":
        return Text(name, "italic")
    return Text(f"{name} (reference)" if line.kind == "reference" else name)


def _rich_cell(cell: Cell) -> Text:
    text = Text(visible(cell.text), "bold" if cell.emphasised else "")
    if cell.interval:
        text.append(f" ({cell.interval})", "dim")
    return text
