"""What a run was trained on, as far as its folder says.

training_rows(Path("runs/grpo"))      # [Row, ...], or None where they are no longer to be had
"""

from __future__ import annotations

from pathlib import Path

from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError
from rlcall.files.yaml import read_yaml
from rlcall.train.row_sets import load_train_rows
from rlcall.train.settings import RunConfig

KEYS = ("train_rows", "train_size", "rows_seed", "rows_options")


def training_rows(run: Path) -> list[Row] | None:
    """The rows that a run's config names; None where that cannot be known, or they are no longer to be had."""
    config = run / "config.yaml"
    if not config.is_file():
        return None
    values = read_yaml(config)
    try:
        named = {key: values[key] for key in KEYS}
        return load_train_rows(RunConfig(**named, curriculum=values.get("curriculum")))[0]
    except (ConfigError, RowError, OSError, KeyError, TypeError):
        return None
