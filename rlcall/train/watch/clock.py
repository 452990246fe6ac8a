"""The seconds that a run has trained: those of its log lines, and the axis of its curves over time.

    clock = TrainingClock()
    clock.start(run.last_seconds())       # 81.25: goes on from where an interrupted run was
    with clock.paused():
        ...        # a validation: the run without one would have the same seconds
    clock.stop()

It counts the time within `trainer.train()`, the warm start's before the method's: generation,
reward, optimiser steps and checkpoints. Loading models, held-out evaluations and validations do not
count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class TrainingClock:
    """Seconds while it runs, after those that went before."""

    def __init__(self, before: float = 0.0) -> None:
        self._before = before
        self._started_at: float | None = None

    def seconds(self) -> float:
        """Return the seconds so far."""
        if self._started_at is None:
            return self._before
        return self._before + time.monotonic() - self._started_at

    def start(self, before: float) -> None:
        """Run from here, with this many seconds already."""
        self._before, self._started_at = before, time.monotonic()

    def stop(self) -> None:
        """Stand still."""
        self._before, self._started_at = self.seconds(), None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still for a while."""
        self.stop()
        try:
            yield
        finally:
            self.start(self._before)
