"""GRPO whose groups teach something: those with equal rewards are replaced by groups of fresh prompts, up to a cap.

    trainer.sample_dynamically(rounds=2, std_floor=0.05)
    # before: rewards [[1, 1], [0, 1], [0, 0]]     round 1: two fresh prompts, [[0.5, 1], [1, 1]]
    # after:          [[0.5, 1], [0, 1], [0, 0]]   round 2: one more, and so on; what is still equal then stays

This is DAPO's dynamic sampling (arXiv 2503.14476, section 3.2) with a cap. The completions that are kept go through
TRL's own `_generate_and_score_completions` once: it finds them where it would generate, and their rewards where it
would ask for them, so that masks, old and reference log-probabilities, advantages and metrics are TRL's own.
It rests on these internals of TRL 1.16: `_generate_and_score_completions`, and what that calls for text prompts,
`_tokenize_prompts`, `_generate_single_turn` and `_calculate_rewards`; `_metrics`, `_pending_metrics` and `_step`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from random import Random
from typing import TYPE_CHECKING, Any

import torch
from accelerate.utils import gather_object
from trl import GRPOTrainer

from rlcall.train.groups.groups import (
    Group,
    Sampled,
    fresh_places,
    group_shares,
    have_equal_rewards,
    share_of,
    std_factor,
    total_rewards,
)

if TYPE_CHECKING:
    from rlcall.train.groups.pace import Pace

Outcomes = Callable[[], Sequence[bool | None]]


class DynamicSampling(GRPOTrainer):
    """TRL's trainer, and nothing else but what it logs until `sample_dynamically` is called.

    The column `place` of `train_dataset` counts its rows.
    """

    args: Any
    model: Any
    num_generations: Any
    processing_class: Any
    train_dataset: Any
    _rounds = 0
    _std_floor = 0.0
    _generated = 0
    _outcomes: Outcomes | None = None
    _pace: Pace | None = None
    _kept: list[Sampled] | None = None

    def sample_dynamically(
        self,
        rounds: int = 0,
        std_floor: float = 0.0,
        outcomes: Outcomes | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Replace groups of equal rewards in at most so many rounds; divide by no standard deviation below the floor.

        `outcomes` tells the strict outcomes of the completions that this rank scored last; `pace` which rows are taken.
        """
        self._rounds, self._std_floor, self._pace = rounds, std_floor, pace
        self._outcomes = outcomes

    def own_state(self) -> dict[str, Any]:
        """What a checkpoint must keep: the count of completions, and the curriculum's level. JSON values."""
        inherited: dict[str, Any] = getattr(super(), "own_state", dict)()
        pace = self._pace.state() if self._pace else {}
        return {**inherited, "dynamic_sampling": {"generated": self._generated, "pace": pace}}

    def restore_own_state(self, state: dict[str, Any]) -> None:
        getattr(super(), "restore_own_state", lambda _: None)(state)
        self._generated = state["dynamic_sampling"]["generated"]
        if self._pace:
            self._pace.restore(state["dynamic_sampling"]["pace"])

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        if not self.model.training:
            return super()._generate_and_score_completions(inputs)
        first = self._sample(self._first_places(inputs))
        pending = {name: list(values) for name, values in self._pending_metrics.items()}
        groups, rounds = self._refilled(first)
        self._pending_metrics.clear()
        self._pending_metrics.update(
            pending
        )  # the rules' means are of the prompts as they came, not as selected
        self._kept = [one for group in groups for one in group]
        try:
            output = super()._generate_and_score_completions(
                [self.train_dataset[one.place] for one in self._own()]
            )
            self._temper(output)
        finally:
            self._kept = None
        self._log_groups(first, groups, rounds)
        if self._pace:
            self._pace.observe([one.correct for group in first for one in group])
        return output

    def _generate_single_turn(
        self, *args: Any, **kwargs: Any
    ) -> tuple[list[list[int]], list[list[float]] | None]:
        if self._kept is None:
            return super()._generate_single_turn(*args, **kwargs)
        own = self._own()
        logprobs = [one.logprobs for one in own if one.logprobs is not None]
        return [one.ids for one in own], logprobs or None

    def _calculate_rewards(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        if self._kept is None:
            return super()._calculate_rewards(*args, **kwargs)
        return torch.tensor([one.rewards for one in self._kept], device=self.accelerator.device)

    def _first_places(self, inputs: list[dict[str, Any]]) -> list[int]:
        """The place of each group's row, on all ranks: as TRL drew them, or as the curriculum does."""
        count = len(inputs) * self.accelerator.num_processes // self.num_generations
        if self._pace:
            return self._pace.places(self._generation, self.state.global_step, count)
        own = [row["place"] for row in inputs]
        return gather_object(own)[:: self.num_generations]

    def _sample(self, places: Sequence[int]) -> list[Group]:
        """A group for each place. The ranks share the work evenly, and each gets all that came out."""
        share = len(places) * self.num_generations // self.accelerator.num_processes
        slots = [place for place in places for _ in range(self.num_generations)]
        own = slots[share * self.accelerator.process_index :][:share]
        rows = [self.train_dataset[place] for place in own]
        prompts = [row["prompt"] for row in rows]
        ids, logprobs = self._generate_single_turn(
            *self._tokenize_prompts(prompts), self.num_generations
        )
        texts = self.processing_class.batch_decode(ids, skip_special_tokens=True)
        rewards = self._calculate_rewards(rows, prompts, texts, ids).tolist()
        nothing: list[Any] = [None] * share
        correct = self._outcomes() if self._outcomes else nothing
        drawn: list[Any] = gather_object(
            list(zip(own, ids, logprobs or nothing, correct, strict=True))
        )
        self._generated += len(drawn)
        made = [Sampled._make((*one, given)) for one, given in zip(drawn, rewards, strict=True)]
        return [
            made[start : start + self.num_generations]
            for start in range(0, len(made), self.num_generations)
        ]

    def _refilled(self, first: Sequence[Group]) -> tuple[list[Group], int]:
        """The groups after refilling, and in how many rounds. Every rank sees all rewards, so all do the same."""
        groups, tried = list(first), {group[0].place for group in first}
        for number in range(self._rounds):
            equal = [slot for slot, group in enumerate(groups) if self._is_equal(group)]
            if not equal:
                return groups, number
            places = self._fresh(groups, tried, len(equal), number)
            tried.update(places)
            differing = [group for group in self._sample(places) if not self._is_equal(group)]
            for slot, group in zip(equal, differing, strict=False):
                groups[slot] = group
        return groups, self._rounds

    def _fresh(
        self, groups: Sequence[Group], tried: set[int], count: int, number: int
    ) -> list[int]:
        """Places for a round, as many as the ranks can share evenly."""
        unit = self.accelerator.num_processes // gcd(
            self.accelerator.num_processes, self.num_generations
        )
        pool = (
            self._pace.pool(self.state.global_step)
            if self._pace
            else range(len(self.train_dataset))
        )
        rng = Random(f"refill {self.args.seed} {self._generation} {number}")
        return fresh_places(
            pool, {group[0].place for group in groups}, tried, -(-count // unit) * unit, rng
        )

    def _is_equal(self, group: Group) -> bool:
        return have_equal_rewards([one.rewards for one in group], self.reward_weights)

    def _temper(self, output: dict[str, Any]) -> None:
        """Divide by the floor where TRL divided by less."""
        if (
            self._kept is None
            or self._std_floor <= 0
            or self.multi_objective_aggregation != "sum_then_normalize"
        ):
            return
        rewards = total_rewards([one.rewards for one in self._kept], self.reward_weights)
        factor = std_factor(rewards, self.num_generations, self.scale_rewards, self._std_floor)
        output["advantages"] *= self._own(factor).to(output["advantages"])

    def _own(self, whole: Any = None) -> Any:
        """This rank's part of what is kept, or of something else with one item for each completion."""
        whole = self._kept if whole is None else whole
        share = len(whole) // self.accelerator.num_processes
        return whole[share * self.accelerator.process_index :][:share]

    def _log_groups(self, first: Sequence[Group], groups: Sequence[Group], rounds: int) -> None:
        shares = group_shares(first, self._is_equal) | {
            "groups/refilled": share_of(
                new is not old for old, new in zip(first, groups, strict=True)
            ),
            "groups/equal_left": share_of(map(self._is_equal, groups)),
            "groups/rounds": float(rounds),
        }
        if self._pace:
            shares["curriculum/level"] = float(self._pace.level(self.state.global_step))
        for name, value in shares.items():
            self._metrics["train"][name].append(value)
        self._metrics["train"]["groups/generated"] = [self._generated]  # a count so far, not a mean

    @property
    def _generation(self) -> int:
        """The number of the generation that is due, from 0."""
        return self._step // (self.args.steps_per_generation * self.num_iterations)
