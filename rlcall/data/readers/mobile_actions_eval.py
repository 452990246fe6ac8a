"""Mobile Actions' records held out for evaluation: those with `metadata` "eval".

    {"metadata": "eval", "tools": [...], "messages": [...]}

Otherwise as `mobile_actions`; nothing is trained on them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rlcall.data.reading.counts import Reading
from rlcall.data.reading.mobile_actions import readings

BENCHMARK = True


def read(path: str) -> Iterator[Reading]:
    """Read the records of a file that are held out. RowError for a file that cannot be read."""
    return readings(path, "eval")
