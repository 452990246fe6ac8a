"""Groups of completions for given rows, sampled by all ranks together: the half of dynamic sampling
that generates.

    class Trainer(GroupSampling): ...
    self._sample([4, 9])      # two groups, of all their completions, the same on every rank
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, gcd
from typing import Any

from accelerate.utils import gather_object
from trl import GRPOTrainer

from rlcall.train.groups.groups import Group, SampledCompletion
from rlcall.train.groups.worked_examples import EXAMPLE
from rlcall.train.resume.own_state import OwnState

Outcomes = Callable[[], Sequence[bool | None]]


class GroupSampling(OwnState, GRPOTrainer):
    """TRL's trainer with a way to sample groups of any rows.

    The column `place` of `train_dataset` is the index of each row.
    """

    args: Any
    model: Any
    num_generations: Any
    processing_class: Any
    train_dataset: Any
    _generate_single_turn: Any
    _generated = 0
    _oversample = 1
    _outcomes: Outcomes | None = None

    def _row(self, row_index: int, with_example: bool) -> dict[str, Any]:
        """Return a row as TRL gets it."""
        row: dict[str, Any] = self.train_dataset[row_index]
        return {**row, "prompt": row[EXAMPLE]} if with_example else row

    def _sample(self, row_indices: Sequence[int], with_example: bool = False) -> list[Group]:
        """Sample a group for each row, of all its completions.

        The ranks divide the work evenly, and each gets all that came out.
        """
        size = self.num_generations * self._oversample
        slots = [row_index for row_index in row_indices for _ in range(size)]
        rank_slots = self._rank_slice(slots)
        rows = [self._row(row_index, with_example) for row_index in rank_slots]
        prompts = [row["prompt"] for row in rows]
        tokenized = self._tokenize_prompts(prompts)
        ids, logprobs = self._generate_single_turn(*tokenized, size)
        texts = self.processing_class.batch_decode(ids, skip_special_tokens=True)
        rewards = self._calculate_rewards(rows, prompts, texts, ids)  # of all ranks
        nothing: list[Any] = [None] * len(rank_slots)
        outcomes = self._outcomes() if self._outcomes else nothing
        sampled = list(zip(rank_slots, ids, logprobs or nothing, outcomes, strict=True))
        completions = []
        for drawn, values in zip(gather_object(sampled), rewards.tolist(), strict=True):
            row_index, token_ids, token_logprobs, correct = drawn
            completions.append(
                SampledCompletion(
                    row_index, token_ids, token_logprobs, correct, values, with_example
                )
            )
        self._generated += len(completions)
        return [completions[begin : begin + size] for begin in range(0, len(completions), size)]

    def _divisible(self, count: int) -> int:
        """Return how many groups the ranks can divide evenly, at least `count`."""
        ranks = self.accelerator.num_processes
        unit = ranks // gcd(ranks, self.num_generations * self._oversample)
        return ceil(count / unit) * unit

    def _rank_slice(self, completions: Any) -> Any:
        """Return this rank's part of what has an item for each completion of all ranks."""
        length = len(completions) // self.accelerator.num_processes
        return completions[length * self.accelerator.process_index :][:length]
