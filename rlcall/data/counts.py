"""What a reader read, gave and set aside, so that nothing is dropped or repaired in silence.

print(counts)
# 400 read, 362 rows, 38 set aside
#   17  the gold gives an argument that its tool does not declare
#   ...
#   note: 211 arguments written as text were read as their declared type
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rlcall.data.rows import RowError


@dataclass(slots=True)
class Counts:
    """Filled by a reader. `set_aside` says of each entry that gave no row where and why; `notes` counts readings."""

    read: int = 0
    rows: int = 0
    set_aside: list[RowError] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        reasons = Counter(error.reason for error in self.set_aside)
        lines = [f"{self.read} read, {self.rows} rows, {len(self.set_aside)} set aside"]
        lines += [f"  {count:>6}  {reason}" for reason, count in reasons.most_common()]
        lines += [f"  note: {count} {note}" for note, count in self.notes.most_common()]
        return "\n".join(lines)
