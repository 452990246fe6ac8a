"""GRPO that takes each distinct prompt of a micro-batch through the model once.

    trainer = SharedPrefixTrainer(model, reward_funcs, args, ...)      # TRL's, so far
    if (why_not := obstacle(trainer)) is None:
        trainer.share_prompts()

Policy, old and reference log-probabilities and their gradients are TRL's but for rounding; the loss
itself is TRL's own code.
`rlcall.model.prefix_cache` is how it works.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from trl import GRPOTrainer
from trl.trainer.utils import split_tensor_dict

from rlcall.model.load import plain_model
from rlcall.model.prefix_cache import (
    distinct,
    fixed_positions,
    has_plain_cache,
    share_prompts,
)
from rlcall.train.faster.completion_head import IGNORED, spread_labelled
from rlcall.train.faster.packing import pack_completions

ATTENTION = ("sdpa", "eager")


class SharedPrefixTrainer(GRPOTrainer):
    """TRL's trainer, and nothing else until it is told what to save."""

    _shares = False

    def share_prompts(self) -> None:
        """Share prompts from here on. `obstacle` says whether that is exact."""
        for model in (self.model, self.ref_model):
            if model is not None:
                share_prompts(plain_model(self, model))
                pack_completions(plain_model(self, model))
        self._shares = True

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        **kwargs: Any,
    ) -> Any:
        if self._shares and input_ids.shape[1] > logits_to_keep + 1:
            model = partial(_score, model, logits_to_keep)
        return super()._get_per_token_logps_and_entropies(
            model, input_ids, attention_mask, logits_to_keep, **kwargs
        )

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        """Bring equal prompts together, which TRL shuffles before it makes micro-batches."""
        before = self._buffered_inputs
        inputs = super()._prepare_inputs(generation_batch)
        if not self._shares or self._buffered_inputs is before:
            return inputs
        self._buffered_inputs = regrouped(self._buffered_inputs)
        return self._buffered_inputs[self._step % self.args.steps_per_generation]


def _score(model: Any, length: int, labels: torch.Tensor, **inputs: Any) -> Any:
    """Call the model with its fused LM head as TRL does, on the completions' tokens alone."""
    targets = labels[:, -length:]
    labelled = targets != IGNORED
    output = model(**inputs, shift_labels=targets[labelled].unsqueeze(0), labelled=labelled)
    return spread_labelled(output, labelled)


def regrouped(batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return TRL's micro-batches with their rows in another order: equal prompts come together.

    Prompts stay in the order of TRL's shuffle. What has no rows (a count over all of them) is in
    each micro-batch.
    """
    joined = {key: _joined([batch[key] for batch in batches]) for key in batches[0]}
    _, _, prompt_numbers = distinct(joined["prompt_ids"], joined["prompt_mask"])
    numbers = prompt_numbers.tolist()
    order = sorted(range(len(numbers)), key=lambda row: numbers.index(numbers[row]))
    for key, value in joined.items():
        if _has_rows(value):
            joined[key] = value[order]
    return split_tensor_dict(joined, len(batches))


def _joined(parts: list[Any]) -> Any:
    return torch.cat(parts) if _has_rows(parts[0]) else parts[0]


def _has_rows(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.ndim > 0


def obstacle(trainer: Any) -> str | None:
    """Return why sharing prompts would not be exact, or would save nothing; None if neither."""
    if trainer.args.gradient_checkpointing:
        return "gradient_checkpointing, which TRL switches on by default, keeps no cache"
    if trainer.args.per_device_train_batch_size == 1:
        return "per_device_train_batch_size is 1, so no two completions meet"
    if trainer.is_fsdp_enabled:
        return "it is not tested with FSDP"
    return _obstacle_of_model(trainer, plain_model(trainer, trainer.model))


def _obstacle_of_model(trainer: Any, model: Any) -> str | None:
    config = model.config
    adapter = getattr(trainer.model, "active_peft_config", None)
    if trainer._is_vlm or config.get_text_config() is not config:
        return "the model is multimodal"
    if not has_plain_cache(model):
        return "the model's cache is not just keys and values of its tokens"
    if config._attn_implementation not in ATTENTION:
        tested = " and ".join(ATTENTION)
        return f"it is tested for {tested} attention, and this is {config._attn_implementation}"
    if not fixed_positions(model):
        return "the model's positions depend on its input's length"
    if is_random(trainer):
        return "dropout or routing noise is on"
    if trainer.aux_loss_enabled:
        return "the load-balancing loss of the experts counts a prompt once per completion"
    if getattr(adapter, "is_prompt_learning", False):
        return "PEFT's learned prompts come with a cache of their own"
    return None


def is_random(trainer: Any) -> bool:
    """Return whether the model in training draws random numbers, which depend on its batch."""
    return any(map(_is_random, trainer.model.modules()))


def _is_random(module: Any) -> bool:
    """Return whether a module drops or jitters activations: torch's own, or one with a rate."""
    if isinstance(module, torch.nn.Dropout):
        return module.p > 0
    for name, rate in vars(module).items():
        is_rate = isinstance(rate, float) and ("drop" in name or "jitter" in name)
        if is_rate and rate > 0:
            return True
    return False
