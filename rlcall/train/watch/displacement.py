"""Likelihood displacement: DPO widens the margin while the chosen completions, too, become less likely.

    fall = Fall()
    fall.see(-0.1)      # log-probability of the chosen, less the reference's, in nats: None, or what was lost

Source: Razin et al., "Unintentional unalignment: likelihood displacement in direct preference optimization",
arXiv 2410.08847.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

if TYPE_CHECKING:
    from rlcall.train.session import Session

WINDOW = 5  # log lines whose mean is looked at: one batch says little
DROP = 1.0  # nats a completion: less than that comes and goes


class Fall:
    """Finds each fall of a noisy figure once: it must rise by as much again before the next one counts.

    The figure starts at 0, where the model is its own reference.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._falling = False
        self._turn = 0.0  # the highest mean since the last rise began; while it falls, the lowest

    def see(self, change: float) -> float | None:
        """How much has been lost since the last high, where this is the moment to say so; otherwise None."""
        self._recent.append(change)
        if len(self._recent) < WINDOW:
            return None
        mean = sum(self._recent) / WINDOW
        further = mean < self._turn if self._falling else mean > self._turn
        if further:
            self._turn = mean
        elif abs(mean - self._turn) >= DROP:
            lost, self._turn, self._falling = self._turn - mean, mean, not self._falling
            return lost if self._falling else None
        return None


class DisplacementWarning(TrainerCallback):
    """Says so, on screen and in the log, each time the chosen completions begin to lose likelihood."""

    def __init__(self, session: Session, beta: float) -> None:
        self.session, self.beta, self.fall = session, beta, Fall()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        for logs in state.log_history:  # of the run that is resumed: what it has warned of
            self._see(logs)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        if logs and (lost := self._see(logs)):
            logs["warning"] = (
                f"likelihood displacement: the chosen completions have lost {lost:.1f} nats of log-probability each, "
                f"while their margin over the rejected ones is {logs['rewards/margins']:.2f}; a higher weight of the "
                "sft loss, a higher beta or a lower learning rate keeps them up"
            )
            self.session.display.say(f"warning: {logs['warning']}")

    def _see(self, logs: dict[str, Any]) -> float | None:
        return (
            self.fall.see(logs["rewards/chosen"] / self.beta) if "rewards/chosen" in logs else None
        )
