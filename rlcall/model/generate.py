"""Completions for many prompts, greedy or sampled, on one rank or on all of them together.

    generate(model, tokenizer, ["<|im_start|>system\n..."], max_new_tokens=64, batch_size=32)
    # ['<tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call>']

Every rank calls it with the same prompts, works on its part of them and gets all completions. Parts
have the same number of prompts (the last prompt is repeated where they do not come out even),
because under ZeRO-3 and FSDP each forward pass needs every rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import torch
import torch.distributed as dist
from transformers import GenerationConfig, PreTrainedTokenizerBase

from rlcall.model.ends import end_ids, ends_call
from rlcall.model.rollouts.generation import fast_rollouts


def generate(
    model: torch.nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[str],
    *,
    max_new_tokens: int,
    batch_size: int,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[str]:
    """Return one completion per prompt, in order, up to its end of turn.

    Special tokens before that are kept.

    `model` may be wrapped for training (DDP, DeepSpeed); it is left in the mode it was in.
    `batch_size` is per rank. `temperature` 0 is greedy; above, tokens are drawn from the whole
    distribution, the same ones for the same seed whatever the batches and ranks. For several
    samples of a prompt, give it several times.
    """
    if not prompts:
        return []
    ids = tokenizer(list(prompts))["input_ids"]
    longest_first = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
    indices = _part_of_rank(longest_first)
    config = _generation_config(tokenizer, max_new_tokens, temperature)
    texts: dict[int, str] = {}
    with _random_numbers_of_rank(seed), _decoding(model, config) as plain:
        base = plain.get_base_model() if hasattr(plain, "get_base_model") else plain
        for start in range(0, len(indices), batch_size):
            batch = indices[start : start + batch_size]
            with fast_rollouts(base, seed=seed % 2**63, rows=batch):
                completions = _complete(plain, tokenizer, [ids[index] for index in batch])
            texts.update(zip(batch, completions, strict=True))
    texts = _gather(texts)
    return [texts[index] for index in range(len(ids))]


def _rank_count() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _rank() -> int:
    return dist.get_rank() if _rank_count() > 1 else 0


def _part_of_rank(indices: list[int]) -> list[int]:
    """Return this rank's part of the indices.

    Every rank has the same number, with prompts of about the same lengths.
    """
    ranks = _rank_count()
    missing = -len(indices) % ranks
    return (indices + indices[-1:] * missing)[_rank() :: ranks]


def _gather(texts: dict[int, str]) -> dict[int, str]:
    """Return the texts of all ranks."""
    if _rank_count() == 1:
        return texts
    parts: list[Any] = [None] * _rank_count()
    dist.all_gather_object(parts, texts)
    merged = {}
    for part in parts:
        merged.update(part)
    return merged


@contextmanager
def _random_numbers_of_rank(seed: int) -> Iterator[None]:
    """Draw random numbers of this rank's own.

    Those of training go on afterwards as if none had been drawn.
    """
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(Random(f"{seed} {_rank()}").getrandbits(63))
        yield


def _generation_config(
    tokenizer: PreTrainedTokenizerBase, max_new_tokens: int, temperature: float
) -> GenerationConfig:
    ends = end_ids(tokenizer)
    padding = tokenizer.pad_token_id
    sampling: dict[str, Any] = {"do_sample": False}
    if temperature:
        sampling = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
    return GenerationConfig(
        max_new_tokens=max_new_tokens,
        use_cache=True,
        eos_token_id=ends,
        pad_token_id=ends[0] if padding is None else padding,
        **sampling,
    )


@contextmanager
def _decoding(model: torch.nn.Module, config: GenerationConfig) -> Iterator[Any]:
    """Yield the model without wrappers, in evaluation mode, with this config instead of its own.

    Instead, because transformers fills what a config leaves open (a repetition penalty, say) from
    the model's.
    """
    plain: Any = getattr(model, "module", model)  # where DDP and DeepSpeed keep it
    was_training, own_config = plain.training, plain.generation_config
    plain.eval()
    plain.generation_config = config
    try:
        # Not inference_mode: what ZeRO-3 gathers here may be needed in a backward pass later.
        with torch.no_grad():
            yield plain
    finally:
        plain.generation_config = own_config
        plain.train(was_training)


def _complete(
    model: Any, tokenizer: PreTrainedTokenizerBase, prompts: list[list[int]]
) -> list[str]:
    batch = tokenizer.pad({"input_ids": prompts}, padding_side="left", return_tensors="pt")
    batch = batch.to(model.device)
    width = batch["input_ids"].shape[1]
    ends = model.generation_config.eos_token_id
    texts = []
    for ids in model.generate(**batch)[:, width:].tolist():
        texts.append(_own_text(tokenizer, ids, ends))
    return texts


def _own_text(tokenizer: PreTrainedTokenizerBase, ids: list[int], ends: list[int]) -> str:
    """Return the text before the first end of turn, with that end where it belongs to a call."""
    length = next((place for place, token in enumerate(ids) if token in ends), len(ids))
    end = str(tokenizer.decode(ids[length : length + 1], skip_special_tokens=False))
    own_ids = ids[: length + 1] if ends_call(end) else ids[:length]
    return str(tokenizer.decode(own_ids, skip_special_tokens=False))
