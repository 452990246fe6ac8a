"""The reach of one attack on all rows, and the completion that got furthest.

finding = RewardFinding("one junk call", "surplus")
finding.add("<tool_call>...", "row 7", reached=0.96)
finding.ok, finding.failed, finding.tried       # False, 1, 1: a surplus call must cost half
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rlcall.audit.attacks import PROPERTIES

Completion = str | Mapping[str, Any]


@dataclass(slots=True)
class RewardFinding:
    """The reach of one attack, and the completion and row that got it there.

    `reached` is the highest reward; the lowest where 1.0 is due; the deepest fall for mending.
    `error` is what a rule did against its contract: it comes before any reward.
    """

    attack: str
    tests: str
    tried: int = 0
    failed: int = 0
    reached: float | None = None
    row: str | None = None
    completion: Completion | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return not self.failed

    def add(
        self,
        completion: Completion,
        row: str | None,
        reached: float = 0.0,
        error: str | None = None,
    ) -> None:
        """Count one more completion, and keep it if it got further than all before it.

        The first one that made a rule break its contract is kept before any other.
        """
        tested = PROPERTIES[self.tests]
        self.tried += 1
        if error is not None or not tested.allows(reached):
            self.failed += 1
        if self.error is not None:
            return
        if error is not None:
            self.reached, self.error = None, error
        elif self.reached is None or tested.is_further(reached, self.reached):
            self.reached = reached
        else:
            return
        self.completion, self.row = completion, row

    def to_json(self) -> dict[str, Any]:
        """Return the finding as `rlcall audit --out` writes it."""
        return {**asdict(self), "ok": self.ok}
