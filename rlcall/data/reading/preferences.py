"""Preferences: a row whose right reply is the one that was chosen, and the reply that was not.

    with_rejected(rows, chosen, {"role": "assistant", "content": "No idea."}, notes)
    # PreferenceRow(..., chosen={...}, rejected={...}), ...

As rows they are rows like others, without the rejected reply; `rlcall pairs` makes pairs of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from rlcall.data.rows import Row, RowError

REJECTED = "rejected replies are read by `rlcall pairs` alone"  # a note


@dataclass(frozen=True)
class PreferenceRow(Row):
    """A row with the replies that were chosen and rejected, as an assistant's messages."""

    chosen: dict[str, Any] = field(default_factory=dict)
    rejected: dict[str, Any] = field(default_factory=dict)


def with_rejected(
    items: Iterable[Row | RowError],
    chosen: dict[str, Any],
    rejected: dict[str, Any],
    notes: list[str],
) -> Iterator[Row | RowError]:
    """Yield rows as preferences, each with both replies, and errors as they are."""
    for item in items:
        if isinstance(item, Row):
            notes.append(REJECTED)
            values = {member.name: getattr(item, member.name) for member in fields(Row)}
            yield PreferenceRow(**values, chosen=chosen, rejected=rejected)
        else:
            yield item
