"""Numbers for a JSON Schema: within its bounds, and as its parameter's name makes one expect.

numbers({"type": "integer", "exclusiveMinimum": 1980, "multipleOf": 4}, ["year"])(draw)    # Value("1996", 1996)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import in_words
from rlcall.tasks.own.values import span

IN_WORDS = 0.2  # share of small whole numbers that are said in words
WINDOW = 99  # how many steps from a bound are drawn where what is usual lies outside
FINEST = 6  # times that the step between numbers is divided by ten until enough of them lie within the bounds
ENOUGH = 4


def numbers(schema: Mapping[str, Any], words: Sequence[str]) -> Callable[[Draw], Value]:
    """A drawer of numbers that keep `minimum`, `maximum`, the exclusive ones and `multipleOf`. ValueError for none."""
    whole = schema.get("type") == "integer"
    step, low, high = _grid(schema, words, whole)
    as_decimal = Decimal(step.numerator) / Decimal(step.denominator)

    def drawn(draw: Draw) -> Value:
        exact = draw.between(low, high) * as_decimal
        value = int(exact) if exact == exact.to_integral_value() else float(exact)
        if isinstance(value, int) and 2 <= value <= 20 and draw.chance(IN_WORDS):
            return Value(in_words(value), value)
        return Value(f"{value}" if isinstance(value, int) else f"{exact.normalize():f}", value)

    return drawn


def _grid(
    schema: Mapping[str, Any], words: Sequence[str], whole: bool
) -> tuple[Fraction, int, int]:
    """What to draw from: k times the step, with the least and the greatest k."""
    usual = span(words, whole)
    given = schema.get("multipleOf")
    step = Fraction(str(given)) if given else Fraction(1, 1 if whole else 10**usual.places)
    step = (
        Fraction(step.numerator) if whole else step
    )  # the least whole number that is a multiple of it
    for left in range(0 if given or whole else FINEST, -1, -1):
        low, high = _bounds(schema, step)
        least, most = math.ceil(Fraction(usual.low) / step), math.floor(Fraction(usual.high) / step)
        if min(high, most) - max(low, least) >= (ENOUGH if left else 0):
            return step, int(max(low, least)), int(min(high, most))
        if low <= high and (high - low >= ENOUGH or not left):
            start = low if low > -math.inf else high - WINDOW
            return step, int(start), int(min(high, start + WINDOW))
        step /= 10
    raise ValueError("no number lies within its bounds")


def _bounds(schema: Mapping[str, Any], step: Fraction) -> tuple[float, float]:
    """The least and the greatest k for which k times the step is permitted; infinite where there is no bound."""
    lows, highs = [-math.inf], [math.inf]
    for key, strict_key, bounds, side in (
        ("minimum", "exclusiveMinimum", lows, 1),
        ("maximum", "exclusiveMaximum", highs, -1),
    ):
        bound, strict = schema.get(key), schema.get(strict_key)
        if strict is True:  # draft 4: a word about the bound
            bound, strict = None, bound
        if bound is not None:
            bounds.append(side * math.ceil(side * Fraction(str(bound)) / step))
        if strict is not None and strict is not False:
            bounds.append(side * (math.floor(side * Fraction(str(strict)) / step) + 1))
    return max(lows), min(highs)
