"""What rules failed on while a run trains: kept in the run's folder, and counted over all ranks until it is too much.

    runs/grpo/failures.jsonl
    {"rank": 1, "id": "r7", "failures": {"short": "ValueError: no such key (my_rules.py:3)"}, "completion": "..."}

Every rank writes its own lines when they come up, whole ones, so that they are there however the run ends.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row
from rlcall.reward import Reward, RewardError, RuleError, Score

KEPT = 100  # completions that a rank keeps, at most
LONGEST = 10_000  # characters of each of them
WINDOW, SHARE, LEAST = 1000, 0.01, 10


class Failures:
    """The completions on which rules failed, on this rank since the last step and on all ranks lately.

    `rows` are the training rows. The run ends once more than 1 %, and at least 10, of the last 1,000 completions of
    all ranks together failed.
    """

    def __init__(self, file: Path, rank: int, reward: Reward, rows: Sequence[Row]) -> None:
        self._file, self._rank, self._reward, self._rows = file, rank, reward, rows
        self._kept = 0
        self._since: list[str | None] = []
        self._lately: deque[str | None] = deque(maxlen=WINDOW)

    def observe(
        self, places: Sequence[int], completions: Sequence[Any], scores: Sequence[Score]
    ) -> None:
        """Note what failed. Raises RuleError where a rule failed whose `on_error` is `raise`."""
        for place, completion, score in zip(places, completions, scores, strict=True):
            self._since.append(_cause(score))
            if score.failures:
                self._keep(self._rows[place].id, completion, score)
                self._check(score)

    def check(self) -> None:
        """At the end of a step, on all ranks. Raises RewardError, on all of them, where too much has failed."""
        from accelerate.utils import gather_object

        self._lately.extend(gather_object(self._since))
        self._since = []
        failed = [cause for cause in self._lately if cause is not None]
        if len(failed) >= LEAST and len(failed) > SHARE * len(self._lately):
            raise RewardError(
                f"rules failed on {len(failed)} of the last {len(self._lately)} completions, over 1 %; the last was "
                f"{failed[-1]}. The completions are in {self._file}"
            )

    def _check(self, score: Score) -> None:
        try:
            self._reward.check(score)
        except RuleError as error:
            raise RuleError(f"{error}. The completion is in {self._file}") from None

    def _keep(self, row: str | None, completion: Any, score: Score) -> None:
        if self._kept == KEPT:
            return
        self._kept += 1
        text = completion if isinstance(completion, str) else json.dumps(completion)
        line = {
            "rank": self._rank,
            "id": row,
            "failures": score.failures,
            "completion": text[:LONGEST],
        }
        with self._file.open(
            "ab", buffering=0
        ) as file:  # one write: lines of several ranks do not mix
            file.write(json.dumps(line).encode() + b"\n")


def _cause(score: Score) -> str | None:
    """The first rule that failed and why, in one line; None where none did."""
    return next((f"the rule {name!r}: {cause}" for name, cause in score.failures.items()), None)
