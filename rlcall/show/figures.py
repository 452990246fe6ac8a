"""Estimates as cells of a table: the 95 % interval after the figure, a dash for what is unknown.

percent(Estimate(0.578, 0.456, 0.691, 64))     # Cell("57.8", "45.6 to 69.1")
change(Estimate(-0.3, -0.42, -0.18, 64))       # Cell("−30.0", "−42.0 to −18.0", emphasised=True)
"""

from __future__ import annotations

from rlcall.metrics.intervals import Estimate
from rlcall.show.table import Cell

UNKNOWN = Cell("–")
SIGNIFICANT = 0.05


def percent(estimate: Estimate) -> Cell:
    """Return a value in [0, 1] in percent: `57.8` and `45.6 to 69.1`."""
    return _figure(estimate, 100, ".1f")


def number(estimate: Estimate) -> Cell:
    """Return a value as it is: `0.91` and `0.84 to 0.97`."""
    return _figure(estimate, 1, ".2f")


def change(estimate: Estimate, p: float | None = None) -> Cell:
    """Return a difference in percentage points with its sign, emphasised where it is not chance.

    A bootstrap of few rows that differ is too sure of itself, so the p-value of another test, where
    there is one, must agree with the interval.
    """
    cell = _figure(estimate, 100, "+.1f")
    low, high = estimate.low, estimate.high
    is_off_zero = low is not None and high is not None and (low > 0 or high < 0)
    return Cell(cell.text, cell.interval, is_off_zero and (p is None or p < SIGNIFICANT))


def p_value(p: float | None) -> Cell:
    """Return a p-value with as many digits as tell something."""
    if p is None:
        return UNKNOWN
    if p < 0.0001:
        return Cell("< 0.0001")
    return Cell(f"{p:.4f}" if p < 0.01 else f"{p:.2f}")


def _figure(estimate: Estimate, scale: float, form: str) -> Cell:
    if estimate.value is None:
        return UNKNOWN
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        low, high = _signed(scale * estimate.low, form), _signed(scale * estimate.high, form)
        interval = f"{low} to {high}"
    return Cell(_signed(scale * estimate.value, form), interval)


def _signed(value: float, form: str) -> str:
    """Return the number with a real minus sign, and zero without any."""
    text = format(value, form)
    is_zero = not any(digit in text for digit in "123456789")
    return text.lstrip("+-") if is_zero else text.replace("-", "−")
