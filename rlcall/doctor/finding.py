"""One line of the doctor's table: how bad it is, what it is about, what was found, and what to change.

error("batch", "generation_batch_size (6) must be divisible by num_generations (4)", "num_generations: 3")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

SEVERITIES = ("error", "warning", "ok")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Finding:
    severity: str
    """One of SEVERITIES: an error ends the run or spoils it; a warning costs something."""
    about: str
    """The part of the run: versions, machine, config, launch, batch, rows, lengths, memory, disk, steps."""
    message: str
    remedy: str = ""
    """What to change; "" where the message says it, or nothing is wrong."""


error = partial(Finding, "error")
warning = partial(Finding, "warning")
ok = partial(Finding, "ok")


def attempt(about: str, make: Callable[[], Made], found: list[Finding]) -> Made | None:
    """What `make` gives; None where it raises, and then an error is found with what it says."""
    try:
        return make()
    except Exception as raised:  # boundary: whatever would end the run, our own errors or a library's, is a finding
        own = type(raised).__module__.startswith("rlcall")
        found.append(error(about, str(raised) if own else f"{type(raised).__name__}: {raised}"))
        return None
