"""Which settings did best on validation rows.

best_try([{"learning_rate": 1e-5}, {"learning_rate": 3e-5}], Path("runs/compare/tuning"), "grpo")
# {"learning_rate": 3e-5}
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlcall.experiment.plan import Keys
from rlcall.train.run import read_json


def best_weights(run: Path) -> dict[str, Any] | None:
    """Step and strict accuracy on validation rows of the weights that a run kept, and of its last ones.

    `{"step": 12, "accuracy": 0.41, "last_step": 24, "last_accuracy": 0.38}`; None where there was no validation.
    """
    return read_json(run / "run.json").get("best")


def best_try(tries: Sequence[Keys], folder: Path, arm: str) -> Keys:
    """The settings whose run, `folder/ARM-NUMBER`, reached the highest strict accuracy; the first of equals.

    Where there is one, nothing is to choose. ValueError where a try was not validated.
    """
    if len(tries) == 1:
        return tries[0]
    reached: list[float] = []
    for number in range(1, len(tries) + 1):
        best = best_weights(folder / f"{arm}-{number}")
        if best is None:
            raise ValueError(f"{folder}/{arm}-{number} was not validated; set validation_every in `train`")
        reached.append(best["accuracy"])
    return tries[reached.index(max(reached))]
