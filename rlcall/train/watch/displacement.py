"""Likelihood displacement: DPO widens the margin while the chosen, too, become less likely.

    fall = FallDetector()
    fall.see(-0.1)      # log-probability of the chosen, less the reference's, in nats
    # None, or what was lost

Source: Razin et al., "Unintentional unalignment: likelihood displacement in direct preference
optimization", arXiv 2410.08847.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

if TYPE_CHECKING:
    from rlcall.train.session import Session

WINDOW = 5  # log lines whose mean is looked at: one batch says little
DROP = 1.0  # nats per completion: less than that comes and goes


class FallDetector:
    """Finds each fall of a noisy figure once: it must rise again before the next one counts.

    The figure starts at 0, where the model is its own reference.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._is_falling = False
        self._turn = 0.0  # the highest mean since the last rise began; while it falls, the lowest

    def see(self, change: float) -> float | None:
        """Return the loss since the last high where it is time to say so; otherwise None."""
        self._recent.append(change)
        if len(self._recent) < WINDOW:
            return None
        mean = sum(self._recent) / WINDOW
        goes_on = mean < self._turn if self._is_falling else mean > self._turn
        if goes_on:
            self._turn = mean
            return None
        if abs(mean - self._turn) < DROP:
            return None
        loss = self._turn - mean
        self._turn = mean
        self._is_falling = not self._is_falling
        return loss if self._is_falling else None


class DisplacementWarning(TrainerCallback):
    """Warns, on screen and in the log, each time the chosen begin to lose likelihood."""

    def __init__(self, session: Session, beta: float) -> None:
        self.session, self.beta = session, beta
        self.fall = FallDetector()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """See again what a resumed run has warned of, so that it does not warn twice."""
        for logs in state.log_history:
            self._see(logs)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        """Warn with this log line, if it is time to."""
        loss = self._see(logs) if logs else None
        if logs and loss:
            logs["warning"] = (
                f"likelihood displacement: the chosen completions have lost {loss:.1f} nats of "
                f"log-probability each, while their margin over the rejected ones is "
                f"{logs['rewards/margins']:.2f}; a higher weight of the sft loss, a higher beta or "
                "a lower learning rate keeps them up"
            )
            self.session.display.say(f"warning: {logs['warning']}")

    def _see(self, logs: dict[str, Any]) -> float | None:
        if "rewards/chosen" not in logs:
            return None
        return self.fall.see(logs["rewards/chosen"] / self.beta)
