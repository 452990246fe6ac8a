"""Where a run's rows come from, as one word of the config.

phone             rlcall/tasks/phone/ makes them: its train split to train on, its test split to evaluate on
phone:validation  a split by name
worlds            rlcall/tasks/worlds/ make them: twelve tasks, and a test split whose tools are in no other
toolrl:FILE       a public form by its name in rlcall/data/formats.py: nestful:FOLDER, xlam:hf:owner/name, ...
my_rows.jsonl     rows as docs/rows.md has them, one JSON object a line
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rlcall.check.contamination import bfcl_rows
from rlcall.data.formats import READERS
from rlcall.data.reading.counts import gather
from rlcall.data.rows import Row, RowError, read_rows
from rlcall.data.tool_check import tool_fault
from rlcall.errors import ConfigError
from rlcall.tasks import phone, worlds

GENERATORS: dict[str, Callable[..., Iterable[Row]]] = {
    "phone": phone.generate,
    "worlds": worlds.generate,
}
NEVER_TRAINED_ON = ("bfcl",)
SPLITS = ("train", "validation", "test")


def load_rows(
    source: str, size: int | None, seed: int, split: str, options: Mapping[str, Any]
) -> tuple[list[Row], str]:
    """Rows of a source, and what its reader has to say of them. `split` is used where the source names none.

    Raises RowError for a file, ConfigError for a generator that is asked for what it does not make.
    """
    name, _, rest = source.partition(":")
    if name in GENERATORS:
        return _generate(name, rest or split, size, seed, options), ""
    if name in NEVER_TRAINED_ON and split == "train":
        raise ConfigError(
            f"train_rows: {source}: {name} is a benchmark; rows of it serve as eval_rows only"
        )
    if name in READERS and rest:
        rows, counts = gather(READERS[name](rest))
        note = f"{source}: {counts}"
    else:
        rows, note = _read(source), ""
    if not rows:
        raise RowError(source, 0, "", "gives no rows")
    return rows[:size], note


def refuse_benchmarks(rows: Sequence[Row], source: str) -> None:
    """RowError at the first row that asks what an entry of BFCL asks."""
    found = list(bfcl_rows(rows))
    if not found:
        return
    (place, entry), *more = found
    where = f"row {place + 1}" + (f" ({rows[place].id})" if rows[place].id else "")
    reason = f"asks what BFCL asks in {entry}" + (f"; so do {len(more)} more rows" if more else "")
    remedy = "Take them out: nothing is trained on a benchmark, and no checkpoint is chosen by it."
    raise RowError(source, _line(source, place), f"{where}, messages", reason, remedy)


def _line(source: str, place: int) -> int:
    """The line of a row in a file of rows; 0 where the source is none."""
    if not Path(source).is_file():
        return 0
    with Path(source).open("rb") as file:
        filled = (number for number, line in enumerate(file, 1) if line.strip())
        return next(islice(filled, place, None))


def _read(path: str) -> list[Row]:
    """A file's rows. A tool that jsonschema cannot work with is found now, not in the middle of the run."""
    rows = read_rows(path)
    for number, row in enumerate(rows, 1):
        if fault := next(filter(None, (tool_fault(json.dumps(tool)) for tool in row.tools)), ""):
            where = f"row {number}" + (f" ({row.id})" if row.id else "")
            raise RowError(path, 0, f"{where}, tools", fault, "rlcall check shows all such rows")
    return rows


def _generate(
    name: str, split: str, size: int | None, seed: int, options: Mapping[str, Any]
) -> list[Row]:
    if split not in SPLITS:
        raise ConfigError(
            f"{name}:{split}: there is no such split; write one of {', '.join(SPLITS)}"
        )
    if size is None:
        raise ConfigError(
            f"{name}: generated rows have no end; say how many with train_size and eval_size"
        )
    generate = GENERATORS[name]
    known = [
        key for key in inspect.signature(generate).parameters if key not in ("n", "seed", "split")
    ]
    if unknown := [key for key in options if key not in known]:
        raise ConfigError(f"rows_options: {name} knows no {unknown[0]!r}, but {', '.join(known)}")
    try:
        return list(generate(size, seed, split, **options))
    except ValueError as error:
        raise ConfigError(f"rows_options: {error}") from error
