"""How long a run has trained: the `seconds` of its log lines, and the axis of its curves over time.

    clock = Clock()
    clock.start(run.last_seconds())     # 81.25: goes on from where an interrupted run was
    with clock.paused():
        ...                               # a validation: the run without one would have the same seconds
    clock.stop()

What counts is the time within `trainer.train()`, the warm start's before the method's: generation, reward, optimiser
steps and checkpoints. Loading models, held-out evaluations and validations do not count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Seconds while it runs, after those that went before."""

    def __init__(self, before: float = 0.0) -> None:
        self._before, self._since = before, None

    _since: float | None

    def seconds(self) -> float:
        return self._before + (time.monotonic() - self._since if self._since is not None else 0.0)

    def start(self, before: float) -> None:
        """Run from here, with so many seconds already."""
        self._before, self._since = before, time.monotonic()

    def stop(self) -> None:
        self._before, self._since = self.seconds(), None

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start(self._before)
