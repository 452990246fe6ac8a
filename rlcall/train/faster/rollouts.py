"""GRPO's completions made by fast rollouts, and the distance that their rounding leaves.

    trainer = RolloutTrainer(model, reward_funcs, args, ...)      # TRL's, so far
    if (why_not := trainer.rollout_obstacle()) is None:
        trainer.roll_out_fast(torch.bfloat16)

In the model's own type a completion's log-probabilities are those that training finds, but for
rounding. In another one TRL's correction for vLLM applies: importance sampling by the settings
`vllm_importance_sampling_*`, between the old log-probabilities and those of the rollout. The log
has the distance either way, under TRL's names.
"""

from __future__ import annotations

import time
from typing import Any

import torch
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled
from trl import GRPOTrainer

from rlcall.model.load import plain_model
from rlcall.model.rollouts.generation import fast_rollouts, why_stock
from rlcall.model.rollouts.loop import NotFiniteError
from rlcall.model.rollouts.precision import RolloutWeights
from rlcall.train.faster.shared_prefix import is_random

SHOWN = 200  # characters of a prompt's end in an error
DISTANCE = "sampling/sampling_logp_difference"


class RolloutTrainer(GRPOTrainer):
    """TRL's trainer, and nothing else until it is told how to generate."""

    args: Any
    model: Any
    processing_class: Any
    rollout_batch_size: int | None = None
    """How many completions are generated at once on a rank; None: all that TRL asks for."""
    generation_seconds = 0.0
    """What this rank has spent in rollouts so far."""
    generation_tokens = 0
    """How many tokens it has made there."""
    _fast = False
    _rollout_weights: RolloutWeights | None = None
    _sampled: tuple[torch.Tensor, torch.Tensor] | None = None
    """Log-probabilities of the rollout and mask of the micro-batch in the loss."""

    def rollout_obstacle(self) -> str | None:
        """Return why stock transformers, or vLLM, has to generate; None where nothing is so."""
        if self.args.use_vllm:
            return "vLLM generates"
        if self.args.use_transformers_continuous_batching:
            return "transformers' continuous batching generates"
        if is_random(self):
            return "dropout or routing noise is on"
        model = plain_model(self, self.model)
        return why_stock(model, {"generation_config": self.generation_config})

    def roll_out_fast(self, dtype: torch.dtype) -> None:
        """Generate fast from here on, in this type. `rollout_obstacle` says whether that goes."""
        self._fast = True
        if dtype != plain_model(self, self.model).dtype:
            self._rollout_weights = RolloutWeights(dtype)
            # TRL asks this, where it does not generate, for its correction alone.
            self.use_vllm = True

    def weights_are_apart(self) -> bool:
        """Tell whether a rank has no weights of its own to make copies of."""
        return is_deepspeed_zero3_enabled() or self.is_fsdp_enabled

    def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
        start = time.monotonic()
        corrected, self.use_vllm = self.use_vllm, self.args.use_vllm
        try:
            if self._fast:
                completion_ids, logprobs = self._roll_out(prompt_ids, *args, **kwargs)
            else:
                completion_ids, logprobs = super()._generate_single_turn(
                    prompt_ids, *args, **kwargs
                )
        finally:
            self.use_vllm = corrected
        self.generation_seconds += time.monotonic() - start
        self.generation_tokens += sum(map(len, completion_ids))
        return completion_ids, logprobs

    def _roll_out(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
        model = plain_model(self, self.model)
        size, weights = self.rollout_batch_size, self._rollout_weights
        try:
            with fast_rollouts(model, size=size, weights=weights) as rollout:
                completion_ids, _ = super()._generate_single_turn(prompt_ids, *args, **kwargs)
        except NotFiniteError as error:
            prompt = self.processing_class.decode(prompt_ids[error.row])
            where = f"step {self.state.global_step}, prompt ending {prompt[-SHOWN:]!r}: "
            raise NotFiniteError(error.row, error.position, where) from None
        return completion_ids, rollout.logprobs

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        sampled = inputs.get("sampling_per_token_logps")
        if sampled is not None and not self.use_vllm:  # else TRL logs it
            self._sampled = (sampled, inputs["completion_mask"].bool())
        try:
            return super()._compute_loss(model, inputs)
        finally:
            self._sampled = None

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        output = super()._get_per_token_logps_and_entropies(*args, **kwargs)
        if self._sampled is not None:
            sampled, mask = self._sampled
            difference = (output[0].detach() - sampled).abs()[mask]
            if difference.numel():
                figures = self._metrics["train" if self.model.training else "eval"]
                figures[f"{DISTANCE}/mean"].append(difference.mean().item())
                figures[f"{DISTANCE}/max"].append(difference.max().item())
        return output
