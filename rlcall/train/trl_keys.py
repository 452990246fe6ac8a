"""TRL's keys that are not for a run's config: what they would say is said otherwise, or has no use.

    refuse_idle_key("sft", "packing", True, False, "my.yaml")
    # ConfigError: my.yaml: the key 'packing' has no effect here; write per_device_train_batch_size
    # instead

`tests/train/test_trl_keys.py` holds this page against the fields of TRL's configs, so that a new
one is decided on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from rlcall.errors import ConfigError

# Keys that are ours to set, and what to write instead.
RESERVED = {
    "config": "--config on the command line",
    "reward_weights": "rewards: {rule: weight}",
    "resume_from_checkpoint": "resume: true",
    "model_init_kwargs": "model and dtype",
    "chat_template_path": "a model whose template you want",
    "log_completions": "show_steps; samples.jsonl has the rest",
    "push_to_hub": "an upload of the folder model/ when the run is done",
    "load_best_model_at_end": "validation_every, which keeps the best weights",
    "save_only_model": "save_total_limit: 1, which bounds what checkpoints take (model/ is the "
    "weights alone)",
    "trust_remote_code": "a model that transformers knows",
}

ALL = ("sft", "dpo", "grpo")
_VALIDATION = "validation_every and validation_rows (or eval_rows, for the closing table)"
_HUB = RESERVED["push_to_hub"]
_SAMPLES = RESERVED["log_completions"]
_OWN_IDS = "train_rows: rlcall makes the token ids of rows, with the loss on the answer alone"
_BATCHES = "per_device_train_batch_size: each example stays a row of its own"

# Keys without effect: the methods that this holds for, and what to write instead. A value that says
# what happens anyway is taken: TRL's default, or one of HOLDS.
IDLE: dict[str, tuple[tuple[str, ...], str]] = {
    "eval_strategy": (ALL, _VALIDATION),
    "eval_steps": (ALL, _VALIDATION),
    "eval_delay": (ALL, _VALIDATION),
    "eval_on_start": (ALL, _VALIDATION),
    "eval_accumulation_steps": (ALL, _VALIDATION),
    "eval_do_concat_batches": (ALL, _VALIDATION),
    "eval_use_gather_object": (ALL, _VALIDATION),
    "eval_packing": (ALL, _VALIDATION),
    "batch_eval_metrics": (ALL, _VALIDATION),
    "bf16_full_eval": (ALL, "dtype: an evaluation computes with the weights as loaded"),
    "fp16_full_eval": (ALL, "dtype: an evaluation computes with the weights as loaded"),
    "do_eval": (ALL, _VALIDATION),
    "do_predict": (ALL, "eval_rows, or rlcall eval after the run"),
    "do_train": (ALL, "nothing: a run trains"),
    "greater_is_better": (ALL, RESERVED["load_best_model_at_end"]),
    "metric_for_best_model": (ALL, RESERVED["load_best_model_at_end"]),
    "include_for_metrics": (ALL, _VALIDATION),
    "prediction_loss_only": (ALL, _VALIDATION),
    "num_generations_eval": (ALL, _VALIDATION),
    "hub_always_push": (ALL, _HUB),
    "hub_model_id": (ALL, _HUB),
    "hub_private_repo": (ALL, _HUB),
    "hub_revision": (ALL, _HUB),
    "hub_strategy": (ALL, _HUB),
    "hub_token": (ALL, f"{_HUB}; a token does not belong into a config"),
    "log_completions_hub_repo": (ALL, _SAMPLES),
    "log_multimodal": (ALL, _SAMPLES),
    "log_unique_prompts": (ALL, _SAMPLES),
    "num_completions_to_print": (ALL, _SAMPLES),
    "disable_tqdm": (ALL, "nothing: a run has a progress bar of its own on a terminal"),
    "label_names": (ALL, _OWN_IDS),
    "remove_unused_columns": (ALL, _OWN_IDS),
    "length_column_name": (ALL, "train_sampling_strategy: lengths are counted (SFT)"),
    "label_smoothing_factor": (("dpo", "grpo"), "label_smoothing with DPO; GRPO has no labels"),
    "train_sampling_strategy": (("dpo", "grpo"), "rows_seed and seed, which decide the order"),
    "assistant_only_loss": (ALL, _OWN_IDS),
    "completion_only_loss": (ALL, _OWN_IDS),
    "dataset_kwargs": (ALL, _OWN_IDS),
    "dataset_text_field": (ALL, _OWN_IDS),
    "eos_token": (ALL, "a model whose chat template ends a turn as you want"),
    "packing": (ALL, _BATCHES),
    "packing_strategy": (ALL, _BATCHES),
    "padding_free": (ALL, _BATCHES),
    "truncation_mode": (("dpo",), "max_length: longer pairs are left out, none is cut"),
    "chat_template_kwargs": (
        ALL,
        "a model whose template does what you want: prompts are rendered alike in training and "
        "evaluation, with reasoning off where the template can switch it off",
    ),
    "max_tool_calling_iterations": (ALL, "nothing: a completion is one turn, and runs no tool"),
}
HOLDS: dict[str, tuple[Any, ...]] = {
    "completion_only_loss": (True,),
    "disable_tqdm": (True,),
    "do_train": (True,),
}
"""Values besides TRL's default that say what happens anyway."""

# Keys that need a package, and how to install it.
PACKAGES = {
    "use_vllm": ("vllm", "pip install 'rlcall[vllm]'"),
    "use_liger_kernel": ("liger_kernel", "pip install liger-kernel"),
}

REPORTERS = {
    "wandb": "wandb",
    "tensorboard": "tensorboard",
    "trackio": "trackio",
    "mlflow": "mlflow",
    "swanlab": "swanlab",
    "comet_ml": "comet_ml",
    "clearml": "clearml",
}
"""What `report_to` names, and the package it needs."""


def refuse_idle_key(method: str, key: str, value: Any, default: Any, where: str) -> None:
    """Refuse a key that would change nothing. Raises ConfigError."""
    methods, instead = IDLE.get(key, ((), ""))
    if method in methods and value != default and value not in HOLDS.get(key, ()):
        raise ConfigError(
            f"{where}: the key {key!r} with {value!r} has no effect here; write {instead}, "
            "or leave the key out"
        )


def refuse_missing_packages(
    keys: Mapping[str, Any], is_there: Callable[[str], Any] = find_spec
) -> None:
    """Refuse keys whose package is not installed, before anything is trained. ConfigError."""
    for key, (package, remedy) in PACKAGES.items():
        if keys.get(key) and not is_there(package):
            raise ConfigError(f"{key} is true, but {package} is not installed: {remedy}")
    reports = keys.get("report_to") or ()
    for name in [reports] if isinstance(reports, str) else reports:
        if name in REPORTERS and not is_there(REPORTERS[name]):
            raise ConfigError(
                f"report_to: {name} is not installed: pip install {REPORTERS[name]}, or leave "
                "report_to out (metrics.jsonl has the figures)"
            )
