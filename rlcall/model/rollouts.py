"""Generation in which completions that have ended leave the batch.

Their keys and values go, too; stock transformers pads them to the longest.

    a b c | x <end>                  a b c | x <end>
    a b c | y z z <end>      ->      a b c | y z z <end>      five tokens, not eight
    a b c | z <end>                  a b c | z <end>

    with ended_leave(model):
        model.generate(input_ids=..., attention_mask=..., generation_config=...)

What comes back is what `generate` gives: the same tokens, and where they are sampled the same ones
for the same seed, but for the rounding of matrix products of another size.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import torch
import torch.distributed as dist
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList
from transformers.distributed.fsdp import is_fsdp_managed_module
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

from rlcall.model.prefix_cache import generating, has_plain_cache, takes_cache

OF_ROWS = ("attention_mask", "position_ids", "token_type_ids")
NEEDS_STOCK = ("return_dict_in_generate", "guidance_scale", "stop_strings", "token_healing")


def ended_leave(model: Any) -> AbstractContextManager[None]:
    """Have the rows of a `model.generate` leave as soon as they end.

    It is called with `input_ids`, `attention_mask` and `generation_config`.

    Not with settings that the loop here does not know, nor for models with another kind of cache:
    those generate as before. Under ZeRO-3 and FSDP every rank makes as many forward passes as the
    one that takes longest.
    """
    return generating(model, lambda generate, inputs: generate(**_with_own_loop(model, inputs)))


def by_length(model: Any, size: int) -> AbstractContextManager[None]:
    """Have `generate` take `size` rows at a time, with prompts of similar lengths together.

    Rows come back in the order given. Ranks with the same number of rows make the same number of
    calls.
    """
    return generating(model, partial(_in_batches, size))


def _in_batches(size: int, generate: Callable[..., Any], inputs: dict[str, Any]) -> Any:
    ids, mask = inputs["input_ids"], inputs["attention_mask"]  # (rows, longest prompt)
    if len(ids) <= size:
        return generate(**inputs)
    lengths = mask.sum(1)
    order = lengths.argsort(stable=True)
    completions: list[torch.Tensor] = []
    for rows in order.split(size):
        width = int(lengths[rows].max())  # prompts are padded on the left
        batch = {**inputs, "input_ids": ids[rows, -width:], "attention_mask": mask[rows, -width:]}
        completions += generate(**batch)[:, width:]
    padding = inputs["generation_config"].pad_token_id
    padded = torch.nn.utils.rnn.pad_sequence(completions, batch_first=True, padding_value=padding)
    return torch.cat([ids, padded[order.argsort()]], dim=1)  # argsort of an order undoes it


def _with_own_loop(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    configs = (inputs.get("generation_config") or model.generation_config, model.generation_config)
    if not has_plain_cache(model) or not takes_cache(*configs) or any(map(_needs_stock, configs)):
        return inputs
    return {**inputs, "custom_generate": sample}


def _needs_stock(config: GenerationConfig) -> bool:
    return any(getattr(config, name, None) for name in NEEDS_STOCK)


@torch.no_grad()
def sample(
    model: Any,
    input_ids: torch.Tensor,
    logits_processor: LogitsProcessorList,
    stopping_criteria: StoppingCriteriaList,
    generation_config: GenerationConfig,
    **kwargs: Any,
) -> torch.Tensor:
    """Run the loop of `generate`, as its `custom_generate`.

    Returns (rows, prompt + longest completion) token ids.

    Source: GenerationMixin._sample of transformers 5.23, whose parts it is made of.
    """
    batch = _GrowingBatch(input_ids, generation_config, kwargs)
    in_step = _ranks_in_step(model)
    with model._optimize_model_for_decode():
        outputs = model._prefill(input_ids, generation_config, kwargs)
        while True:
            batch.inputs = model._update_model_kwargs_for_generation(outputs, batch.inputs)
            if not batch.done:
                logits = outputs.logits[:, -1].to(dtype=torch.float32, device=input_ids.device)
                batch.add_tokens(logits, logits_processor)
                batch.remove(stopping_criteria(batch.texts, None))
            if not model._has_unfinished_sequences(batch.done, in_step, device=input_ids.device):
                return batch.ids[:, : batch.length]
            inputs = model.prepare_inputs_for_generation(
                batch.texts[batch.rows], next_sequence_length=1, **batch.inputs
            )
            outputs = model(**inputs, return_dict=True)


def _ranks_in_step(model: Any) -> bool:
    """Tell whether a forward pass needs every rank.

    transformers decides in the same way, but does not tell.
    """
    if not (is_deepspeed_zero3_enabled() or is_fsdp_managed_module(model)):
        return False
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


class _GrowingBatch:
    """The rows of one call of `generate`, and those of them that are still under way."""

    def __init__(self, ids: torch.Tensor, config: GenerationConfig, inputs: dict[str, Any]) -> None:
        count, self.length = ids.shape
        padding = 0 if config._pad_token_tensor is None else int(config._pad_token_tensor)
        room = max(config.max_length - self.length, 1)
        self.ids = torch.nn.functional.pad(ids, (0, room), value=padding)  # (rows, most tokens)
        self.rows = torch.arange(count, device=ids.device)
        """Indices of the rows under way.

        Once `done`, one that is not, to keep step with the other ranks.
        """
        self.inputs = inputs
        self.done = False
        self._samples = config.do_sample

    @property
    def texts(self) -> torch.Tensor:
        """Token ids of all rows so far: (rows, length)."""
        return self.ids[:, : self.length]

    def add_tokens(self, logits: torch.Tensor, process: Any) -> None:
        """Add a token to each row under way, from (rows under way, vocabulary) logits.

        Rows that are gone are processed and drawn for, too, from nothing: a processor may know its
        rows by their index, and the others draw from the same seed what they would draw if nobody
        had left.
        """
        scores = logits.new_zeros(len(self.ids), logits.shape[1])
        scores[self.rows] = logits
        scores = process(self.texts, scores)
        if self._samples:
            tokens = torch.multinomial(scores.softmax(-1), num_samples=1)[:, 0]
        else:
            tokens = scores.argmax(-1)
        self.ids[self.rows, self.length] = tokens[self.rows]
        self.length += 1

    def remove(self, ended: torch.Tensor) -> None:
        """Take the rows that have `ended` (booleans) out of the batch and the cache."""
        staying = (~ended[self.rows]).nonzero().flatten()
        if len(staying) == len(self.rows):
            return
        self.done = len(staying) == 0
        if self.done:
            staying = torch.zeros_like(self.rows[:1])
        for name in OF_ROWS:
            value = self.inputs.get(name)
            if value is not None and len(value) == len(self.rows):
                self.inputs[name] = value[staying]
        self.inputs["past_key_values"].batch_select_indices(staying)
        self.rows = self.rows[staying]
