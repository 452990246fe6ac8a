"""A part of the report: a title, a paragraph, and tables, plots or samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rlcall.compare.drawing import Plot
from rlcall.compare.samples import Shown
from rlcall.show.table import Table


@dataclass(frozen=True)
class Section:
    title: str
    text: str
    blocks: Sequence[Table | Plot | Shown]

    @property
    def anchor(self) -> str:
        return "".join(one if one.isalnum() else "-" for one in self.title.lower())
