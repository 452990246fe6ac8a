"""TRL's fused LM head on the tokens with a label alone: on CPUs what TRL does with Triton.

    labels        -100 -100  x   y  -100      the head on two of four positions,
    log_probs          0   lp x lp y  0       its log-probabilities back where they belong

Of a call of 40 tokens after a prompt of 230, that is a seventh of the projections to the
vocabulary. Log-probabilities, loss and gradients are TRL's but for rounding.
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
    """Change the fused forward that TRL's trainer has given to its model and reference, on CPUs.

    Elsewhere TRL does the same itself, or wants shapes that do not change.
    """
    if trainer.args.device.type != "cpu":
        return
    for model in (trainer.model, getattr(trainer, "ref_model", None)):
        if model is not None:
            _score_labels_alone(plain_model(trainer, model))


def _score_labels_alone(model: Any) -> None:
    backbone = model.base_model
    plain_forward, fused_forward = backbone.forward, model.forward

    def hidden_states(
        _: Any, *args: Any, labelled: torch.Tensor | None = None, **kwargs: Any
    ) -> Any:
        """Run the layers; keep the states of labelled tokens, (1, labelled tokens, width)."""
        output = plain_forward(*args, **kwargs)
        if labelled is not None:
            # The state before a token predicts it, so the last one, which predicts nothing, goes.
            output.last_hidden_state = output.last_hidden_state[:, :-1][labelled].unsqueeze(0)
        return output

    @functools.wraps(type(model).forward)  # `generate` reads the signature
    def forward(
        _: Any, *args: Any, labels: Any = None, fused_lm_head: bool = False, **kwargs: Any
    ) -> Any:
        if not fused_lm_head or labels is None:
            return fused_forward(*args, labels=labels, fused_lm_head=fused_lm_head, **kwargs)
        next_tokens = labels[:, 1:]
        labelled = next_tokens != IGNORED
        targets = next_tokens[labelled].unsqueeze(0)
        output = fused_forward(
            *args, shift_labels=targets, labelled=labelled, fused_lm_head=True, **kwargs
        )
        return spread_labelled(output, labelled)

    backbone.forward = MethodType(hidden_states, backbone)
    model.forward = MethodType(forward, model)


def spread_labelled(output: Any, labelled: torch.Tensor) -> Any:
    """Put figures of shape (1, labelled tokens) back into (batch, length - 1), zero elsewhere."""
    for name in PER_TOKEN:
        values = getattr(output, name)
        if values is not None:
            zeros = values.new_zeros(labelled.shape)
            setattr(output, name, zeros.masked_scatter(labelled, values))
    return output
