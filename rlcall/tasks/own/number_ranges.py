"""Numbers that a parameter is likely to hold, by the words of its name: a data table.

usual_numbers(["max", "price"], is_whole=False)     # NumberRange(5, 900, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class NumberRange(NamedTuple):
    """Numbers from `low` to `high` with this many decimal places."""

    low: float
    high: float
    places: int = 0


# Words of a name -> what a number of that name usually is. The first line that has a word counts.
_RANGES = {
    "year": NumberRange(1990, 2030),
    "month": NumberRange(1, 12),
    "day days": NumberRange(1, 28),
    "hour hours": NumberRange(1, 23),
    "minute minutes duration": NumberRange(5, 55),
    "second seconds timeout": NumberRange(1, 59),
    "timestamp": NumberRange(1.6e9, 1.8e9),
    "latitude lat": NumberRange(-60, 60, 4),
    "longitude lon lng long": NumberRange(-170, 170, 4),
    "price amount cost budget salary income balance fee": NumberRange(5, 900, 2),
    "principal loan": NumberRange(1000, 90000),
    "percent percentage rate interest tax discount": NumberRange(1, 40, 1),
    "probability fraction ratio threshold": NumberRange(0, 1, 2),
    "temperature celsius fahrenheit": NumberRange(-10, 35, 1),
    "age": NumberRange(18, 80),
    "port": NumberRange(1024, 9999),
    "page pages limit count top quantity": NumberRange(1, 20),
    "guests people adults rooms seats tickets max n k": NumberRange(1, 20),
    "id identifier number": NumberRange(1000, 99999),
    "rating stars score": NumberRange(1, 5),
    "weight mass": NumberRange(1, 120, 1),
    "width height length depth radius size distance base": NumberRange(1, 500),
    "children infants": NumberRange(0, 4),
}


def usual_numbers(words: Sequence[str], is_whole: bool) -> NumberRange:
    """Return the numbers that a parameter of this name may mean; its last words say most."""
    for word in reversed(words):
        for line, numbers in _RANGES.items():
            if word in line.split():
                return numbers
    return NumberRange(1, 100) if is_whole else NumberRange(1, 100, 1)
