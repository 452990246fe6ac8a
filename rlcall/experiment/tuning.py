"""Which settings did best on validation rows.

best_try([{"learning_rate": 1e-5}, {"learning_rate": 3e-5}], Path("runs/compare/tuning"), "grpo")
# {"learning_rate": 3e-5}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlcall.experiment.plan import Keys

ACCURACY = "validation/accuracy"


@dataclass(frozen=True, slots=True)
class Validated:
    step: int
    accuracy: float


def validations(run: Path) -> list[Validated]:
    """Strict accuracy on the validation rows over the steps of a run, as its metrics.jsonl has it."""
    file = run / "metrics.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    return [Validated(line["step"], line[ACCURACY]) for line in lines if line.get(ACCURACY) is not None]


def best_validation(run: Path) -> Validated | None:
    """The highest strict accuracy of a run, the earliest of equals; None where nothing was validated."""
    return max(validations(run), key=lambda one: (one.accuracy, -one.step), default=None)


def best_try(tries: Sequence[Keys], folder: Path, arm: str) -> Keys:
    """The settings whose run, `folder/ARM-NUMBER`, reached the highest strict accuracy; the first of equals.

    Where there is one, nothing is to choose. ValueError where a try was not validated.
    """
    if len(tries) == 1:
        return tries[0]
    best = [best_validation(folder / f"{arm}-{number}") for number in range(1, len(tries) + 1)]
    if missing := [number for number, one in enumerate(best, 1) if one is None]:
        raise ValueError(f"{folder}/{arm}-{missing[0]} has no {ACCURACY}; set validation_every in `train`")
    return max(zip(tries, best, strict=True), key=lambda pair: pair[1].accuracy if pair[1] else 0.0)[0]
