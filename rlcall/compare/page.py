"""A report as one HTML page that opens from disk: images inside, no script, nothing that any browser would fetch.

as_page(sections)     # "<!doctype html>..."

Every word from a run goes through `_text`. The page's policy lets a browser load nothing but its own images, and use
no style but its own, which it knows by its digest.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from importlib import resources
from string import Template

from rlcall.compare.drawing import Plot
from rlcall.compare.markdown import verdict
from rlcall.compare.marks import Piece
from rlcall.compare.samples import Shown, Written
from rlcall.compare.section import Section
from rlcall.show.table import Table
from rlcall.show.visible import visible


def as_page(sections: Sequence[Section]) -> str:
    files = resources.files("rlcall.compare")
    style = (files / "page.css").read_text(encoding="utf-8")
    page = Template((files / "page.html").read_text(encoding="utf-8"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    links = "\n".join(
        f'<li><a href="#{_text(one.anchor)}">{_text(one.title)}</a></li>' for one in sections
    )
    return page.substitute(
        style=style, digest=digest, links=links, sections="\n".join(map(_section, sections))
    )


def _text(text: str) -> str:
    return html.escape(visible(text))


def _section(section: Section) -> str:
    text = f"<p>{_text(section.text)}</p>" if section.text else ""
    blocks, kinds = "", [type(block) for block in section.blocks]
    for place, block in enumerate(section.blocks):
        if isinstance(block, Plot):
            opens = "" if place and kinds[place - 1] is Plot else '<div class="plots">'
            closes = "" if kinds[place + 1 : place + 2] == [Plot] else "</div>"
            blocks += f"{opens}{_plot(block)}{closes}\n"
        else:
            blocks += (str(block.html()) if isinstance(block, Table) else _sample(block)) + "\n"
    title = f'<h2 id="{_text(section.anchor)}">{_text(section.title)}</h2>'
    return f"<section>\n{title}\n{text}\n{blocks}</section>"


def _plot(plot: Plot) -> str:
    dark, light = (
        f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in (plot.dark, plot.light)
    )
    return (
        f'<figure><picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="{_text(plot.alt)}"></picture></figure>'
    )


def _sample(shown: Shown) -> str:
    tools = ", ".join(f"<code>{_text(tool)}</code>" for tool in shown.tools)
    written = "\n".join(_written(name, one) for name, one in shown.written.items())
    return (
        f'<article><h3>{_text(shown.id)}</h3>\n<p class="request"><bdi>{_text(shown.request)}</bdi></p>\n'
        f'<p class="note">Tools: {tools}</p>\n'
        f'<div class="side"><div class="gold"><h4>right answer</h4><pre><bdi>{_text(shown.gold)}</bdi></pre></div>\n'
        f"{written}\n</div></article>"
    )


def _written(name: str, written: Written) -> str:
    kind = "right" if written.correct else "wrong"
    sign = {"right": "✓", "wrong": "✗"}[kind]
    body = "".join(map(_piece, written.pieces)) or '<span class="note">nothing</span>'
    return (
        f'<div class="{kind}"><h4>{sign} {_text(name)}</h4><pre><bdi>{body}</bdi></pre>'
        f'<p class="note">{_text(verdict(written))}</p></div>'
    )


def _piece(piece: Piece) -> str:
    text = _text(piece.text)
    return text if piece.kind == "same" else f'<mark class="{piece.kind}">{text}</mark>'
