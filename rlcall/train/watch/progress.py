"""The callback of every stage: the engine's check, the log, the bar, samples on screen.

with Progress(session, "grpo", trainer, samples): trainer.train()
"""

from __future__ import annotations

from contextlib import ExitStack
from math import isfinite
from typing import TYPE_CHECKING, Any

from transformers import PrinterCallback, TrainerCallback

from rlcall.reward import CALL_RATES, call_rates, plain_figures, rule_means
from rlcall.train.launch_check import check_engine
from rlcall.train.watch.falling_rates import FallingRates

if TYPE_CHECKING:
    from transformers import Trainer

    from rlcall.train.methods.grpo import Samples
    from rlcall.train.session import Session

STATE_KEY = "rlcall"  # our part of trainer_state.json, under `stateful_callbacks`
DPO_FIGURES = {"margin": "rewards/margins", "chosen": "logps/chosen", "rejected": "logps/rejected"}


class Progress(TrainerCallback):
    """Between one trainer and the session's folder and display."""

    def __init__(
        self, session: Session, phase: str, trainer: Trainer, samples: Samples | None
    ) -> None:
        self.session, self.phase = session, phase
        self.trainer, self.samples = trainer, samples
        self._bar = ExitStack()
        self._last_seconds = 0.0
        self._last_shown = 0
        self._spent: tuple[float, ...] = (0.0, 0.0, 0)
        self._rates = FallingRates(0)

    def __enter__(self) -> None:
        self.trainer.remove_callback(PrinterCallback)
        self.trainer.add_callback(self)

    def __exit__(self, *_: object) -> None:
        self.session.clock.stop()
        self._bar.close()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Check what really trains, and start the clock where the run was."""
        session = self.session
        engines = session.folder.metadata().get("engines", {})
        engines[self.phase] = check_engine(self.trainer, session.runtime)
        session.start.note(engines=engines)
        session.display.say(f"{self.phase.replace('_', ' ')}: {state.max_steps} steps")
        bar = session.display.progress(self.phase, state.max_steps)
        self._advance = self._bar.enter_context(bar)
        saved = state.stateful_callbacks.get(STATE_KEY)
        self._last_seconds = saved["seconds"] if saved else session.folder.last_seconds()
        session.clock.start(self._last_seconds)
        self._rates = FallingRates(state.max_steps // max(state.logging_steps, 1))
        for line in session.folder.log():  # of a resumed run, so that it does not warn twice
            if line["phase"] == self.phase:
                self._rates.see(line["step"], line)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write down a resumed run, which nothing can refuse any more."""
        self.session.start.write()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move the bar, and end the run where rules fail too often."""
        self._advance(state.global_step)
        if self.samples:
            self.samples.failures.check()
        self._before_saving(state, control)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Prepare for a checkpoint of the epoch."""
        self._before_saving(state, control)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """Add a line to the log and to the screen."""
        if not logs or "train_runtime" in logs:
            return
        now = self.session.clock.seconds()
        seconds = now - self._last_seconds
        self._last_seconds = now
        figures: dict[str, Any] = {**plain_figures(logs)}
        if self.samples:
            figures |= dict.fromkeys(CALL_RATES)  # where no completion was generated
        figures |= call_rates(logs) | rule_means(logs) | self._time_shares(seconds)
        warnings = self._rates.see(state.global_step, figures)
        if warnings:
            figures["warning"] = "; ".join(warnings)
        line = self._position(state)
        self.session.folder.append_metrics({**line, **_finite(figures)})
        parts = _parts(figures, self.session.reward.rule_names, seconds)
        self.session.display.step(state.global_step, state.max_steps, parts)
        for warning in warnings:
            self.session.display.say(f"warning: {warning}")
        self._show_sample(state.global_step, self._write_samples(line))

    def _before_saving(self, state: Any, control: Any) -> None:
        """Write down what is not logged yet, which a run from the checkpoint would not have."""
        state.stateful_callbacks[STATE_KEY] = {"seconds": self.session.clock.seconds()}
        if control.should_save and not control.should_log:
            self._write_samples(self._position(state))

    def _time_shares(self, seconds: float) -> dict[str, float]:
        """Return what of the seconds went into the reward and into generation, on this rank."""
        if self.samples is None:
            return {}
        trainer: Any = self.trainer
        spent = (
            trainer.reward_funcs[0].seconds,
            trainer.generation_seconds,
            trainer.generation_tokens,
        )
        rewarding, generating, tokens = (
            new - old for new, old in zip(spent, self._spent, strict=True)
        )
        self._spent = spent
        shares = {"reward/share": rewarding / seconds, "generation/share": generating / seconds}
        if generating:
            shares["generation/tokens_per_second"] = tokens / generating
        return shares

    def _position(self, state: Any) -> dict[str, Any]:
        """Return the keys that every line of the log has."""
        return {"phase": self.phase, "step": state.global_step, "seconds": self.session.seconds()}

    def _write_samples(self, position: dict[str, Any]) -> list[dict[str, Any]]:
        """Write down the samples since the last time, and return them."""
        samples = self.samples.take() if self.samples else []
        self.session.folder.append_samples([{**position, **sample} for sample in samples])
        return samples

    def _show_sample(self, step: int, samples: list[dict[str, Any]]) -> None:
        every = self.session.config.run.show_steps
        if samples and every and step - self._last_shown >= every:
            self._last_shown = step
            self.session.display.sample(samples[0])


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _finite(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures with None for NaN and infinity, which JSON does not have."""
    finite = {}
    for key, value in figures.items():
        finite[key] = None if isinstance(value, float) and not isfinite(value) else value
    return finite


def _parts(figures: dict[str, Any], rules: list[str], seconds: float) -> list[str]:
    """Return the parts of a line: reward or loss, shares of completions, rules' means, seconds."""
    means = {}
    if "reward" in figures:
        means["reward"] = figures["reward"]
    else:
        means["loss"] = figures.get("loss")
    for rule in rules:
        if rule != "correct":
            means[rule] = figures.get(f"rules/{rule}")
    for name, key in DPO_FIGURES.items():
        means[name] = figures.get(key)
    parts = [f"{name} {mean:.2f}" for name, mean in means.items() if mean is not None]
    shares = [f"{rate} {_percent(figures[rate])}" for rate in CALL_RATES if rate in figures]
    if figures.get("rules/correct") is not None:
        shares.insert(0, f"correct {figures['rules/correct']:.0%}")
    parts[1:1] = shares
    for rule in rules:
        failed = figures.get(f"rules/{rule}/failed")
        if failed:
            parts.append(f"{rule} failed {failed:.0%}")
    return [*parts, f"{seconds:.1f} s"]
