"""What a run was trained on, as far as its folder says.

training_rows(Path("runs/grpo"))      # [Row, ...], or None where they are no longer to be had
"""

from __future__ import annotations

from pathlib import Path

import yaml

from rlcall.data.rows import Row, RowError
from rlcall.train.rows import load_rows
from rlcall.train.settings import ConfigError


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
