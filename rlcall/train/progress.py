"""The callback of every stage: checks the engine, keeps the log, moves the bar, shows a completion now and then."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from transformers import PrinterCallback, TrainerCallback

from rlcall.reward import rule_means
from rlcall.train.runtime import check_engine

if TYPE_CHECKING:
    from transformers import Trainer

    from rlcall.train.grpo import Samples
    from rlcall.train.session import Session


class Progress(TrainerCallback):
    """Between one trainer and the session's folder and display."""

    def __init__(self, session: Session, phase: str, trainer: Trainer, samples: Samples | None) -> None:
        self.session, self.phase, self.trainer, self.samples = session, phase, trainer, samples
        self._open = ExitStack()
        self._last = time.monotonic()

    def attach(self) -> None:
        self.trainer.remove_callback(PrinterCallback)
        self.trainer.add_callback(self)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        check_engine(self.trainer, self.session.runtime)
        self._advance = self._open.enter_context(self.session.display.progress(self.phase, state.max_steps))
        self._last = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._advance(state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not logs or "train_runtime" in logs:
            return
        now = time.monotonic()
        logs = {key: value for key, value in logs.items() if not key.startswith("rules/")} | rule_means(logs)
        place = {"phase": self.phase, "step": state.global_step}
        self.session.folder.append("metrics.jsonl", {**place, "seconds": self.session.seconds(), **logs})
        self.session.display.step(state.global_step, state.max_steps, _parts(logs, now - self._last))
        self._last = now
        self._show(place)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._open.close()

    def _show(self, place: dict[str, Any]) -> None:
        taken = self.samples.take() if self.samples else []
        self.session.folder.append("samples.jsonl", *({**place, **sample} for sample in taken))
        every = self.session.config.run.show_steps
        if taken and every and place["step"] % every == 0:
            self.session.display.sample(taken[0])


def _parts(logs: dict[str, Any], seconds: float) -> dict[str, str]:
    """The few figures of a log line: loss or reward, strict accuracy, the rules' means, the time since the last."""
    shown = {"reward": "reward"} if "reward" in logs else {"loss": "loss"}
    shown |= {key: key.removeprefix("rules/") for key in logs if key.startswith("rules/")}
    parts = {name: f"{logs[key]:.2f}" for key, name in shown.items() if isinstance(logs.get(key), float)}
    return {**parts, "seconds": f"{seconds:.1f}"}
