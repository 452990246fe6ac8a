"""TRL's keys: each is used here, or refused by name before anything is trained."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import trl

from rlcall.errors import ConfigError
from rlcall.files.shipped import CONFIGS
from rlcall.train.config import Config, parse
from rlcall.train.trl_keys import IDLE, PACKAGES, RESERVED, refuse_missing_packages

METHODS = {"sft": trl.SFTConfig, "dpo": trl.DPOConfig, "grpo": trl.GRPOConfig}
USED = set(
    """
    accelerator_config activation_checkpointing activation_checkpointing_kwargs
    activation_offloading adam_beta1 adam_beta2 adam_epsilon auto_find_batch_size
    average_tokens_across_devices beta bf16 cache_implementation cast_lm_head_to_fp32 data_seed
    dataloader_drop_last dataloader_in_order dataloader_multiprocessing_context
    dataloader_num_workers dataloader_persistent_workers dataloader_pin_memory
    dataloader_prefetch_factor dataset_num_proc ddp_backend ddp_broadcast_buffers ddp_bucket_cap_mb
    ddp_find_unused_parameters ddp_static_graph ddp_timeout debug deepspeed delta disable_dropout
    discopop_tau ds3_gather_for_generation enable_jit_checkpoint entropy_coef entropy_coef_delta
    entropy_coef_max entropy_coef_min entropy_target epsilon epsilon_high f_alpha_divergence_coef
    f_divergence_type fp16 fsdp fsdp_config full_determinism generation_batch_size
    generation_kwargs gradient_accumulation_steps gradient_checkpointing
    gradient_checkpointing_kwargs ignore_data_skip importance_sampling_level
    include_num_input_tokens_seen label_smoothing label_smoothing_factor ld_alpha learning_rate
    liger_kernel_config local_rank log_level log_level_replica log_on_each_node logging_first_step
    logging_nan_inf_filter logging_steps logging_strategy loss_type loss_weights
    lr_scheduler_kwargs lr_scheduler_type mask_truncated_completions max_completion_length
    max_grad_norm max_length max_steps min_p multi_objective_aggregation neftune_noise_alpha
    num_generations num_iterations num_train_epochs off_policy_mask_threshold optim optim_args
    optim_target_modules output_dir pad_to_multiple_of pad_token parallelism_config
    per_device_eval_batch_size per_device_train_batch_size precompute_ref_batch_size
    precompute_ref_log_probs project ref_model_mixup_alpha ref_model_sync_steps repetition_penalty
    report_to restore_callback_states_from_checkpoint router_aux_loss_coef run_name
    sapo_temperature_neg sapo_temperature_pos save_on_each_node save_steps save_strategy
    save_total_limit scale_rewards seed shuffle_dataset skip_memory_metrics steps_per_generation
    sync_ref_model temperature tf32 top_entropy_quantile top_k top_p torch_compile
    torch_compile_backend torch_compile_mode torch_empty_cache_steps trackio_bucket_id
    trackio_space_id trackio_static_space_id train_sampling_strategy
    transformers_continuous_batching_config truncation_mode use_adaptive_entropy
    use_bias_correction_kl use_cache use_cpu use_liger_kernel use_transformers_continuous_batching
    use_transformers_paged use_vllm use_weighting vespo_k_neg vespo_k_pos vespo_lambda_neg
    vespo_lambda_pos vllm_enable_sleep_mode vllm_gpu_memory_utilization vllm_group_port
    vllm_importance_sampling_cap vllm_importance_sampling_clip_max
    vllm_importance_sampling_clip_min vllm_importance_sampling_correction
    vllm_importance_sampling_mode vllm_max_model_length vllm_mode vllm_model_impl
    vllm_server_base_url vllm_server_host vllm_server_port vllm_server_timeout
    vllm_structured_outputs_regex vllm_tensor_parallel_size warmup_steps weight_decay
    """.split()  # noqa: SIM905  # one word a key, as one reads them
)
"""The keys that our trainers read, as TRL's and transformers' code of the pinned versions does."""


def refusal(method: str, tmp_path: Path, line: str) -> str:
    path = tmp_path / "my.yaml"
    path.write_text(f"model: a\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        parse(method, ["--config", str(path)])
    return str(caught.value)


def accepted(method: str, tmp_path: Path, line: str) -> Config:
    path = tmp_path / "my.yaml"
    path.write_text(f"model: a\n{line}\n")
    return parse(method, ["--config", str(path)])


@pytest.mark.parametrize("method", METHODS)
def test_every_key_of_trl_is_decided_on(method: str) -> None:
    fields = {field.name for field in dataclasses.fields(METHODS[method]) if field.init}
    idle_here = {key for key, (methods, _) in IDLE.items() if method in methods}
    undecided = fields - USED - idle_here - set(RESERVED)
    assert not undecided, "read what the trainers do with these, and list them as used or idle"


def test_no_key_is_decided_on_twice_or_gone_from_trl() -> None:
    fields = set()
    for config in METHODS.values():
        fields |= {field.name for field in dataclasses.fields(config)}
    idle_everywhere = {key for key, (methods, _) in IDLE.items() if len(methods) == 3}
    assert not idle_everywhere & USED and not set(RESERVED) & set(IDLE)
    assert fields >= set(IDLE) | USED


@pytest.mark.parametrize(
    ("method", "line", "instead"),
    [
        ("grpo", "chat_template_kwargs: {enable_thinking: true}", "template"),
        ("grpo", "num_generations_eval: 2", "validation_every"),
        ("grpo", "max_tool_calling_iterations: 3", "one turn"),
        ("grpo", "label_smoothing_factor: 0.1", "no labels"),
        ("grpo", "train_sampling_strategy: group_by_length", "seed"),
        ("grpo", "remove_unused_columns: true", "token ids"),
        ("sft", "assistant_only_loss: true", "answer alone"),
        ("sft", "completion_only_loss: false", "answer alone"),
        ("sft", "packing: true", "per_device_train_batch_size"),
        ("sft", "padding_free: true", "per_device_train_batch_size"),
        ("sft", "dataset_text_field: body", "token ids"),
        ("sft", "dataset_kwargs: {skip_prepare_dataset: true}", "token ids"),
        ("sft", "eos_token: <end>", "chat template"),
        ("sft", "eval_strategy: steps", "validation_every"),
        ("dpo", "eval_steps: 5", "validation_every"),
        ("dpo", "truncation_mode: keep_end", "left out"),
        ("dpo", "label_smoothing_factor: 0.1", "label_smoothing"),
        ("dpo", "metric_for_best_model: loss", "best weights"),
        ("dpo", "hub_token: secret", "does not belong"),
        ("sft", "include_for_metrics: [loss]", "validation_every"),
    ],
)
def test_a_key_without_effect_is_refused_with_what_to_write(
    tmp_path: Path, method: str, line: str, instead: str
) -> None:
    message = refusal(method, tmp_path, line)
    key = line.partition(":")[0]
    assert f"my.yaml: the key {key!r}" in message and "no effect" in message
    assert instead in message


@pytest.mark.parametrize(
    ("method", "line"),
    [
        ("sft", "completion_only_loss: true"),
        ("sft", "packing: false"),
        ("dpo", "eval_strategy: 'no'"),
        ("grpo", "do_train: true"),
        ("grpo", "chat_template_kwargs: null"),
        ("sft", "train_sampling_strategy: group_by_length"),
        ("sft", "truncation_mode: keep_end"),
        ("dpo", "include_for_metrics: []"),
    ],
)
def test_a_value_that_says_what_happens_anyway_is_taken(
    tmp_path: Path, method: str, line: str
) -> None:
    assert line.partition(":")[0] in accepted(method, tmp_path, line).trainer


@pytest.mark.parametrize(
    ("keys", "remedy"),
    [
        ({"use_vllm": True}, "pip install 'rlcall[vllm]'"),
        ({"use_liger_kernel": True}, "pip install liger-kernel"),
        ({"report_to": "wandb"}, "pip install wandb"),
        ({"report_to": ["none", "trackio"]}, "pip install trackio"),
    ],
)
def test_a_package_that_a_key_needs_and_that_is_not_there(
    keys: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        refuse_missing_packages(keys, lambda name: None)
    assert remedy in str(caught.value)
    refuse_missing_packages(keys, lambda name: name)
    refuse_missing_packages({**dict.fromkeys(PACKAGES, False), "report_to": "none"})


@pytest.mark.parametrize(
    ("method", "arguments", "words"),
    [
        ("grpo", ["--use-vllm", "true"], ["vllm is not installed", "pip install 'rlcall[vllm]'"]),
        ("sft", ["--packing"], ["'packing'", "command line", "no effect"]),
        ("dpo", ["--eval_strategy=steps"], ["'eval_strategy'", "validation_every"]),
    ],
)
def test_a_run_ends_before_it_begins_and_says_why(
    tmp_path: Path, method: str, arguments: list[str], words: list[str]
) -> None:
    if method == "grpo" and find_spec("vllm"):
        pytest.skip("vllm is installed")
    config = str(CONFIGS / "smoke" / f"{method}.yaml")
    line = [sys.executable, "-m", "rlcall", method, "--config", config, *arguments]
    output_dir = tmp_path / "run"
    done = subprocess.run(
        [*line, "--output_dir", str(output_dir)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert not output_dir.exists()
