"""The rows of a run: those it trains on, those it validates on, and those held out.

rows, levels, note = load_train_rows(run)
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace

from rlcall.data.rows import Row
from rlcall.errors import ConfigError
from rlcall.sources import GENERATORS, load_rows, refuse_benchmarks
from rlcall.tasks.options import LEVELS
from rlcall.train.settings import RunConfig

Plan = Sequence[Sequence[int]]


def load_train_rows(run: RunConfig) -> tuple[list[Row], list[int], str]:
    """The training rows, each one's level ([] without a curriculum), and what their reader has to say.

    Under a curriculum there are `train_size` rows of each level. ConfigError where rows have no level; as `load_rows`.
    """
    if run.curriculum is None:
        rows, note = load_rows(
            run.train_rows, run.train_size, run.rows_seed, "train", run.rows_options
        )
        return rows, [], note
    _check_source(run)
    rows, levels = [], []
    for level in levels_of(run.curriculum):
        options = {**run.rows_options, "level": level}
        made, _ = load_rows(run.train_rows, run.train_size, run.rows_seed, "train", options)
        rows += [replace(row, id=f"level{level}-{row.id}") for row in made]
        levels += [level] * len(made)
    return rows, levels, ""


def _check_source(run: RunConfig) -> None:
    if not has_levels(run.train_rows):
        leveled = ", ".join(name for name in GENERATORS if has_levels(name))
        raise ConfigError(
            f"curriculum takes rows by their level, and those of {run.train_rows} have none; "
            f"write one of these as train_rows: {leveled}"
        )
    if "level" in run.rows_options:
        raise ConfigError(
            "rows_options sets a level, and so does curriculum; leave one of them out"
        )


def has_levels(source: str) -> bool:
    """Whether rows of a source can be asked for by level."""
    name = source.partition(":")[0]
    if name not in GENERATORS:
        return False
    return "level" in inspect.signature(GENERATORS[name]).parameters


def levels_of(curriculum: Plan | str) -> list[int]:
    """The levels that a curriculum uses, the lowest first."""
    return sorted(LEVELS if isinstance(curriculum, str) else {level for _, level in curriculum})


def load_eval_rows(run: RunConfig) -> list[Row]:
    if run.eval_rows is None:
        return []
    return load_rows(run.eval_rows, run.eval_size, run.rows_seed, "test", run.rows_options)[0]


def load_validation_rows(run: RunConfig) -> list[Row]:
    """ConfigError where none of them has an answer: nothing could be called the best."""
    if not run.validation_every or run.validation_rows is None:
        return []
    rows, _ = load_rows(
        run.validation_rows, run.validation_size, run.rows_seed, "validation", run.rows_options
    )
    refuse_benchmarks(rows, run.validation_rows)
    if all(row.answer is None for row in rows):
        raise ConfigError(
            f"validation_rows: no row of {run.validation_rows} has an answer to be measured against"
        )
    return rows
