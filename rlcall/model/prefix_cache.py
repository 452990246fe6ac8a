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
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import MethodType
from typing import Any

import torch
from transformers import Cache, DynamicCache, GenerationConfig
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer
from transformers.generation import GenerationMode

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


@contextmanager
def generating(
    model: Any, how: Callable[[Callable[..., Any], dict[str, Any]], Any]
) -> Iterator[None]:
    """Have `model.generate(**inputs)` be `how(generate, inputs)`, with the model's own `generate`.

    May be nested.
    """
    outer, plain = vars(model).get("generate"), model.generate
    model.generate = lambda **inputs: how(plain, inputs)
    try:
        yield
    finally:
        del model.generate
        if outer:
            model.generate = outer


def prefilled_once(model: Any) -> AbstractContextManager[None]:
    """Have `model.generate` prefill equal prompts once.

    It is called with `input_ids`, `attention_mask` and `generation_config`.
    """
    return generating(model, lambda generate, inputs: generate(**_with_prefill(model, inputs)))


def _with_prefill(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    config = inputs.get("generation_config") or model.generation_config
    if inputs["input_ids"].shape[1] < 2 or not takes_cache(config, model.generation_config):
        return inputs
    cache = _prefill(model, inputs["input_ids"][:, :-1], inputs["attention_mask"][:, :-1])
    return {**inputs, "past_key_values": cache}


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


def takes_cache(*configs: GenerationConfig) -> bool:
    """Tell whether `generate` goes on from a cache with these settings.

    That is, without beams and without another kind of cache.

    The model's own settings count too: transformers takes from them what the others leave open.
    """
    return all(
        config.get_generation_mode() in (GenerationMode.SAMPLE, GenerationMode.GREEDY_SEARCH)
        and config.num_return_sequences in (None, 1)
        and (config.cache_implementation, config.prefill_chunk_size) == (None, None)
        and config.use_cache is not False
        for config in configs
    )


def _prefill(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> Cache:
    """Return the cache of (batch, length) prompts as `generate` makes it.

    One pass goes over the distinct prompts.
    """
    ids, mask, rows = distinct(ids, mask)
    cache = DynamicCache(config=model.config)
    options = {"position_ids": (mask.cumsum(-1) - 1).clamp(min=0), "logits_to_keep": 1}
    parameters = inspect.signature(model.forward).parameters
    kwargs = {name: value for name, value in options.items() if name in parameters}
    model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **kwargs)
    cache.reorder_cache(rows)
    return cache
