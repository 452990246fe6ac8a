"""Validation: the evaluation of `rlcall.evaluation.evaluate` while a model trains, on rows that it does not train on.

    with Progress(...):
        trainer.add_callback(Validation(session, "grpo", trainer))
        trainer.train()

At step 0, every `validation_every` steps and at the last one: greedy completions by all ranks, their figures in
metrics.jsonl under `validation/`, their verdicts in `validation/20.jsonl`, the best weights in `best/`. Training goes
on as if there had been none: the same random numbers, the same seconds. docs/validation.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accelerate.utils import broadcast_object_list
from transformers import TrainerCallback

from rlcall.data.rows import Row
from rlcall.evaluation.evaluate import StageResult, evaluate
from rlcall.metrics.logged import figures
from rlcall.metrics.rates import column
from rlcall.runs.folder import RunFolder
from rlcall.train.resume.best import Best
from rlcall.train.watch.reward_hacking import Validated, best_of, hacked

if TYPE_CHECKING:
    from transformers import Trainer

    from rlcall.train.session import Session


class Validation(TrainerCallback):
    """Between one trainer and the session's validation rows."""

    def __init__(self, session: Session, phase: str, trainer: Trainer) -> None:
        self.session, self.phase, self.trainer = session, phase, trainer
        self.past = ValidationHistory(session.folder)
        self.best = Best(session.folder.path)
        self.every = session.config.run.validation_every
        self.history: list[Validated] = []
        self.kept: Validated | None = None
        """The validation whose weights are in `best/`."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step:  # of the run that is resumed
            self.history = self.past.read(self.session.rows.validation, state.global_step)
            self.kept = _of_step(self.history, self.best.newest(state.global_step))
        if self.kept is None:
            self._validate(state)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step % self.every == 0 or state.global_step >= state.max_steps:
            self._validate(state)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.session.folder.writes:
            self.best.prune()

    def _validate(self, state: Any) -> None:
        with self.session.clock.paused():
            start = time.monotonic()
            result = self._evaluate()
            now = _of_rank_0(validated(state.global_step, result.completions))
            self.history.append(now)
            self.session.folder.add_validation(now.step, result.completions)
            if is_best := self.kept is None or now.rank > self.kept.rank:
                self.kept = now
                self.best.save(self.trainer, now.step)
            self._log(now, result, time.monotonic() - start, state.max_steps)
        self.session.display.validation(now.step, state.max_steps, result.summary(), is_best)

    def _evaluate(self) -> StageResult:
        run = self.session.config.run
        return evaluate(
            self.trainer.model_wrapped,
            self.session.tokenizer,
            self.session.rows.validation,
            self.session.wire,
            self.session.reward,
            max_new_tokens=run.eval_max_new_tokens,
            batch_size=self.session.config.trainer.get("per_device_eval_batch_size", 16),
        )

    def _log(self, now: Validated, result: StageResult, seconds: float, last: int) -> None:
        """On rank 0, which alone knows the log."""
        if not self.session.folder.writes:
            return
        line = {"phase": self.phase, "step": now.step, "seconds": self.session.seconds()}
        line |= {f"validation/{name}": value for name, value in figures(result.records).items()}
        line["validation/seconds"] = round(seconds, 2)
        if message := self._warning(now, last):
            line["warning"] = message
            self.past.warn(now.step, message)
            self.session.display.say(f"warning: {message}")
        self.session.folder.append_metrics(line)

    def _warning(self, now: Validated, last: int) -> str | None:
        """What to warn of; once for each best validation that was left behind."""
        planned = last // self.every + 1 + bool(last % self.every)
        earlier = self.history[:-1]
        if not earlier or any(step > best_of(earlier).step for step in self.past.warned()):
            return None
        return hacked(self.history, self.past.training_rewards(self.phase), planned)


def _of_rank_0(own: Validated) -> Validated:
    """The same on all ranks, which save together: a foreign rule may run out of time on one of them alone."""
    return broadcast_object_list([own])[0]


def _of_step(history: Iterable[Validated], weights: Path | None) -> Validated | None:
    """The validation of the weights in a folder `step-20`."""
    return next((one for one in history if weights and weights.name == f"step-{one.step}"), None)


def validated(step: int, completions: Sequence[dict[str, Any]]) -> Validated:
    correct, rewards = (column([one[key] for one in completions]) for key in ("correct", "reward"))
    return Validated(step, correct, rewards)


def forget_validations(session: Session, phase: str, reached: int) -> None:
    """Drop what came after the step from which a phase goes on; its rows, its weights, its warnings."""
    if session.folder.writes and phase != "warm_start":
        ValidationHistory(session.folder).forget_after(reached)
        Best(session.folder.path).forget_after(reached)


def weights_to_publish(session: Session, phase: str, last: Path) -> Path:
    """The best validated weights, or the last ones where the run does not validate; run.json says which. On rank 0."""
    weights = Best(session.folder.path).newest(sys.maxsize)
    if phase == "warm_start" or not session.rows.validation or weights is None:
        return last
    history = ValidationHistory(session.folder).read(session.rows.validation, sys.maxsize)
    if not history:  # of other rows, which were changed since
        return last
    best, end = best_of(history), history[-1]
    facts = {
        "step": best.step,
        "accuracy": best.accuracy,
        "last_step": end.step,
        "last_accuracy": end.accuracy,
    }
    session.folder.update_metadata(best=facts)
    shares = f"{best.accuracy:.1%} correct on the validation rows; {end.accuracy:.1%} at the last step, {end.step}"
    session.display.say(f"best weights: step {best.step}, {shares}")
    return weights


@dataclass(frozen=True)
class ValidationHistory:
    """What the validations of a run have left in its folder."""

    run: RunFolder

    def read(self, rows: Sequence[Row], upto: int) -> list[Validated]:
        """Return the validations on these rows up to a step, in order."""
        ids = [row.id for row in rows]
        history = []
        for step in self.run.validation_steps():
            completions = self.run.validation(step) if step <= upto else []
            if completions and [one["id"] for one in completions] == ids:
                history.append(validated(step, completions))
        return history

    def warn(self, step: int, message: str) -> None:
        """Keep a warning in run.json."""
        self.run.update_metadata(warnings=[*self._warnings(), {"step": step, "message": message}])

    def warned(self) -> list[int]:
        """Return the steps at which there was a warning."""
        return [warning["step"] for warning in self._warnings()]

    def training_rewards(self, phase: str) -> list[tuple[int, float]]:
        """Return step and mean reward of each log line of a phase that has one."""
        return [
            (line["step"], line["reward"])
            for line in self.run.log()
            if line["phase"] == phase and line.get("reward") is not None
        ]

    def forget_after(self, step: int) -> None:
        """Drop what came after the step from which a run goes on."""
        self.run.forget_validations_after(step)
        if warnings := self._warnings():
            earlier = [warning for warning in warnings if warning["step"] <= step]
            self.run.update_metadata(warnings=earlier)

    def _warnings(self) -> list[dict[str, Any]]:
        return self.run.metadata().get("warnings", [])
