"""GRPO whose groups teach something: those of equal rewards are replaced by fresh prompts'.

    trainer.sample_dynamically(rounds=2, std_floor=0.05)
    # before: rewards [[1, 1], [0, 1], [0, 0]]     round 1: two fresh prompts, [[0.5, 1], [1, 1]]
    # after:          [[0.5, 1], [0, 1], [0, 0]]   round 2: one more, and so on
    # A group that is still equal after the last round stays.
    trainer.sample_dynamically(oversample=2)
    # before: rewards [[1, 0, 0, 0]], twice as many as a group has     after: [[1, 0]]

This is DAPO's dynamic sampling (arXiv 2503.14476, section 3.2) with a cap, after a choice of the
completions that differ most (`rlcall.train.groups.oversampling`). The selected completions
go through TRL's own `_generate_and_score_completions` once: it finds them where it would generate,
and their rewards where it would ask for them, so that masks, old and reference log-probabilities,
advantages and metrics are TRL's own. It rests on these internals of TRL 1.16:
`_generate_and_score_completions`, and what that calls for text prompts, `_tokenize_prompts`,
`_generate_single_turn` and `_calculate_rewards`; `_metrics`, `_pending_metrics` and `_step`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import torch
from accelerate.utils import gather_object

from rlcall.train.groups.group_sampling import GroupSampling, Outcomes
from rlcall.train.groups.groups import (
    Group,
    SampledCompletion,
    all_outcomes_are,
    fraction,
    group_figures,
    is_equal,
    narrowed,
    spread,
    std_factor,
    total_rewards,
)
from rlcall.train.groups.oversampling import widest_groups
from rlcall.train.groups.row_draw import RowDraw
from rlcall.train.groups.worked_examples import EXAMPLE

if TYPE_CHECKING:
    from rlcall.train.groups.curriculum import Curriculum
    from rlcall.train.groups.twin_pairs import TwinPairs


class DynamicSampling(GroupSampling):
    """TRL's trainer, and nothing else but what it logs until `sample_dynamically` is called.

    The column `place` of `train_dataset` is the index of each row.
    """

    _rounds = 0
    _worked_examples = False
    _oversample_prompts = 1
    _std_floor = 0.0
    _curriculum: Curriculum | None = None
    _draw: RowDraw | None = None
    _selected: list[SampledCompletion] | None = None
    """The completions of all ranks that TRL is to find while it asks for its own."""

    def sample_dynamically(
        self,
        rounds: int = 0,
        std_floor: float = 0.0,
        outcomes: Outcomes | None = None,
        curriculum: Curriculum | None = None,
        twins: TwinPairs | None = None,
        oversample: int = 1,
        oversample_prompts: int = 1,
        worked_examples: bool = False,
    ) -> None:
        """Replace groups of equal rewards, in at most this many rounds for each generation.

        Advantages are divided by no standard deviation below `std_floor`.

        `outcomes` gives the strict outcomes of the completions that this rank scored last;
        `curriculum` and `twins` say which rows are taken. Of `oversample` times the completions
        and `oversample_prompts` times the prompts, those are kept whose rewards vary most. With
        `worked_examples`, groups that are all wrong are sampled again with the prompts of the
        column EXAMPLE, which are then those that are learned from.
        """
        self._rounds, self._std_floor = rounds, std_floor
        self._outcomes, self._curriculum = outcomes, curriculum
        self._oversample, self._oversample_prompts = oversample, oversample_prompts
        self._worked_examples = worked_examples
        rows = range(len(self.train_dataset))
        self._draw = RowDraw(rows, self.args.seed, curriculum, twins)

    def own_state(self) -> dict[str, Any]:
        """Return the count of completions, and the curriculum's level. JSON values."""
        level = self._curriculum.state() if self._curriculum else {}
        sampling = {"generated": self._generated, "pace": level}
        return {**super().own_state(), "dynamic_sampling": sampling}

    def restore_own_state(self, state: dict[str, Any]) -> None:
        """Take them up."""
        super().restore_own_state(state)
        sampling = state["dynamic_sampling"]
        self._generated = sampling["generated"]
        if self._curriculum:
            self._curriculum.restore(sampling["pace"])

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        if not self.model.training:
            return super()._generate_and_score_completions(inputs)
        drawn = self._sample(self._first_rows(inputs))
        pending = {name: list(values) for name, values in self._pending_metrics.items()}
        first = self._with_examples(self._widest(drawn))
        tried = {group[0].row_index for group in drawn}
        groups, rounds = self._refill(first, tried)
        # The rules' means are of the prompts as they came, not of those that were selected.
        self._pending_metrics.clear()
        self._pending_metrics.update(pending)

        self._selected = []
        for group in groups:
            self._selected += group
        try:
            selected = self._rank_slice(self._selected)
            rows = []
            for completion in selected:
                rows.append(self._row(completion.row_index, completion.with_example))
            output = super()._generate_and_score_completions(rows)
            self._apply_std_floor(output)
        finally:
            self._selected = None
        self._log_groups(drawn, first, groups, rounds)
        if self._curriculum:
            outcomes: list[bool | None] = []
            for group in drawn:
                outcomes += [completion.correct for completion in group]
            self._curriculum.observe(outcomes)
        return output

    def _generate_single_turn(
        self, *args: Any, **kwargs: Any
    ) -> tuple[list[list[int]], list[list[float]] | None]:
        if self._selected is None:
            return super()._generate_single_turn(*args, **kwargs)
        ids, logprobs = [], []
        for completion in self._rank_slice(self._selected):
            ids.append(completion.ids)
            if completion.logprobs is not None:
                logprobs.append(completion.logprobs)
        return ids, logprobs or None

    def _calculate_rewards(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        if self._selected is None:
            return super()._calculate_rewards(*args, **kwargs)
        rewards = [completion.rewards for completion in self._selected]
        return torch.tensor(rewards, device=self.accelerator.device)

    def _first_rows(self, inputs: list[dict[str, Any]]) -> list[int]:
        """Return the row of each group, on all ranks."""
        by_trl = gather_object([row["place"] for row in inputs])[:: self.num_generations]
        if self._draw is None:
            return by_trl
        count = len(by_trl) * self._oversample_prompts
        return self._draw.first(by_trl, self._generation, self.state.global_step, count)

    def _widest(self, drawn: Sequence[Group]) -> list[Group]:
        """Return as many groups and completions as a step learns from: those that vary most."""
        groups = [self._narrowed(group) for group in drawn]
        if self._draw is None or self._oversample_prompts == 1:
            return groups
        variances = [spread(group, self.reward_weights) for group in groups]
        companions = self._draw.companions([group[0].row_index for group in groups])
        kept = widest_groups(variances, len(groups) // self._oversample_prompts, companions)
        return [groups[index] for index in kept]

    def _with_examples(self, groups: list[Group]) -> list[Group]:
        """Sample groups that are all wrong again with a worked example, and keep those not so."""
        if not self._worked_examples:
            return groups
        slots = []
        for slot, group in enumerate(groups):
            has_example = bool(self.train_dataset[group[0].row_index][EXAMPLE])
            if has_example and all_outcomes_are(group, False):
                slots.append(slot)
        if not slots:
            return groups
        count = self._divisible(len(slots))
        row_indices = [groups[slot][0].row_index for slot in islice(cycle(slots), count)]
        sampled = self._sample(row_indices, with_example=True)
        groups = list(groups)
        for slot, group in zip(slots, sampled, strict=False):  # there may be more
            if not all_outcomes_are(group, False):
                groups[slot] = self._narrowed(group)
        return groups

    def _narrowed(self, group: Group) -> Group:
        return narrowed(group, self.reward_weights, self.num_generations)

    def _refill(self, first: Sequence[Group], tried: set[int]) -> tuple[list[Group], int]:
        """Return the groups after refilling, and in how many rounds.

        Every rank sees all rewards, so that all do the same.
        """
        groups = list(first)
        for number in range(self._rounds):
            equal = [slot for slot, group in enumerate(groups) if self._is_equal(group)]
            if not equal:
                return groups, number
            row_indices = self._fresh_rows(groups, tried, len(equal), number)
            tried.update(row_indices)
            fresh = map(self._narrowed, self._sample(row_indices))
            differing = [group for group in fresh if not self._is_equal(group)]
            for slot, group in zip(equal, differing, strict=False):  # there may be fewer, or more
                groups[slot] = group
        return groups, self._rounds

    def _fresh_rows(
        self, groups: Sequence[Group], tried: set[int], count: int, number: int
    ) -> list[int]:
        """Return rows for a round: at least `count`, and as many as the ranks can divide evenly."""
        count = self._divisible(count)
        present = {group[0].row_index for group in groups}
        name = f"refill {self.args.seed} {self._generation} {number}"
        assert self._draw
        return self._draw.fresh(present, tried, count, self.state.global_step, name)

    def _is_equal(self, group: Group) -> bool:
        return is_equal(group, self.reward_weights)

    def _apply_std_floor(self, output: dict[str, Any]) -> None:
        """Divide by the floor where TRL divided by less."""
        is_scaled = self.multi_objective_aggregation == "sum_then_normalize"
        if self._selected is None or self._std_floor <= 0 or not is_scaled:
            return
        rewards = [completion.rewards for completion in self._selected]
        totals = total_rewards(rewards, self.reward_weights)
        factor = std_factor(totals, self.num_generations, self.scale_rewards, self._std_floor)
        output["advantages"] *= self._rank_slice(factor).to(output["advantages"])

    def _log_groups(
        self, drawn: Sequence[Group], first: Sequence[Group], groups: Sequence[Group], rounds: int
    ) -> None:
        figures = group_figures(drawn, first, groups, self.reward_weights)
        figures["groups/rounds"] = float(rounds)
        if self._worked_examples:
            figures["groups/with_example"] = fraction(group[0].with_example for group in groups)
        if self._curriculum:
            figures["curriculum/level"] = float(self._curriculum.level(self.state.global_step))
        for name, value in figures.items():
            self._metrics["train"][name].append(value)
        self._metrics["train"]["groups/generated"] = [self._generated]  # a count so far, not a mean

    @property
    def _generation(self) -> int:
        """The number of the generation that is due, from 0."""
        return self._step // (self.args.steps_per_generation * self.num_iterations)
