"""Completions for many prompts, greedy or sampled, on one rank or on all of them together.

    generate(model, tokenizer, ["<|im_start|>system\n..."], max_new_tokens=64, batch_size=32)
    # ['<tool_call>[{"name": "call", "arguments": {"who": "Anna"}}]</tool_call>']

Every rank calls it with the same prompts, works on its share of them and gets all completions. Shares have the same
number of prompts (the last prompt is repeated where they do not come out even), because under ZeRO-3 and FSDP each
forward pass needs every rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any

import torch
import torch.distributed as dist
from transformers import GenerationConfig, PreTrainedTokenizerBase

from rlcall.model.ends import end_ids
from rlcall.model.prefix_cache import fixed_positions, has_plain_cache, prefilled_once
from rlcall.model.rollouts import ended_leave


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
    """One completion per prompt, in order, up to its end of turn; special tokens before that are kept.

    `model` may be wrapped for training (DDP, DeepSpeed); it is left in the mode it was in. `batch_size` is per rank.
    `temperature` 0 is greedy; above, tokens are drawn from the whole distribution, the same ones for the same seed,
    batches and ranks. For several samples of a prompt, give it several times.
    """
    if not prompts:
        return []
    ids = tokenizer(list(prompts))["input_ids"]
    mine = _share(sorted(range(len(ids)), key=lambda index: -len(ids[index])))
    texts: dict[int, str] = {}
    settings = _settings(tokenizer, max_new_tokens, temperature)
    with (
        _drawing(seed),
        _decoding(model, settings) as plain,
        _thrifty(plain, len(set(prompts)) < len(prompts)),
    ):
        for start in range(0, len(mine), batch_size):
            batch = mine[start : start + batch_size]
            texts.update(
                zip(batch, _complete(plain, tokenizer, [ids[i] for i in batch]), strict=True)
            )
    texts = _gather(texts)
    return [texts[index] for index in range(len(ids))]


def _ranks() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _rank() -> int:
    return dist.get_rank() if _ranks() > 1 else 0


def _share(order: list[int]) -> list[int]:
    """This rank's part of the indices: every rank has as many, of about the same lengths."""
    ranks = _ranks()
    return (order + order[-1:] * (-len(order) % ranks))[_rank() :: ranks]


def _gather(texts: dict[int, str]) -> dict[int, str]:
    if _ranks() == 1:
        return texts
    parts: list[Any] = [None] * _ranks()
    dist.all_gather_object(parts, texts)
    return {index: text for part in parts for index, text in part.items()}


@contextmanager
def _drawing(seed: int) -> Iterator[None]:
    """Random numbers of this rank's own; training's go on afterwards as if none had been drawn."""
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(Random(f"{seed} {_rank()}").getrandbits(63))
        yield


def _settings(
    tokenizer: PreTrainedTokenizerBase, max_new_tokens: int, temperature: float
) -> GenerationConfig:
    sampling = (
        {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        if temperature
        else {}
    )
    stops = end_ids(tokenizer)
    return GenerationConfig(
        max_new_tokens=max_new_tokens,
        use_cache=True,
        eos_token_id=stops,
        pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else stops[0],
        **{"do_sample": False, **sampling},
    )


@contextmanager
def _decoding(model: torch.nn.Module, settings: GenerationConfig) -> Iterator[Any]:
    """The model itself without its wrappers, in evaluation mode, with these settings in the place of its own.

    In their place, because transformers fills what settings leave open (a repetition penalty, say) from the model's.
    """
    plain: Any = getattr(model, "module", model)  # where DDP and DeepSpeed keep it
    training, own = plain.training, plain.generation_config
    plain.eval()
    plain.generation_config = settings
    try:
        with (
            torch.no_grad()
        ):  # not inference_mode: what ZeRO-3 gathers here may be needed in a backward pass later
            yield plain
    finally:
        plain.generation_config = own
        plain.train(training)


@contextmanager
def _thrifty(model: Any, repeated: bool) -> Iterator[None]:
    """No work for rows that have ended; and each distinct prompt of a batch prefilled once, where some are equal."""
    model = model.get_base_model() if hasattr(model, "get_base_model") else model
    shares = repeated and has_plain_cache(model) and fixed_positions(model)
    with ended_leave(model), prefilled_once(model) if shares else nullcontext():
        yield


def _complete(
    model: Any, tokenizer: PreTrainedTokenizerBase, prompts: list[list[int]]
) -> list[str]:
    batch = tokenizer.pad({"input_ids": prompts}, padding_side="left", return_tensors="pt").to(
        model.device
    )
    completions = model.generate(**batch)[:, batch["input_ids"].shape[1] :].tolist()
    stops = model.generation_config.eos_token_id
    return [
        str(tokenizer.decode(_until(stops, ids), skip_special_tokens=False)) for ids in completions
    ]


def _until(stops: list[int], ids: list[int]) -> list[int]:
    """Token ids before the first that ends the turn; what follows it is padding."""
    return ids[: next((place for place, token in enumerate(ids) if token in stops), len(ids))]
