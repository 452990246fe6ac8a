"""TRL's fused LM head on the tokens that have a label, not on the prompts as well: what TRL does with Triton, on CPUs.

    labels        -100 -100  x   y  -100      head on two of four positions, its log-probabilities back in their places
    log_probs          0   lp x lp y  0

Of a call of 40 tokens after a prompt of 230, that is a seventh of the projections to the vocabulary. Log-probabilities,
loss and gradients are TRL's but for rounding.
"""

from __future__ import annotations

import functools
from types import MethodType
from typing import Any

import torch

from rlcall.model.load import plain_model

IGNORED = -100  # torch's ignore_index of a label that is not to be learned
PER_TOKEN = ("log_probs", "entropy", "log_sum_sq_probs", "mean_logits", "is_top1", "label_mask")


def score_completions_alone(trainer: Any) -> None:
    """Change the fused forward that TRL's SFT or DPO trainer has given to its model and its reference, on CPUs.

    Elsewhere TRL does the same itself, or wants shapes that do not change.
    """
    if trainer.args.device.type == "cpu":
        for model in filter(None, (trainer.model, getattr(trainer, "ref_model", None))):
            _teach(plain_model(trainer, model))


def _teach(model: Any) -> None:
    backbone = model.base_model
    plain, fused = backbone.forward, model.forward

    def hidden(_: Any, *args: Any, kept: torch.Tensor | None = None, **kwargs: Any) -> Any:
        output = plain(*args, **kwargs)
        if kept is not None:
            output.last_hidden_state = output.last_hidden_state[:, :-1][kept].unsqueeze(0)
        return output

    @functools.wraps(type(model).forward)  # `generate` reads the signature
    def forward(
        _: Any, *args: Any, labels: Any = None, fused_lm_head: bool = False, **kwargs: Any
    ) -> Any:
        if not fused_lm_head or labels is None:
            return fused(*args, labels=labels, fused_lm_head=fused_lm_head, **kwargs)
        kept = labels[:, 1:] != IGNORED
        wanted = labels[:, 1:][kept].unsqueeze(0)
        return _in_place(
            fused(*args, shift_labels=wanted, kept=kept, fused_lm_head=True, **kwargs), kept
        )

    backbone.forward, model.forward = MethodType(hidden, backbone), MethodType(forward, model)


def _in_place(output: Any, kept: torch.Tensor) -> Any:
    """What is known of (1, tokens with a label) as (batch, length - 1), zero elsewhere."""
    for name in PER_TOKEN:
        if (values := getattr(output, name)) is not None:
            setattr(output, name, values.new_zeros(kept.shape).masked_scatter(kept, values))
    return output
