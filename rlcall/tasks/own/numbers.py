"""Numbers for a JSON Schema: within its bounds, and as its parameter's name makes one expect.

numbers({"type": "integer", "exclusiveMinimum": 1980, "multipleOf": 4}, ["year"])(draw)
# Value("1996", 1996)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import in_words
from rlcall.tasks.own.number_ranges import usual_numbers

IN_WORDS = 0.2  # share of small whole numbers that are said in words
WINDOW = 99  # how many steps from a bound are drawn where the usual numbers lie outside
FINEST = 6  # times that the step is divided by ten until enough of its multiples are permitted
ENOUGH = 4


class Grid(NamedTuple):
    """The numbers `k * step` for each whole k from `low` to `high`."""

    step: Fraction
    low: int
    high: int


def numbers(schema: Mapping[str, Any], words: Sequence[str]) -> Callable[[Draw], Value]:
    """Return a drawer of numbers that keep the schema's bounds and `multipleOf`.

    `words` are those of the parameter's name. ValueError where no number is permitted.
    """
    step, low, high = _grid(schema, words)
    decimal_step = Decimal(step.numerator) / Decimal(step.denominator)

    def draw_number(draw: Draw) -> Value:
        exact = draw.between(low, high) * decimal_step
        if exact != exact.to_integral_value():
            return Value(f"{exact.normalize():f}", float(exact))
        value = int(exact)
        if 2 <= value <= 20 and draw.chance(IN_WORDS):
            return Value(in_words(value), value)
        return Value(str(value), value)

    return draw_number


def _grid(schema: Mapping[str, Any], words: Sequence[str]) -> Grid:
    """Choose what to draw from: multiples of the widest step of which enough are permitted."""
    is_whole = schema.get("type") == "integer"
    usual = usual_numbers(words, is_whole)
    steps = _steps(schema.get("multipleOf"), is_whole, usual.places)
    for step in steps:
        enough = 0 if step == steps[-1] else ENOUGH
        low, high = _bounds(schema, step)
        usual_low = math.ceil(Fraction(usual.low) / step)
        usual_high = math.floor(Fraction(usual.high) / step)
        if min(high, usual_high) - max(low, usual_low) >= enough:
            return Grid(step, int(max(low, usual_low)), int(min(high, usual_high)))
        if high - low >= enough:  # nothing usual is permitted: take what is next to a bound
            start = next(k for k in (low, high - WINDOW, usual_low) if math.isfinite(k))
            return Grid(step, int(start), int(min(high, start + WINDOW)))
    raise ValueError("no number lies within its bounds")


def _steps(multiple: float | None, is_whole: bool, places: int) -> list[Fraction]:
    """List the steps to try, the widest first."""
    if multiple:
        step = Fraction(str(multiple))
        # The numerator is the least whole number that is a multiple of it.
        return [Fraction(step.numerator) if is_whole else step]
    if is_whole:
        return [Fraction(1)]
    return [Fraction(1, 10 ** (places + finer)) for finer in range(FINEST + 1)]


def _bounds(schema: Mapping[str, Any], step: Fraction) -> tuple[float, float]:
    """Return the least and the greatest k for which k * step is permitted, or infinities."""
    low = _least(schema.get("minimum"), schema.get("exclusiveMinimum"), step)
    # The greatest k below a bound is the least one above the bound's mirror image.
    high = _least(_negated(schema.get("maximum")), _negated(schema.get("exclusiveMaximum")), step)
    return low, -high


def _negated(bound: Any) -> Any:
    return bound if bound is None or isinstance(bound, bool) else -bound


def _least(bound: float | None, strict: float | bool | None, step: Fraction) -> float:
    """Return the least k for which k * step is at least one bound and above the other."""
    if strict is True:  # draft 4: it says that the bound itself is not permitted
        bound, strict = None, bound
    low = -math.inf
    if bound is not None:
        low = max(low, math.ceil(Fraction(str(bound)) / step))
    if strict is not None and strict is not False:
        low = max(low, math.floor(Fraction(str(strict)) / step) + 1)
    return low
