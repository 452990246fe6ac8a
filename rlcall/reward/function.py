"""A reward as the one function that TRL's GRPOTrainer calls.

reward_funcs = reward_function("graded", tokenizer, wire="hermes")
reward_funcs(prompts, completions, completion_ids, tools=["[...]"], answer=['{"calls": [...]}'])
# [0.8]
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rlcall.reward.completions import decode_completion, message_of
from rlcall.reward.load import load_reward
from rlcall.reward.log import metrics
from rlcall.reward.score import Reward, Score
from rlcall.verify import Verdict

Observer = Callable[[Sequence[int], Sequence[Any], Sequence[Verdict], Sequence[Score]], None]


def reward_function(
    rewards: str | Mapping[str, Any] | Reward = "graded",
    tokenizer: Any = None,
    wire: str = "auto",
    observe: Observer | None = None,
) -> RewardFunction:
    """Make a reward for TRL's GRPOTrainer, over rows with `tools` and `answer` as JSON text.

    With a `tokenizer`, completions are decoded from their ids with special tokens kept, since many
    wire formats are written in them and TRL's own text has lost them. `observe` gets every batch:
    the rows' column `place`, which it needs, the completions, verdicts and scores.
    """
    reward = rewards if isinstance(rewards, Reward) else load_reward(rewards)
    return RewardFunction(reward, tokenizer, wire, observe)


class RewardFunction:
    """The callable that TRL gets. It logs what each rule gave, and how often it applied and failed.

    `seconds` is the time that this process has spent in it. Raises RuleError as `Reward.score`
    does.
    """

    def __init__(self, reward: Reward, tokenizer: Any, wire: str, observe: Observer | None) -> None:
        self.__name__ = "reward"
        self.reward, self.tokenizer, self.wire, self.observe = reward, tokenizer, wire, observe
        self.seconds = 0.0

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        *,
        tools: Sequence[str],
        answer: Sequence[str],
        place: Sequence[int] = (),
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float | None]:
        start = time.perf_counter()
        texts = self._texts(completions, completion_ids)
        verdicts = [
            self.reward.verify(*row, wire=self.wire)
            for row in zip(texts, tools, answer, strict=True)
        ]
        scores = self.reward.score_all(verdicts)
        seconds = time.perf_counter() - start
        self.seconds += seconds
        if log_metric is not None:
            log_metric("reward/seconds", seconds)
            for verdict, score in zip(verdicts, scores, strict=True):
                for key, value in metrics(verdict, score).items():
                    log_metric(key, value)
        if self.observe is not None:
            self.observe(place, texts, verdicts, scores)
        for score in scores:
            self.reward.check(score)
        return [score.reward for score in scores]

    def _texts(self, completions: Sequence[Any], ids: Sequence[Sequence[int]] | None) -> list[Any]:
        if self.tokenizer is not None and ids is not None:
            return [decode_completion(self.tokenizer, tokens) for tokens in ids]
        return [message_of(completion) for completion in completions]
