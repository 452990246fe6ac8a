"""Pages of docs/, for the tests that hold them to what the code does."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def read_pages(*names: str) -> str:
    """Return the text of pages, one after the other."""
    return "\n".join((DOCS / name).read_text(encoding="utf-8") for name in names)
