"""The warm start: some steps of SFT before GRPO or DPO begins.

warm_start_keys(config, ranks=2)
# {"seed": 1, "max_steps": 8, "learning_rate": 1e-4, "lr_scheduler_type": "linear",
#  "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1}
"""

from __future__ import annotations

import dataclasses
from typing import Any

from rlcall.errors import ConfigError
from rlcall.runs.origin import is_sft_run
from rlcall.train.config import Config


def why_no_warm_start(config: Config, base: str) -> str | None:
    """Return why a run has no warm start; None where it has one."""
    if config.method == "sft":
        return "the method is SFT itself"
    if is_sft_run(base):
        return f"{base} comes from an SFT run"
    if config.run.warm_start_steps == 0:
        return "warm_start_steps is 0"
    return None


def warm_start_keys(config: Config, ranks: int) -> dict[str, Any]:
    """Return SFTConfig's keys: those of the run that any trainer has, and the warm start's own."""
    from transformers import TrainingArguments

    run = config.run
    shared = {field.name for field in dataclasses.fields(TrainingArguments)}
    keys = {key: value for key, value in config.trainer.items() if key in shared}
    most = keys.get("per_device_train_batch_size", run.warm_start_batch_size)
    micro_batch, accumulation = split_batch(run.warm_start_batch_size, ranks, most)
    return {
        **keys,
        "max_steps": run.warm_start_steps,
        "learning_rate": run.warm_start_learning_rate,
        "lr_scheduler_type": "linear",
        "per_device_train_batch_size": micro_batch,
        "gradient_accumulation_steps": accumulation,
    }


def split_batch(rows: int, ranks: int, most: int) -> tuple[int, int]:
    """Return (rows per rank and pass, passes), of the largest pass that divides the batch.

    A pass has at most `most` rows.

    Raises ConfigError where the batch does not divide by the ranks.
    """
    if rows % ranks:
        raise ConfigError(f"warm_start_batch_size is {rows}, but must divide by the {ranks} ranks")
    rows_per_rank = rows // ranks
    micro_batch = min(most, rows_per_rank)
    while rows_per_rank % micro_batch:
        micro_batch -= 1
    return micro_batch, rows_per_rank // micro_batch
