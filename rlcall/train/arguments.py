"""The arguments of TRL's trainers, and LoRA's config.

args = trainer_args(trainer_class("grpo"), {"learning_rate": 1e-5}, Path("runs/grpo"))
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcall.errors import ConfigError
from rlcall.model.runtime import has_accelerator, has_bf16
from rlcall.train.settings import RunConfig

if TYPE_CHECKING:
    from transformers import TrainingArguments


def trainer_args(config_class: type, keys: dict[str, Any], folder: Path) -> TrainingArguments:
    """Return TRL's arguments, with what follows from the machine.

    Raises ConfigError for what TRL refuses.
    """
    derived: dict[str, Any] = {
        "use_cpu": not has_accelerator(),
        "bf16": has_bf16() and not keys.get("fp16"),
        "report_to": "none",
    }
    if config_class.__name__ in ("SFTConfig", "DPOConfig"):
        # TRL's 1024 would cut the end, which is the completion, off long rows.
        derived["max_length"] = None
    fixed = {"output_dir": str(folder), "disable_tqdm": True}
    try:
        return config_class(**{**derived, **keys, **fixed})
    except (ValueError, NotImplementedError) as error:
        raise ConfigError(f"TRL refuses these settings: {error}") from error


def lora_config(run: RunConfig) -> Any:
    """Return LoRA's config, or None where all weights are trained."""
    if not run.lora_rank:
        return None
    from peft import LoraConfig

    alpha = run.lora_alpha if run.lora_alpha is not None else 2 * run.lora_rank
    return LoraConfig(
        r=run.lora_rank, lora_alpha=alpha, target_modules=run.lora_targets, task_type="CAUSAL_LM"
    )
