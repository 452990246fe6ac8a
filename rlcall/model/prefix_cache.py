"""Each distinct prompt of a batch through a model once; its cache is repeated for the completions.

    <pad> a b c | x y        the distinct prompts but for their last tokens   <pad> a b      d e f
    <pad> a b c | z          what goes through the model with their cache     c x   c z      g u
      d   e f g | u v

A prompt's last token goes with the completion, whose first token it predicts. Gradients flow
through the cache. Every token keeps the column, and so the position and the mask, that it has the
plain way.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

LENGTH_DEPENDENT_ROPE = ("dynamic", "longrope")


def distinct(ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, Any]:
    """Return the distinct rows of (batch, length) token ids.

    With them their masks, and (batch,) which of them each row is.
    """
    # Padding becomes -1: rows with different padding differ, and the masks can be read off again.
    unique, rows = torch.unique(ids.masked_fill(mask == 0, -1), dim=0, return_inverse=True)
    return unique.clamp(min=0), (unique >= 0).to(mask.dtype), rows


def share_prompts(model: Any) -> None:
    """Teach the backbone of a transformers model an argument `completion_length`.

    With it, each distinct prompt goes in once.

    It comes with `input_ids` and `attention_mask` of (batch, prompt + completion_length), the
    prompts padded on the left to at least two tokens. `last_hidden_state` is then (batch,
    completion_length, width): what predicts each token of the completions. A wrapper (PEFT, DDP,
    DeepSpeed) sees one forward pass.
    """
    backbone = model.base_model
    plain = backbone.forward

    def forward(_: Any, *args: Any, completion_length: int | None = None, **kwargs: Any) -> Any:
        if completion_length is None:
            return plain(*args, **kwargs)
        return _forward(plain, model.config, completion_length, **kwargs)

    backbone.forward = MethodType(forward, backbone)


def _forward(
    plain: Callable[..., Any],
    config: Any,
    length: int,
    *,
    input_ids: Any,
    attention_mask: Any,
    **kwargs: Any,
) -> Any:
    begin = input_ids.shape[1] - length - 1
    ids, mask, rows = distinct(input_ids[:, :begin], attention_mask[:, :begin])
    kwargs |= {"past_key_values": DynamicCache(config=config), "use_cache": True}
    plain(input_ids=ids, attention_mask=mask, **kwargs)
    kwargs["past_key_values"].reorder_cache(rows)
    return plain(input_ids=input_ids[:, begin:-1], attention_mask=attention_mask[:, :-1], **kwargs)


def fixed_positions(model: Any) -> bool:
    """Tell whether a token's rotary position is the same in inputs of any length."""
    rope = str(getattr(model.config, "rope_parameters", ""))
    return not any(kind in rope for kind in LENGTH_DEPENDENT_ROPE)


def has_plain_cache(model: Any) -> bool:
    """Tell whether a model remembers keys and values alone.

    There is one of each per layer, head and token.

    False for a multimodal model, whose input is more than tokens.
    """
    backbone = getattr(model, "base_model", model)
    if backbone is model or model._is_stateful:
        return False
    if model.config.get_text_config() is not model.config:
        return False
    if "past_key_values" not in inspect.signature(type(backbone).forward).parameters:
        return False
    try:
        layers = DynamicCache(config=model.config).layers
    except KeyError:  # a kind of layer that DynamicCache does not know
        return False
    return {type(layer) for layer in layers} <= {DynamicLayer, DynamicSlidingWindowLayer}
