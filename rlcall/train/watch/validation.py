"""Validation: evaluation while a model trains, on rows that it does not train on.

    with Progress(...):
        trainer.add_callback(Validation(session, "grpo", trainer))
        trainer.train()

At step 0, every `validation_every` steps and at the last one: greedy completions by all ranks,
their figures in metrics.jsonl under `validation/`, their verdicts in `validation/20.jsonl`, the
best weights in `best/`. Training goes on as if there had been none: the same random numbers, the
same seconds. docs/validation.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accelerate.utils import broadcast_object_list
from transformers import TrainerCallback

from rlcall.data.rows import Row
from rlcall.evaluation.evaluate import StageResult
from rlcall.metrics.logged import figures
from rlcall.metrics.rates import column
from rlcall.runs.folder import RunFolder
from rlcall.train.resume.best import BestWeights
from rlcall.train.watch.heldout import evaluate_rows
from rlcall.train.watch.reward_hacking import ValidationResult, best_of, hacking_warning

if TYPE_CHECKING:
    from transformers import Trainer

    from rlcall.train.session import Session


class Validation(TrainerCallback):
    """Between one trainer and the session's validation rows."""

    def __init__(self, session: Session, phase: str, trainer: Trainer) -> None:
        self.session, self.phase, self.trainer = session, phase, trainer
        self.past = ValidationHistory(session.folder)
        self.weights = BestWeights(session.folder)
        self.every = session.config.run.validation_every
        self.results: list[ValidationResult] = []
        self.best: ValidationResult | None = None
        """The validation whose weights are in `best/`."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take up the validations of a resumed run; validate where there are none."""
        step = state.global_step
        if step:
            self.results = self.past.read(self.session.rows.validation, step)
            self.best = _of_weights(self.results, self.weights.newest(step))
        if self.best is None:
            self._validate(state)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Validate when it is time to, and at the last step."""
        if state.global_step % self.every == 0 or state.global_step >= state.max_steps:
            self._validate(state)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Delete weights that nothing resumes from any more."""
        if self.session.folder.writes:
            self.weights.prune()

    def _validate(self, state: Any) -> None:
        session, step = self.session, state.global_step
        with session.clock.paused():
            start = time.monotonic()
            evaluation = evaluate_rows(session, self.trainer.model_wrapped, session.rows.validation)
            result = _of_rank_0(result_of(step, evaluation.completions))
            self.results.append(result)
            session.folder.add_validation(step, evaluation.completions)
            is_best = self.best is None or result.rank > self.best.rank
            if is_best:
                self.best = result
                self.weights.save(self.trainer, step)
            if session.folder.writes:
                self._log(result, evaluation, time.monotonic() - start, state.max_steps)
        session.display.validation(step, state.max_steps, evaluation.summary(), is_best)

    def _log(
        self, result: ValidationResult, evaluation: StageResult, seconds: float, last_step: int
    ) -> None:
        """Add a line to the log, with a warning if there is one.

        On rank 0, which alone knows the log.
        """
        session = self.session
        line = {"phase": self.phase, "step": result.step, "seconds": session.seconds()}
        for name, value in figures(evaluation.records).items():
            line[f"validation/{name}"] = value
        line["validation/seconds"] = round(seconds, 2)
        warning = self._warning(last_step)
        if warning:
            line["warning"] = warning
            self.past.warn(result.step, warning)
            session.display.say(f"warning: {warning}")
        session.folder.append_metrics(line)

    def _warning(self, last_step: int) -> str | None:
        """Return the warning that is due, once for each best that was left behind; or None."""
        planned = last_step // self.every + 1 + bool(last_step % self.every)
        earlier = self.results[:-1]
        if not earlier:
            return None
        best_step = best_of(earlier).step
        if any(step > best_step for step in self.past.warned()):
            return None
        return hacking_warning(self.results, self.past.training_rewards(self.phase), planned)


def _of_rank_0(result: ValidationResult) -> ValidationResult:
    """Return the same on all ranks, which save together.

    A foreign rule may run out of time on one of them alone.
    """
    return broadcast_object_list([result])[0]


def _of_weights(
    results: Sequence[ValidationResult], weights: Path | None
) -> ValidationResult | None:
    """Return the validation of the weights in a folder `step-20`."""
    for result in results:
        if weights and weights.name == f"step-{result.step}":
            return result
    return None


def result_of(step: int, completions: Sequence[dict[str, Any]]) -> ValidationResult:
    """Return what came out at a step, by the lines that a validation leaves."""
    correct = column([completion["correct"] for completion in completions])
    rewards = column([completion["reward"] for completion in completions])
    return ValidationResult(step, correct, rewards)


def forget_validations(session: Session, phase: str, step: int) -> None:
    """Drop what came after the step from which a phase goes on: rows, weights, warnings."""
    if session.folder.writes and phase != "warm_start":
        ValidationHistory(session.folder).forget_after(step)
        BestWeights(session.folder).forget_after(step)


def weights_to_publish(session: Session, phase: str, last: Path) -> Path:
    """Return the best validated weights, or the last ones where the run does not validate.

    On rank 0.

    run.json says which they are.
    """
    folder, rows = session.folder, session.rows.validation
    weights = BestWeights(folder).newest(sys.maxsize)
    if phase == "warm_start" or not rows or weights is None:
        return last
    results = ValidationHistory(folder).read(rows, sys.maxsize)
    if not results:  # of other rows, which were changed since
        return last
    best, end = best_of(results), results[-1]
    folder.update_metadata(
        best={
            "step": best.step,
            "accuracy": best.accuracy,
            "last_step": end.step,
            "last_accuracy": end.accuracy,
        }
    )
    session.display.say(
        f"best weights: step {best.step}, {best.accuracy:.1%} correct on the validation rows; "
        f"{end.accuracy:.1%} at the last step, {end.step}"
    )
    return weights


@dataclass(frozen=True)
class ValidationHistory:
    """The validations of a run, as they are in its folder."""

    run: RunFolder

    def read(self, rows: Sequence[Row], upto: int) -> list[ValidationResult]:
        """Return the validations on these rows up to a step, in order."""
        ids = [row.id for row in rows]
        results = []
        for step in self.run.validation_steps():
            completions = self.run.validation(step) if step <= upto else []
            if completions and [completion["id"] for completion in completions] == ids:
                results.append(result_of(step, completions))
        return results

    def warn(self, step: int, message: str) -> None:
        """Keep a warning in run.json."""
        self.run.update_metadata(warnings=[*self._warnings(), {"step": step, "message": message}])

    def warned(self) -> list[int]:
        """Return the steps at which there was a warning."""
        return [warning["step"] for warning in self._warnings()]

    def training_rewards(self, phase: str) -> list[tuple[int, float]]:
        """Return step and mean reward of each log line of a phase that has one."""
        rewards = []
        for line in self.run.log():
            if line["phase"] == phase and line.get("reward") is not None:
                rewards.append((line["step"], line["reward"]))
        return rewards

    def forget_after(self, step: int) -> None:
        """Drop what came after the step from which a run goes on."""
        self.run.forget_validations_after(step)
        if warnings := self._warnings():
            earlier = [warning for warning in warnings if warning["step"] <= step]
            self.run.update_metadata(warnings=earlier)

    def _warnings(self) -> list[dict[str, Any]]:
        return self.run.metadata().get("warnings", [])
