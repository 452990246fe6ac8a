"""Whether a run was trained on rows of a benchmark: a score on them would say nothing.

overlap(training_rows, benchmark_rows)      # the training rows that ask what the benchmark asks
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from rlcall.data.rows import Row, RowError
from rlcall.train.rows import load_rows, request_of
from rlcall.train.settings import ConfigError


def overlap(trained: Sequence[Row], benchmark: Sequence[Row]) -> list[Row]:
    """Rows whose last request is one of the benchmark's, whatever the case, spaces and punctuation."""
    asked = {_words(row) for row in benchmark}
    return [row for row in trained if (words := _words(row)) and words in asked]


def _words(row: Row) -> str:
    return "".join(sign for sign in request_of(row).lower() if sign.isalnum())


def training_rows(run: Path) -> list[Row] | None:
    """The rows that a run's config names; None where that cannot be known, or they are no longer to be had."""
    config = run / "config.yaml"
    if not config.is_file():
        return None
    values = yaml.safe_load(config.read_text(encoding="utf-8"))
    try:
        source, size = values["train_rows"], values["train_size"]
        return load_rows(source, size, values["rows_seed"], "train", values["rows_options"])[0]
    except (ConfigError, RowError, OSError, KeyError, TypeError):
        return None
