"""A report as one HTML page that opens from disk: images inside, no script, nothing to fetch.

as_page(sections)     # "<!doctype html>..."

page.html is the page, page.css its style. Every value that the template puts in is escaped. The
page's policy lets a browser load nothing but its own images, and use no style but its own, which
it knows by its digest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from markupsafe import Markup

from rlcall.compare.sections import Section
from rlcall.show.templates import render


def as_page(sections: Sequence[Section]) -> str:
    """Return the report as a page."""
    style = (resources.files("rlcall.compare") / "page.css").read_text(encoding="utf-8")
    digest = hashlib.sha256(style.encode()).digest()
    return render(
        "compare/page.html",
        style=Markup(style),  # our own file, and not a run's: it goes in as it is
        style_digest=base64.b64encode(digest).decode(),
        sections=sections,
        png=_png_address,
    )


def _png_address(content: bytes) -> str:
    """Return an image as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
