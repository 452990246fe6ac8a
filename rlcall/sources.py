"""Sources of rows: the word after `train_rows`, `eval_rows` and `validation_rows`, and its rows.

phone             made by rlcall/tasks/phone/: its train split to train on, its test split
                  to evaluate on
phone:validation  a split by name
worlds            made by rlcall/tasks/worlds/: twelve tasks, and a test split whose tools are
                  in no other
toolrl:FILE       a public format by its name in rlcall/data/readers/: nestful:FOLDER,
                  xlam:hf:owner/name, ...
my_rows.jsonl     rows as docs/rows.md has them, one JSON object a line
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rlcall.check import history
from rlcall.data.formats import BENCHMARKS, READERS
from rlcall.data.reading.counts import gather
from rlcall.data.rows import Row, RowError, read_rows
from rlcall.data.tool_check import tool_fault
from rlcall.errors import ConfigError

GENERATORS = ("phone", "worlds")
SPLITS = ("train", "validation", "test")


def generator_of(name: str) -> Callable[..., Iterable[Row]]:
    """Return the function that makes the rows of one of GENERATORS."""
    from rlcall.tasks import phone, worlds  # the worlds' data takes longer than a command's help

    generators: dict[str, Callable[..., Iterable[Row]]]
    generators = {"phone": phone.generate, "worlds": worlds.generate}
    return generators[name]


def load_rows(
    source: str, size: int | None, seed: int, split: str, options: Mapping[str, Any]
) -> tuple[list[Row], str]:
    """Return the first `size` rows of a source (None: all), and a note from its reader, if any.

    `seed` and `options` are for a generator; `split` is what the rows are for, and of which split
    they are where the source names none. A file is read no further than it must be.

    Raises RowError for a file that cannot be read or has no rows, ConfigError for a generator that
    is asked for what it does not make, and for a benchmark to train on.
    """
    name, _, rest = source.partition(":")
    if name in GENERATORS:
        return _generate(name, rest or split, size, seed, options), ""
    if name in BENCHMARKS and split == "train":
        raise ConfigError(
            f"train_rows: {source}: {name} is a benchmark; use its rows as eval_rows only"
        )
    if name not in READERS or not rest:
        rows = _read_file(source, size)
        refuse_broken_history(rows, source)
        return rows, ""
    rows, counts = gather(READERS[name](rest), size)
    if not rows:
        raise RowError(source, 0, "", "gives no rows")
    refuse_broken_history(rows, source)
    if len(rows) == size:
        return rows, f"{source}, read until there were {size:,} rows: {counts}"
    return rows, f"{source}: {counts}"


def refuse_benchmarks(rows: Sequence[Row], source: str) -> None:
    """Raise RowError at the first row that asks what an entry of BFCL asks."""
    from rlcall.check.contamination import bfcl_rows  # its numpy is for those who train

    repeats = list(bfcl_rows(rows))
    if not repeats:
        return
    index, entry = repeats[0]
    reason = f"asks what BFCL asks in {entry}"
    if len(repeats) > 1:
        reason += f"; so do {len(repeats) - 1} more rows"
    remedy = "Take them out: nothing is trained on a benchmark, and no checkpoint is chosen by it."
    field = f"{_row_name(index, rows[index])}, messages"
    raise RowError(source, _line_of(source, index), field, reason, remedy)


def refuse_broken_history(rows: Sequence[Row], source: str) -> None:
    """Raise RowError at the first row whose messages are not in order."""
    for index, row in enumerate(rows):
        for fault in history.faults(row):
            raise located(fault.message, fault.field, rows, index, source)


def located(
    reason: str, field: str, rows: Sequence[Row], index: int, source: str, remedy: str = ""
) -> RowError:
    """Return the error of a row with the file, line and id that it has in its source."""
    remedy = remedy or "`rlcall check` lists all such rows."
    field = f"{_row_name(index, rows[index])}, {field}"
    return RowError(source, _line_of(source, index), field, reason, remedy)


def _row_name(index: int, row: Row) -> str:
    """Name a row for people: `row 3 (its id)`."""
    return f"row {index + 1} ({row.id})" if row.id else f"row {index + 1}"


def _line_of(source: str, index: int) -> int:
    """Return the line, from 1, of a row in a file of rows; 0 where the source is no file."""
    if not Path(source).is_file():
        return 0
    with Path(source).open("rb") as file:
        row_lines = (number for number, line in enumerate(file, 1) if line.strip())
        return next(islice(row_lines, index, None))


def _read_file(path: str, size: int | None) -> list[Row]:
    """Read rows whose tools work: a broken one is found now, not in the middle of the run."""
    rows = read_rows(path, size)
    for index, row in enumerate(rows):
        for tool in row.tools:
            if fault := tool_fault(json.dumps(tool)):
                field = f"{_row_name(index, row)}, tools"
                raise RowError(path, 0, field, fault, "rlcall check shows all such rows")
    return rows


def _generate(
    name: str, split: str, size: int | None, seed: int, options: Mapping[str, Any]
) -> list[Row]:
    if split not in SPLITS:
        raise ConfigError(f"{name}:{split}: no such split; write one of {', '.join(SPLITS)}")
    if size is None:
        raise ConfigError(
            f"{name}: generated rows have no end; say how many with train_size and eval_size"
        )
    generate = generator_of(name)
    parameters = inspect.signature(generate).parameters
    allowed = [key for key in parameters if key not in ("n", "seed", "split")]
    for key in options:
        if key not in allowed:
            raise ConfigError(f"rows_options: {name} has no {key!r}; it has {', '.join(allowed)}")
    try:
        return list(generate(size, seed, split, **options))
    except ValueError as error:
        raise ConfigError(f"rows_options: {error}") from error
