"""Terminals: consoles, progress bars, and a user's mistake in one line.

for row in progress(rows, "checking", total=100): ...    # a bar on a terminal, silence elsewhere
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from rlcall.show.visible import visible

PIPED_WIDTH = 160  # characters a line where the output is not a terminal

Item = TypeVar("Item")


def open_console(width: int = PIPED_WIDTH) -> Console:
    """Return a console for standard output, `width` characters wide where that is not a
    terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else width)


def progress(items: Iterable[Item], title: str, total: float | None = None) -> Iterable[Item]:
    """Yield the items, with a bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    return track(
        items, title, total, console=console, transient=True, disable=not sys.stderr.isatty()
    )


def report_mistake(command: str, error: Exception) -> int:
    """Print a mistake that the user can mend, and return the exit status for it."""
    print(visible(f"rlcall {command}: {error}"), file=sys.stderr)
    return 2
