"""Where a run's rows come from, as one word of the config.

phone            rlcall/tasks/phone.py, 512 rows of its train split
phone:validation the same world's validation split
toolrl:FILE      rlcall/data/toolrl.py reads FILE
my_rows.jsonl    rows as DESIGN.md has them, one JSON object a line
"""

from __future__ import annotations

import importlib
import importlib.util
from itertools import islice
from pathlib import Path

from rlcall.data.rows import Row, RowError, read_rows

SPLITS = ("train", "validation", "test")


def load_rows(source: str, size: int | None, seed: int, split: str) -> list[Row]:
    """Rows of a source; `split` is a generator's where the source names none. Raises RowError."""
    name, _, rest = source.partition(":")
    if _is_module(f"rlcall.tasks.{name}"):
        return _generate(name, rest or split, size, seed)
    if rest and _is_module(f"rlcall.data.{name}"):
        rows = importlib.import_module(f"rlcall.data.{name}").read(Path(rest))
    else:
        rows = read_rows(Path(source))
    taken = list(islice(rows, size))
    if not taken:
        raise RowError(f"{source}: holds no rows")
    return taken


def _generate(name: str, split: str, size: int | None, seed: int) -> list[Row]:
    if split not in SPLITS:
        raise RowError(f"{name}:{split}: there is no such split; write one of {', '.join(SPLITS)}")
    if size is None:
        raise RowError(f"{name}: generated rows have no end; say how many (train_size, eval_size)")
    return list(importlib.import_module(f"rlcall.tasks.{name}").generate(size, seed, split=split))


def _is_module(name: str) -> bool:
    return name.rpartition(".")[2].isidentifier() and importlib.util.find_spec(name) is not None
