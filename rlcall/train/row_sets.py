"""The rows of a run: those it trains on, those it validates on, and those held out.

rows = load_row_sets(run)
rows.training.rows, rows.validation, rows.held_out    # [Row, ...], [Row, ...], [Row, ...]
rows_trained_on(RunFolder(Path("runs/grpo")))         # of an earlier run; None if gone
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rlcall.check.contamination import certain_repeats
from rlcall.data.rows import Row
from rlcall.errors import ConfigError
from rlcall.runs.folder import RunFolder
from rlcall.sources import GENERATORS, generator_of, load_rows, refuse_benchmarks
from rlcall.tasks.options import LEVELS
from rlcall.tasks.twins.no_call import with_no_call_twins
from rlcall.tasks.twins.twins import kind_of
from rlcall.train.settings import RunConfig

ROW_KEYS = ("train_rows", "train_size", "rows_seed", "rows_options")
"""The keys of a config that say which rows a run trains on, with those that came later."""
LATER_ROW_KEYS = ("curriculum", "no_call_twins")


@dataclass(frozen=True)
class TrainingRows:
    """The rows to train on, the level of each under a curriculum, and a note of their reader."""

    rows: list[Row]
    levels: list[int] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class RowSets:
    """All rows of a run.

    `validation` is [] where it looks at none, `held_out` where there is no closing table.
    """

    training: TrainingRows
    held_out: list[Row]
    validation: list[Row]


def load_row_sets(run: RunConfig) -> RowSets:
    """Load all rows of a run. Raises ConfigError, RowError."""
    training = load_train_rows(run)
    refuse_benchmarks(training.rows, run.train_rows)
    return RowSets(training, load_eval_rows(run), load_validation_rows(run))


def describe_rows(rows: RowSets, run: RunConfig) -> Iterator[str]:
    """Return what to tell of a run's rows, a sentence each."""
    count, held_out = len(rows.training.rows), len(rows.held_out)
    yield rows.training.note or f"rows: {count} of {run.train_rows}, {held_out} held out"
    if run.no_call_twins:
        twins = sum(kind_of(row.id) is not None for row in rows.training.rows)
        yield f"twins: {twins} of these ask for no call, beside the row with the tool"
    if rows.validation:
        count, source = len(rows.validation), run.validation_rows
        when = (
            f"every {run.validation_every} steps" if run.validation_every else "in the warm start"
        )
        yield f"validation: {count} of {source}, {when}"
        repeats = len(certain_repeats(rows.training.rows, rows.validation))
        if repeats:
            yield (
                f"warning: {repeats} training rows ask what a validation row asks, which may have "
                "been memorised"
            )
    elif run.validation_rows:
        yield "validation: off, since validation_every is 0"


def load_train_rows(run: RunConfig) -> TrainingRows:
    """Load the training rows, with their twins where no call is due.

    Under a curriculum there are `train_size` of each level.

    Raises ConfigError where rows have no level, and what `load_rows` raises.
    """
    source, size, seed = run.train_rows, run.train_size, run.rows_seed
    if run.curriculum is None:
        rows, note = load_rows(source, size, seed, "train", run.rows_options)
        return TrainingRows(with_no_call_twins(rows, run.no_call_twins, seed), note=note)
    _check_levels(run)
    training = TrainingRows([])
    for level in levels_of(run.curriculum):
        options = {**run.rows_options, "level": level}
        rows, _ = load_rows(source, size, seed, "train", options)
        for row in with_no_call_twins(rows, run.no_call_twins, seed):
            training.rows.append(replace(row, id=f"level{level}-{row.id}"))
            training.levels.append(level)
    return training


def _check_levels(run: RunConfig) -> None:
    if not has_levels(run.train_rows):
        sources = ", ".join(filter(has_levels, GENERATORS))
        raise ConfigError(
            f"curriculum takes rows by their level, and those of {run.train_rows} have none; "
            f"write one of these as train_rows: {sources}"
        )
    if "level" in run.rows_options:
        raise ConfigError(
            "rows_options sets a level, and so does curriculum; leave one of them out"
        )


def has_levels(source: str) -> bool:
    """Return whether rows of a source can be asked for by level."""
    name = source.partition(":")[0]
    if name not in GENERATORS:
        return False
    return "level" in inspect.signature(generator_of(name)).parameters


def levels_of(curriculum: str | list[list[int]]) -> list[int]:
    """Return the levels that a curriculum uses, the lowest first."""
    if isinstance(curriculum, str):
        return sorted(LEVELS)
    return sorted({level for _, level in curriculum})


def load_eval_rows(run: RunConfig) -> list[Row]:
    """Load the held-out rows; [] where the config names none."""
    if run.eval_rows is None:
        return []
    return load_rows(run.eval_rows, run.eval_size, run.rows_seed, "test", run.rows_options)[0]


def load_validation_rows(run: RunConfig) -> list[Row]:
    """Load the validation rows; [] where the run looks at none.

    Raises ConfigError where none of them has an answer: no weights could be called the best.
    """
    source = run.validation_rows
    if source is None or not (run.validation_every or run.warm_start_until):
        return []
    size, options = run.validation_size, run.rows_options
    rows, _ = load_rows(source, size, run.rows_seed, "validation", options)
    refuse_benchmarks(rows, source)
    if all(row.answer is None for row in rows):
        raise ConfigError(
            f"validation_rows: no row of {source} has an answer to be measured against"
        )
    return rows


def rows_trained_on(run: RunFolder) -> list[Row] | None:
    """Return the rows that a run's config names; None where they are not known or gone."""
    config = run.config()
    try:
        keys = {key: config[key] for key in ROW_KEYS}
        keys |= {key: config[key] for key in LATER_ROW_KEYS if key in config}
        return load_train_rows(RunConfig(**keys)).rows
    except (
        ValueError,
        OSError,
        KeyError,
        TypeError,
    ):  # ValueError: what a user or pydantic finds wrong
        return None
