"""Which settings did best on validation rows.

best_try([{"learning_rate": 1e-5}, {"learning_rate": 3e-5}], Path("runs/compare/tuning"), "grpo")
# {"learning_rate": 3e-5}
write_tries({"grpo": arm}, Path("runs/compare/tuning"))     # tries.md: every try, what it reached, which was taken
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
    """Step and strict accuracy on validation rows of the weights that a run kept, and of its last ones.

    `{"step": 12, "accuracy": 0.41, "last_step": 24, "last_accuracy": 0.38}`; None where there was no validation.
    """
    return RunFolder(run).metadata().get("best")


def best_try(tries: Sequence[Keys], folder: Path, arm: str) -> Keys:
    """The settings whose run, `folder/ARM-NUMBER`, reached the highest strict accuracy.

    Of equals the one that ended higher, of those the first. Where there is one, nothing is to choose. ValueError where
    a try was not validated.
    """
    return tries[0] if len(tries) == 1 else tries[_best(len(tries), folder, arm) - 1]


def _best(tries: int, folder: Path, arm: str) -> int:
    reached = {}
    for number in range(1, tries + 1):
        best = best_weights(folder / f"{arm}-{number}")
        if best is None:
            raise ValueError(
                f"{folder}/{arm}-{number} was not validated; set validation_every in `train`"
            )
        reached[number] = (best["accuracy"], best["last_accuracy"])
    return max(reached, key=lambda number: reached[number])


def write_tries(arms: Mapping[str, Arm], folder: Path) -> None:
    """Leave `folder/tries.md`: all tries with their last validation and their best, a table for each arm."""
    tables = [_table(name, arm.tries, folder) for name, arm in arms.items() if len(arm.tries) > 1]
    with whole_file(folder / TRIES) as file:
        file.write("# Tries\n\n" + "\n".join(table.markdown() for table in tables))


def _table(name: str, tries: Sequence[Keys], folder: Path) -> Table:
    taken = _best(len(tries), folder, name)
    lines = [
        _line(number, keys, folder / f"{name}-{number}", number == taken)
        for number, keys in enumerate(tries, 1)
    ]
    note = f"In %, with Wilson's 95 % interval, on validation rows. Taken: try {taken}. The best may be that of step 0."
    return Table(name, note, COLUMNS, lines)


def _line(number: int, keys: Keys, run: Path, taken: bool) -> Line:
    last = [line for line in RunFolder(run).log() if "validation/rows" in line][-1]
    best, words = (
        best_weights(run) or {},
        ", ".join(f"{key}: {value}" for key, value in keys.items()),
    )
    figures = [f"{100 * last['validation/malformed']:.1f}", f"{last['validation/reward']:.2f}"]
    figures += [
        f"{100 * best['accuracy']:.1f}",
        f"{best['step']}",
        f"{RunFolder(run).metadata()['seconds']:.0f}",
    ]
    accuracy = percent(_accuracy(last))
    return Line(
        f"{number}{', taken' if taken else ''}", [Cell(words), accuracy, *map(Cell, figures)]
    )


def _accuracy(line: dict[str, Any]) -> Estimate:
    correct, n = int(line["validation/correct"]), int(line["validation/rows"])
    return Estimate(correct / n, *wilson_interval(correct, n), n)
