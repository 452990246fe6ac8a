"""A report as Markdown: tables, links to the plots' files, and samples in code blocks.

as_markdown(sections)     # "# Comparison\\n\\n## Overview\\n..."
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from rlcall.compare.plots import Plot
from rlcall.compare.sections import Section
from rlcall.compare.side_by_side import SideBySide
from rlcall.compare.word_diff import MarkedSpan
from rlcall.show.table import escaped
from rlcall.show.visible import visible

BRACKETS = {"same": ("", ""), "surplus": ("[", "]"), "missing": ("{", "}")}


def as_markdown(sections: Sequence[Section]) -> str:
    """Return the report; plots are named by their files."""
    parts = ["# Comparison\n"]
    for section in sections:
        parts.append(f"## {escaped(section.title)}\n")
        if section.text:
            parts.append(f"{escaped(section.text)}\n")
        parts += map(_image, section.plots)
        parts += [table.markdown() for table in section.tables]
        parts += map(_sample, section.samples)
    return "\n".join(parts)


def _image(plot: Plot) -> str:
    return f"![{escaped(plot.alt)}]({quote(plot.name)}.png)\n"


def _sample(sample: SideBySide) -> str:
    tools = escaped(", ".join(sample.tools))
    parts = [f"### {escaped(sample.id)}", "Asked:", fenced(sample.request)]
    parts += [f"Tools: {tools}", "Right:", fenced(sample.gold)]
    for name, completion in sample.completions.items():
        parts.append(f"{escaped(name)}, {escaped(completion.verdict)}:")
        parts.append(fenced("".join(map(_bracketed, completion.spans))))
    return "\n\n".join(parts) + "\n"


def _bracketed(span: MarkedSpan) -> str:
    before, after = BRACKETS[span.kind]
    return f"{before}{span.text}{after}"


def fenced(text: str) -> str:
    """Return text as a code block that nothing in it can end."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{visible(text)}\n{fence}"
