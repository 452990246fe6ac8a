"""Tuning: the settings that did best on validation rows.

best_try([{"learning_rate": 1e-5}, {"learning_rate": 3e-5}], Path("runs/compare/tuning"), "grpo")
# {"learning_rate": 3e-5}
write_tries({"grpo": arm}, Path("runs/compare/tuning"))     # tries.md: what every try reached
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcall.errors import UserError
from rlcall.experiment.plan import Arm, Keys
from rlcall.files.whole import whole_file
from rlcall.metrics.intervals import Estimate, wilson_interval
from rlcall.runs.folder import RunFolder
from rlcall.show.figures import percent
from rlcall.show.table import Cell, Line, Table

TRIES = "tries.md"
COLUMNS = (
    "",
    "settings",
    "strict accuracy at the end",
    "malformed",
    "reward",
    "best",
    "at step",
    "seconds",
)


def best_weights(run: Path) -> dict[str, Any] | None:
    """Return step and strict accuracy on validation rows of the weights that a run kept, and of its
    last ones.

    `{"step": 12, "accuracy": 0.41, "last_step": 24, "last_accuracy": 0.38}`; None where there was
    no validation.
    """
    return RunFolder(run).metadata().get("best")


def best_try(tries: Sequence[Keys], folder: Path, arm: str) -> Keys:
    """Return the settings whose run, `folder/ARM-NUMBER`, reached the highest strict accuracy.

    Of equals the one that ended higher, of those the first. A single try needs no run. UserError
    where a try was not validated.
    """
    if len(tries) == 1:
        return tries[0]
    return tries[_best_number(len(tries), folder, arm) - 1]


def _best_number(tries: int, folder: Path, arm: str) -> int:
    """Return the number, from 1, of the best try."""
    accuracies = {}
    for number in range(1, tries + 1):
        run = folder / f"{arm}-{number}"
        best = best_weights(run)
        if best is None:
            raise UserError(f"{run} was not validated; set validation_every in `train`")
        accuracies[number] = (best["accuracy"], best["last_accuracy"])
    return max(accuracies, key=lambda number: accuracies[number])


def write_tries(arms: Mapping[str, Arm], folder: Path) -> None:
    """Write `folder/tries.md`: all tries with their last validation and their best, a table for
    each arm."""
    tables = []
    for name, arm in arms.items():
        if len(arm.tries) > 1:
            table = _table(name, arm.tries, folder)
            tables.append(table.markdown())
    with whole_file(folder / TRIES) as file:
        file.write("# Tries\n\n" + "\n".join(tables))


def _table(name: str, tries: Sequence[Keys], folder: Path) -> Table:
    best = _best_number(len(tries), folder, name)
    lines = []
    for number, keys in enumerate(tries, 1):
        title = f"{number}, taken" if number == best else f"{number}"
        lines.append(Line(title, _cells(keys, folder / f"{name}-{number}")))
    note = (
        "In %, with Wilson's 95 % interval, on validation rows. "
        f"Taken: try {best}. The best may be that of step 0."
    )
    return Table(name, note, COLUMNS, lines)


def _cells(keys: Keys, run: Path) -> list[Cell]:
    folder = RunFolder(run)
    validations = [line for line in folder.log() if "validation/rows" in line]
    last = validations[-1]
    best = best_weights(run) or {}
    return [
        Cell(", ".join(f"{key}: {value}" for key, value in keys.items())),
        percent(_accuracy(last)),
        Cell(f"{100 * last['validation/malformed']:.1f}"),
        Cell(f"{last['validation/reward']:.2f}"),
        Cell(f"{100 * best['accuracy']:.1f}"),
        Cell(f"{best['step']}"),
        Cell(f"{folder.metadata()['seconds']:.0f}"),
    ]


def _accuracy(line: dict[str, Any]) -> Estimate:
    correct, rows = int(line["validation/correct"]), int(line["validation/rows"])
    return Estimate(correct / rows, *wilson_interval(correct, rows), rows)
