"""The end of a warm start once enough groups are mixed: some completions right and some wrong.

    trainer.add_callback(WarmStartEnd(session, trainer))
    # warm start, step 24: pass@1 31 %, pass@8 72 %, 58 % of the groups mixed

GRPO learns from mixed groups alone. Before the warm start nearly all are wrong, after a long one
nearly all are right or wrong for good, and reinforcement finds nothing to choose from (STAR,
arXiv 2602.03022). So the warm start ends at the first look at which `warm_start_until` of the
groups are mixed, and at `warm_start_steps` at the latest.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from transformers import TrainerCallback

from rlcall.metrics.passes import pass_at_k
from rlcall.model.generate import generate
from rlcall.model.prompts import render_prompt
from rlcall.train.resume.checkpoints import ENDED
from rlcall.verify import verify

if TYPE_CHECKING:
    from transformers import Trainer

    from rlcall.data.rows import Row
    from rlcall.train.session import Session

SAMPLES = 8  # of a row, where the method has no num_generations; TRL's default where it has


class GroupShares(NamedTuple):
    """Figures of groups of `samples` completions of some rows, as means over the rows."""

    samples: int
    pass_at_1: float
    pass_at_all: float
    mixed: float
    """The share of groups with a right and a wrong completion."""

    def __str__(self) -> str:
        return (
            f"pass@1 {self.pass_at_1:.0%}, pass@{self.samples} {self.pass_at_all:.0%}, "
            f"{self.mixed:.0%} of the groups mixed"
        )

    def figures(self) -> dict[str, float]:
        """Return what the log has."""
        return {
            "warm_start/pass@1": self.pass_at_1,
            f"warm_start/pass@{self.samples}": self.pass_at_all,
            "warm_start/mixed": self.mixed,
        }


def shares_of(rights: Sequence[int], samples: int) -> GroupShares:
    """Return the shares from how many of a row's samples were right."""
    at_1 = [pass_at_k(samples, right, 1) for right in rights]
    at_all = [pass_at_k(samples, right, samples) for right in rights]
    mixed = [0 < right < samples for right in rights]
    return GroupShares(samples, fmean(at_1), fmean(at_all), fmean(mixed))


class WarmStartEnd(TrainerCallback):
    """Ends the warm start, on all ranks at once: each has all completions."""

    def __init__(self, session: Session, trainer: Trainer) -> None:
        self.session, self.trainer = session, trainer
        self._rows = [row for row in session.rows.validation if row.answer is not None]

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look every `warm_start_check_every` steps."""
        run = self.session.config.run
        if state.global_step % run.warm_start_check_every:
            return
        with self.session.clock.paused():
            shares = self._measure(state.global_step)
        position = {"phase": "warm_start", "step": state.global_step}
        line = {**position, "seconds": self.session.seconds(), **shares.figures()}
        self.session.folder.append_metrics(line)
        self.session.start.note(warm_start=line)
        self.session.display.step(state.global_step, state.max_steps, [str(shares)])
        if run.warm_start_until is not None and shares.mixed >= run.warm_start_until:
            control.should_training_stop = True
            state.stateful_callbacks[ENDED] = True
            if state.global_step < state.max_steps:
                self.session.display.say(
                    f"warm start: ends after {state.global_step} of {state.max_steps} steps"
                )

    def _measure(self, step: int) -> GroupShares:
        session = self.session
        config, keys = session.config, session.config.trainer
        is_grpo = config.method == "grpo"
        samples = keys.get("num_generations", SAMPLES) if is_grpo else SAMPLES
        longest = keys.get("max_completion_length", 512) if is_grpo else None
        prompts = []
        for row in self._rows:
            prompts += [render_prompt(row, session.tokenizer, session.wire)] * samples
        texts = generate(
            self.trainer.model_wrapped,
            session.tokenizer,
            prompts,
            max_new_tokens=longest or config.run.eval_max_new_tokens,
            batch_size=keys.get("per_device_eval_batch_size", 16),
            temperature=keys.get("temperature", 1.0) if is_grpo else 1.0,
            seed=Random(f"warm start {self.trainer.args.seed} {step}").getrandbits(32),
        )
        rights = []
        for number, row in enumerate(self._rows):
            of_row = texts[number * samples : (number + 1) * samples]
            rights.append(sum(self._is_right(row, text) for text in of_row))
        return shares_of(rights, samples)

    def _is_right(self, row: Row, text: str) -> bool:
        verdict = verify(text, row.tools_text, row.answer_text, wire=self.session.wire)
        return bool(verdict.correct)
