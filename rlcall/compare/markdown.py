"""A report as Markdown: tables, plots as files beside it, and samples in code blocks.

as_markdown(sections)     # "# Comparison\\n\\n## Overview\\n..."
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from rlcall.compare.drawing import Plot
from rlcall.compare.marks import Piece
from rlcall.compare.samples import Shown, Written
from rlcall.compare.section import Section
from rlcall.show.table import Table, escaped
from rlcall.show.visible import visible

BRACKETS = {"same": ("", ""), "surplus": ("[", "]"), "missing": ("{", "}")}


def as_markdown(sections: Sequence[Section]) -> str:
    parts = ["# Comparison\n"]
    for section in sections:
        parts.append(f"## {escaped(section.title)}\n")
        if section.text:
            parts.append(f"{escaped(section.text)}\n")
        parts += [_block(block) for block in section.blocks]
    return "\n".join(parts)


def _block(block: Table | Plot | Shown) -> str:
    if isinstance(block, Table):
        return block.markdown()
    return _image(block) if isinstance(block, Plot) else _sample(block)


def _image(plot: Plot) -> str:
    return f"![{escaped(plot.alt)}]({quote(plot.name)}.png)\n"


def _sample(shown: Shown) -> str:
    parts = [f"### {escaped(shown.id)}", "", "Asked:", "", fenced(shown.request), ""]
    parts += [f"Tools: {escaped(', '.join(shown.tools))}", "", "Right:", "", fenced(shown.gold), ""]
    for name, written in shown.written.items():
        parts += [
            f"{escaped(name)}, {escaped(verdict(written))}:",
            "",
            fenced("".join(map(_mark, written.pieces))),
            "",
        ]
    return "\n".join(parts)


def verdict(written: Written) -> str:
    """`right, reward 1.00` or `wrong, reward 0.40; wrong_value: ...`."""
    said = "right" if written.correct else "wrong"
    if written.reward is not None:
        said += f", reward {written.reward:.2f}"
    return f"{said}; {written.error}" if written.error else said


def _mark(piece: Piece) -> str:
    before, after = BRACKETS[piece.kind]
    return f"{before}{piece.text}{after}"


def fenced(text: str) -> str:
    """Text as a code block that nothing in it can end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{visible(text)}\n{fence}"
