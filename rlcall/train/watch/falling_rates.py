"""Abstention or relevance falls while a model trains, which the mean reward may hide.

    rates = FallingRates(planned=60)
    rates.see(1, {"abstention": 0.9, "relevance": 0.95})      # once for each log line
    # [], or ["abstention fell from 86 % (steps 1 to 8) to 52 % (steps 17 to 24)..."]

The log lines are looked at in blocks: a tenth of those that the run plans, at least FEWEST, leaving
aside those without a prompt that asks for it. A rate has fallen where the last block lies below the
best one so far by DROP in its mean, and by more than noise: the lines of the one are lower than
those of the other by the one-sided rank test of Mann and Whitney, p below ALPHA over the number of
pairs of blocks that the run plans (Bonferroni). Where nothing falls, no block of the whole run
passes it in at least 95 % of runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import NamedTuple

from scipy.stats import mannwhitneyu

from rlcall.reward import CALL_RATES

FEWEST = 8  # log lines of a block
BLOCKS = 10  # of a run, at most
DROP = 0.05
ALPHA = 0.05
REMEDIES = {
    "abstention": "More rows where no call is due, beside their twins (no_call_twins), hold it up",
    "relevance": "Fewer rows where no call is due, or an end before it falls, hold it up",
}


class _Block(NamedTuple):
    """Some log lines in a row."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    def __str__(self) -> str:
        return f"{fmean(self.values):.0%} (steps {self.steps[0]} to {self.steps[-1]})"


class FallingRates:
    """The rates of a run so far. `planned` is how many log lines it is to have."""

    def __init__(self, planned: int) -> None:
        self._size = max(FEWEST, planned // BLOCKS)
        blocks = max(planned // self._size, 2)
        self._level = ALPHA / (blocks * (blocks - 1) / 2)
        self._lines: dict[str, list[tuple[int, float]]] = {rate: [] for rate in CALL_RATES}
        self._best: dict[str, _Block] = {}
        self._warned: dict[str, _Block] = {}
        """The best block when there was a warning: there is one for each."""

    def see(self, step: int, line: Mapping[str, float | None]) -> list[str]:
        """Take note of a log line, and return the warnings that it deserves."""
        warnings = []
        for rate, lines in self._lines.items():
            value = line.get(rate)
            if value is None:
                continue
            lines.append((step, value))
            if len(lines) == self._size:
                steps, values = zip(*lines, strict=True)
                warnings += self._compare(rate, _Block(steps, values))
                lines.clear()
        return warnings

    def _compare(self, rate: str, now: _Block) -> list[str]:
        best = self._best.setdefault(rate, now)
        if fmean(now.values) > fmean(best.values):
            self._best[rate] = now
        if self._warned.get(rate) is best or not self._has_fallen(best, now):
            return []
        self._warned[rate] = best
        return [f"{rate} fell from {best} to {now}. {REMEDIES[rate]}"]

    def _has_fallen(self, best: _Block, now: _Block) -> bool:
        if fmean(best.values) - fmean(now.values) < DROP:
            return False
        test = mannwhitneyu(now.values, best.values, alternative="less")
        return bool(test.pvalue < self._level)
