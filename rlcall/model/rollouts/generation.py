"""`model.generate` as a fast rollout, where that gives what transformers' own gives.

with fast_rollouts(model, size=32) as rollout:
    model.generate(input_ids=..., attention_mask=..., generation_config=...)
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import GenerationConfig
from transformers.generation import GenerationMode

from rlcall.model.prefix_cache import fixed_positions, has_plain_cache
from rlcall.model.rollouts.draws import uniforms
from rlcall.model.rollouts.loop import NotFiniteError, RolloutLoop
from rlcall.model.rollouts.precision import RolloutWeights

log = logging.getLogger(__name__)

NEEDS_STOCK = ("return_dict_in_generate", "guidance_scale", "stop_strings", "token_healing")


class Rollout:
    """What a call of `generate` left besides token ids."""

    def __init__(self) -> None:
        self.logprobs: list[list[float]] | None = None
        """Log-probabilities of the tokens of each row, up to its end; None where stock
        transformers generated."""


@contextmanager
def fast_rollouts(
    model: Any,
    *,
    size: int | None = None,
    weights: RolloutWeights | None = None,
    seed: int | None = None,
    rows: Sequence[int] | None = None,
) -> Iterator[Rollout]:
    """Have `model.generate` be a fast rollout, `size` rows at a time, in order of length.

    It is called with `input_ids`, `attention_mask` and `generation_config`. Numbers are drawn by
    `seed` (None: by torch's, which then advances by one number) and by the index of each row
    (None: its place in the call). Stock transformers generates where `why_stock` has a reason,
    which is logged. Ranks with as many rows make as many forward passes under ZeRO-3 and FSDP.
    """
    outer, plain = vars(model).get("generate"), model.generate
    rollout = Rollout()

    def generate(**inputs: Any) -> Any:
        reason = why_stock(model, inputs)
        if reason:
            log.warning("rollouts: transformers' own generate, since %s", reason)
            return plain(**inputs)
        numbers = _numbers(model, inputs, seed, rows)

        def run() -> Any:
            return _in_batches(plain, inputs, numbers, size, rollout)

        return weights.call(model, run) if weights else run()

    model.generate = generate
    try:
        yield rollout
    finally:
        del model.generate
        if outer:
            model.generate = outer


def why_stock(model: Any, inputs: dict[str, Any]) -> str | None:
    """Return why a call of `generate` is left to transformers; None where it is not."""
    own = model.generation_config
    for config in (inputs.get("generation_config") or own, own):
        if not _goes_on_from_cache(config):
            return "its settings ask for beams, or for a cache of their own"
        named = [name for name in NEEDS_STOCK if getattr(config, name, None)]
        if named:
            return f"{named[0]} is set"
    if not has_plain_cache(model):
        return "the model's cache is not just keys and values of its tokens"
    if not type(model)._supports_attention_backend:
        return "the model's attention cannot be replaced"
    if not fixed_positions(model):
        return "the model's positions depend on its input's length"
    if any(hasattr(module, "sinks") for module in model.modules()):
        return "the model has attention sinks"
    return None


def _goes_on_from_cache(config: GenerationConfig) -> bool:
    """Tell whether these settings go on from a cache, without beams or one of another kind."""
    return (
        config.get_generation_mode() in (GenerationMode.SAMPLE, GenerationMode.GREEDY_SEARCH)
        and config.num_return_sequences in (None, 1)
        and (config.cache_implementation, config.prefill_chunk_size) == (None, None)
        and config.use_cache is not False
    )


def _numbers(
    model: Any, inputs: dict[str, Any], seed: int | None, rows: Sequence[int] | None
) -> torch.Tensor | None:
    """Return the numbers to draw by, (rows, most tokens); None where nothing is drawn."""
    config = inputs.get("generation_config") or model.generation_config
    if not config.do_sample:
        return None
    count, width = inputs["input_ids"].shape
    most = config.max_new_tokens or config.max_length - width
    if seed is None:
        seed = int(torch.randint(2**62, ()))
    return uniforms(seed, range(count) if rows is None else rows, most)


def _in_batches(
    generate: Any,
    inputs: dict[str, Any],
    numbers: torch.Tensor | None,
    size: int | None,
    rollout: Rollout,
) -> torch.Tensor:
    """Return (rows, prompt + longest completion) token ids, and leave the log-probabilities."""
    ids, mask = inputs["input_ids"], inputs["attention_mask"]  # (rows, longest prompt)
    config = inputs.get("generation_config") or generate.__self__.generation_config
    order = torch.arange(len(ids), device=ids.device)
    if size is not None and len(ids) > size:
        order = mask.sum(1).argsort(stable=True)
    completions: list[torch.Tensor] = []
    logprobs: list[list[float]] = []
    for rows in order.split(size or len(ids)):
        width = ids.shape[1]
        if config.max_new_tokens:  # prompts are padded on the left
            width = int(mask[rows].sum(1).max())
        loop = RolloutLoop(None if numbers is None else numbers[rows.cpu()])
        batch = {"input_ids": ids[rows, -width:], "attention_mask": mask[rows, -width:]}
        try:
            output = generate(**{**inputs, **batch, "custom_generate": loop.sample})
        except NotFiniteError as error:
            raise NotFiniteError(int(rows[error.row]), error.position) from None
        completions += output[:, width:]
        logprobs += loop.logprobs
    back = order.argsort()  # of an order, undoes it
    rollout.logprobs = [logprobs[index] for index in back.tolist()]
    padding = config.pad_token_id or 0
    padded = torch.nn.utils.rnn.pad_sequence(completions, batch_first=True, padding_value=padding)
    return torch.cat([ids, padded[back]], dim=1)
