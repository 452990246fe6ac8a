"""The callback of every stage: checks the engine, keeps the log, moves the bar, shows a completion now and then."""

from __future__ import annotations

from contextlib import ExitStack
from math import isfinite
from typing import TYPE_CHECKING, Any

from transformers import PrinterCallback, TrainerCallback

from rlcall.reward import rule_means
from rlcall.train.launch_check import check_engine

if TYPE_CHECKING:
    from transformers import Trainer

    from rlcall.train.methods.grpo import Samples
    from rlcall.train.session import Session

KEPT = "rlcall"  # our part of trainer_state.json, under `stateful_callbacks`
DPO_FIGURES = {"margin": "rewards/margins", "chosen": "logps/chosen", "rejected": "logps/rejected"}


class Progress(TrainerCallback):
    """Between one trainer and the session's folder and display: `with Progress(...): trainer.train()`."""

    def __init__(
        self, session: Session, phase: str, trainer: Trainer, samples: Samples | None
    ) -> None:
        self.session, self.phase, self.trainer, self.samples = session, phase, trainer, samples
        self._open = ExitStack()
        self._last = 0.0
        self._shown = 0
        self._spent: tuple[float, ...] = (0.0, 0.0, 0)

    def __enter__(self) -> None:
        self.trainer.remove_callback(PrinterCallback)
        self.trainer.add_callback(self)

    def __exit__(self, *_: object) -> None:
        self.session.clock.stop()
        self._open.close()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        engines = self.session.folder.metadata().get("engines", {})
        engines[self.phase] = check_engine(self.trainer, self.session.runtime)
        self.session.start.note(engines=engines)
        self.session.display.say(f"{self.phase.replace('_', ' ')}: {state.max_steps} steps")
        self._advance = self._open.enter_context(
            self.session.display.progress(self.phase, state.max_steps)
        )
        kept = state.stateful_callbacks.get(KEPT) or {"seconds": self.session.folder.last_seconds()}
        self._last = kept["seconds"]
        self.session.clock.start(self._last)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.session.start.write()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._advance(state.global_step)
        if self.samples:
            self.samples.failures.check()
        self._before_saving(state, control)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._before_saving(state, control)

    def _before_saving(self, state: Any, control: Any) -> None:
        """What is not logged yet when a checkpoint is written would be lost to the run that goes on from there."""
        state.stateful_callbacks[KEPT] = {"seconds": self.session.clock.seconds()}
        if control.should_save and not control.should_log:
            self._hand_over(self._place(state))

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        if not logs or "train_runtime" in logs:
            return
        now = self.session.clock.seconds()
        logs = {
            key: value for key, value in logs.items() if not key.startswith("rules/")
        } | rule_means(logs)
        logs |= self._shares(now - self._last)
        place = self._place(state)
        self.session.folder.append_metrics({**place, **_finite(logs)})
        parts = _parts(logs, self.session.reward.rule_names, now - self._last)
        self.session.display.step(state.global_step, state.max_steps, parts)
        self._last = now
        self._show(place)

    def _shares(self, seconds: float) -> dict[str, float]:
        """What of the seconds since the last line went into the reward and into generation, on this rank."""
        if self.samples is None:
            return {}
        trainer: Any = self.trainer
        now = (
            trainer.reward_funcs[0].seconds,
            trainer.generation_seconds,
            trainer.generation_tokens,
        )
        rewarded, generated, tokens = (new - old for new, old in zip(now, self._spent, strict=True))
        self._spent = now
        figures = {"reward/share": rewarded / seconds, "generation/share": generated / seconds}
        return (
            {**figures, "generation/tokens_per_second": tokens / generated}
            if generated
            else figures
        )

    def _place(self, state: Any) -> dict[str, Any]:
        return {"phase": self.phase, "step": state.global_step, "seconds": self.session.seconds()}

    def _hand_over(self, place: dict[str, Any]) -> list[dict[str, Any]]:
        taken = self.samples.take() if self.samples else []
        self.session.folder.append_samples([{**place, **sample} for sample in taken])
        return taken

    def _show(self, place: dict[str, Any]) -> None:
        taken = self._hand_over(place)
        every = self.session.config.run.show_steps
        if taken and every and place["step"] - self._shown >= every:
            self._shown = place["step"]
            self.session.display.sample(taken[0])


def _finite(logs: dict[str, Any]) -> dict[str, Any]:
    """Without NaN and infinity, which JSON does not have."""
    return {
        key: None if isinstance(value, float) and not isfinite(value) else value
        for key, value in logs.items()
    }


def _parts(logs: dict[str, Any], rules: list[str], seconds: float) -> list[str]:
    """The few figures of a log line: reward or loss, strict accuracy, the rules' means, the time since the last."""
    means = {"reward": logs.get("reward"), "loss": None if "reward" in logs else logs.get("loss")}
    means |= {rule: logs.get(f"rules/{rule}") for rule in rules if rule != "correct"}
    means |= {name: logs.get(key) for name, key in DPO_FIGURES.items()}
    parts = [f"{name} {mean:.2f}" for name, mean in means.items() if mean is not None]
    parts += [
        f"{rule} failed {share:.0%}"
        for rule in rules
        if (share := logs.get(f"rules/{rule}/failed"))
    ]
    if (correct := logs.get("rules/correct")) is not None:
        parts.insert(1, f"correct {correct:.0%}")
    return [*parts, f"{seconds:.1f} s"]
