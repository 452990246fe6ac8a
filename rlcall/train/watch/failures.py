"""The failures of rules while a run trains: kept in its folder, and counted over all ranks.

    runs/grpo/failures.jsonl
    {"rank": 1, "id": "r7", "failures": {"short": "ValueError: no such key (my_rules.py:3)"},
     "completion": "..."}

Every rank writes its own lines at once, each in one piece, so that they are there however the run
ends.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row
from rlcall.reward import Reward, RewardError, RuleError, Score

LINES_PER_RANK = 100  # completions that a rank writes down, at most
LONGEST = 10_000  # characters of each of them
WINDOW = 1000  # completions of all ranks that are looked at
TOLERATED = 0.01  # of them may fail
FEWEST = 10  # failures that end a run


class Failures:
    """The completions on which rules failed: on this rank since the last step, on all lately.

    `rows` are the training rows. The run ends once more than 1 %, and at least 10, of the last
    1,000 completions of all ranks together failed.
    """

    def __init__(self, file: Path, rank: int, reward: Reward, rows: Sequence[Row]) -> None:
        self._file, self._rank = file, rank
        self._reward, self._rows = reward, rows
        self._lines_written = 0
        self._since_last_step: list[str | None] = []
        self._recent: deque[str | None] = deque(maxlen=WINDOW)

    def observe(
        self, row_indices: Sequence[int], completions: Sequence[Any], scores: Sequence[Score]
    ) -> None:
        """Note what failed. Raises RuleError where a rule failed whose `on_error` is `raise`."""
        for index, completion, score in zip(row_indices, completions, scores, strict=True):
            self._since_last_step.append(_first_cause(score))
            if score.failures:
                self._write(self._rows[index].id, completion, score)
                self._check_score(score)

    def check(self) -> None:
        """Count over all ranks at the end of a step.

        Raises RewardError, on all of them, where too much has failed.
        """
        from accelerate.utils import gather_object

        self._recent.extend(gather_object(self._since_last_step))
        self._since_last_step = []
        causes = [cause for cause in self._recent if cause is not None]
        if len(causes) >= FEWEST and len(causes) > TOLERATED * len(self._recent):
            raise RewardError(
                f"rules failed on {len(causes)} of the last {len(self._recent)} completions, over "
                f"1 %; the last was {causes[-1]}. The completions are in {self._file}"
            )

    def _check_score(self, score: Score) -> None:
        try:
            self._reward.check(score)
        except RuleError as error:
            raise RuleError(f"{error}. The completion is in {self._file}") from None

    def _write(self, row: str | None, completion: Any, score: Score) -> None:
        if self._lines_written == LINES_PER_RANK:
            return
        self._lines_written += 1
        text = completion if isinstance(completion, str) else json.dumps(completion)
        failure = {
            "rank": self._rank,
            "id": row,
            "failures": score.failures,
            "completion": text[:LONGEST],
        }
        # one unbuffered write, so that lines of several ranks do not mix
        with self._file.open("ab", buffering=0) as file:
            file.write(json.dumps(failure).encode() + b"\n")


def _first_cause(score: Score) -> str | None:
    """Return the first rule that failed and why, in one line; None where none did."""
    for name, cause in score.failures.items():
        return f"the rule {name!r}: {cause}"
    return None
