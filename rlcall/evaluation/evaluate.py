"""The evaluation of a model in memory: what a stage of training makes of held-out rows.

result = evaluate(model, tokenizer, rows, "smollm2", reward, max_new_tokens=64, batch_size=32)
result.summary()
# {"rows": 64, "correct": 37, "accuracy": 0.578, "interval": [0.456, 0.691], "reward": 0.81, ...}
result.completions[0]
# {"id": "r1", "completion": "<tool_call>...", "correct": True, "reward": 1.0, "rules": {...}, ...}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rlcall.data.rows import Row
from rlcall.metrics.intervals import wilson_interval
from rlcall.metrics.judged_completion import JudgedCompletion, judge_completion
from rlcall.model.generate import generate
from rlcall.model.prompts import render_prompt
from rlcall.reward import Reward

if TYPE_CHECKING:
    from torch.nn import Module
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class StageResult:
    """Verdicts on one completion per row, in the rows' order, as objects for a JSON Lines file."""

    completions: list[dict[str, Any]]

    @property
    def outcomes(self) -> list[bool]:
        """The strict outcome of each completion, without rows that have no answer."""
        outcomes = [completion["correct"] for completion in self.completions]
        return [outcome for outcome in outcomes if outcome is not None]

    @property
    def records(self) -> list[JudgedCompletion]:
        """The same as what `rlcall.metrics` reads."""
        return [JudgedCompletion(**completion) for completion in self.completions]

    @property
    def correct(self) -> int:
        """The number of completions that are strictly correct."""
        return sum(self.outcomes)

    @property
    def accuracy(self) -> float | None:
        """The fraction that is strictly correct; None where no row has an answer."""
        return _mean(self.outcomes)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson_interval(self.correct, len(self.outcomes))

    @property
    def reward(self) -> float | None:
        """The mean reward."""
        return _mean(completion["reward"] for completion in self.completions)

    @property
    def rules(self) -> dict[str, float | None]:
        """Each rule's mean over the rows to which it applies; None where it applies to none."""
        means = {}
        for name in self.completions[0]["rules"]:
            means[name] = _mean(completion["rules"][name] for completion in self.completions)
        return means

    def summary(self) -> dict[str, Any]:
        """Return the figures as one JSON object."""
        return {
            "rows": len(self.outcomes),
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "reward": self.reward,
            "rules": self.rules,
        }


def evaluate(
    model: Module,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Row],
    wire: str,
    reward: Reward,
    *,
    max_new_tokens: int,
    batch_size: int,
) -> StageResult:
    """Write greedy completions for the rows and judge them.

    Every rank calls it and gets the same result.

    ValueError where there are no rows.
    """
    if not rows:
        raise ValueError("there are no rows to evaluate on")
    prompts = [render_prompt(row, tokenizer, wire) for row in rows]
    texts = generate(
        model, tokenizer, prompts, max_new_tokens=max_new_tokens, batch_size=batch_size
    )
    completions = []
    for index, (row, text) in enumerate(zip(rows, texts, strict=True)):
        completions.append(judge(row, text, wire, reward, index))
    return StageResult(completions)


def judge(row: Row, completion: str, wire: str, reward: Reward, index: int = 0) -> dict[str, Any]:
    """Return one completion of the row at `index`, judged, as a line that rlcall.metrics reads."""
    return judge_completion(index, 0, row, completion, wire, reward).to_json()


def _mean(values: Iterable[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None
