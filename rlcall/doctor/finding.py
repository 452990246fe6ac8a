"""A line of the doctor's table: how bad it is, its subject, what is the matter, and what to change.

error("batch", "generation_batch_size (6) must be divisible by num_generations (4)",
"num_generations: 3")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

SEVERITIES = ("error", "warning", "ok")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RunFinding:
    """Something that the doctor says of a run."""

    severity: str
    """One of SEVERITIES: an error ends the run or spoils it; a warning costs something."""
    about: str
    """The part of the run: versions, machine, config, launch, batch, rows, lengths, memory,
    disk, steps."""
    message: str
    remedy: str = ""
    """What to change; "" where the message says it, or nothing is wrong."""


error = partial(RunFinding, "error")
warning = partial(RunFinding, "warning")
ok = partial(RunFinding, "ok")


def attempt(about: str, make: Callable[[], Result], findings: list[RunFinding]) -> Result | None:
    """Return what `make` gives; None where it raises, and then add an error with what it says."""
    try:
        return make()
    except Exception as raised:  # boundary: whatever would end the run, ours or a library's
        is_ours = type(raised).__module__.startswith("rlcall")
        message = str(raised) if is_ours else f"{type(raised).__name__}: {raised}"
        findings.append(error(about, message))
        return None
