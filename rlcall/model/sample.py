"""Several completions of each row: from a model or checkpoint here, or from an OpenAI-compatible endpoint.

sampler = open_model("runs/sft", wire=None, dtype="float32")
sampler.wire                                                # "smollm2": as its run taught it, or its template shows
sampler.sample(rows, Sampling(samples=8, temperature=1.0))  # a list of 8 texts for each row
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from rlcall.data.rows import Row
from rlcall.model.endpoint import Endpoint
from rlcall.model.prompts import instructed, render_prompt
from rlcall.model.rendering import DOCUMENTED, rendering_of
from rlcall.runs.origin import taught_wire


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample. `batch_size` completions are under way at once. An endpoint need not keep to the seed."""

    samples: int = 8
    temperature: float = 1.0
    max_new_tokens: int = 96
    batch_size: int = 32
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Sampler:
    """Where completions come from, and the wire format that is asked for. `sample` goes through the rows in order."""

    wire: str
    sample: Callable[[Sequence[Row], Sampling], Iterator[list[str]]]
    rendering: str = DOCUMENTED
    """Whose it is."""
    device: str = ""
    """What it runs on, where that is known."""
    note: str = ""
    """What to tell of it."""


def open_model(name: str, wire: str | None, dtype: str = "float32") -> Sampler:
    """Open a model that `rlcall.model.load.resolve` finds. ModelNotFoundError, PromptError.

    Prompts are those of training and evaluation, in the format that its run taught it unless another is asked for.
    Runs on the accelerator where there is one.
    """
    import torch

    from rlcall.model.load import load_model, load_tokenizer
    from rlcall.model.runtime import device_name

    tokenizer = load_tokenizer(name)
    rendering = rendering_of(tokenizer, wire or taught_wire(name))
    model: Any = load_model(name, dtype=dtype)
    model.to(torch.accelerator.current_accelerator() or "cpu")
    note = f"{name}: {rendering.note}" if rendering.note else ""
    device = device_name(model.device)
    return Sampler(
        rendering.wire,
        partial(_sample, model, tokenizer, rendering.wire),
        rendering.by,
        device,
        note,
    )


def _sample(
    model: Any, tokenizer: Any, wire: str, rows: Sequence[Row], how: Sampling
) -> Iterator[list[str]]:
    """Several batches at a time, so that prompts of like lengths come together."""
    from rlcall.model.generate import generate

    size = max(1, 8 * how.batch_size // how.samples)
    for start in range(0, len(rows), size):
        prompts = [render_prompt(row, tokenizer, wire) for row in rows[start : start + size]]
        texts = generate(
            model,
            tokenizer,
            [prompt for prompt in prompts for _ in range(how.samples)],
            max_new_tokens=how.max_new_tokens,
            batch_size=how.batch_size,
            temperature=how.temperature,
            seed=Random(f"{how.seed} {start}").getrandbits(32),
        )
        yield from (
            texts[place : place + how.samples] for place in range(0, len(texts), how.samples)
        )


def open_endpoint(endpoint: Endpoint, wire: str) -> Sampler:
    """A model behind an address, which sees the tools and the wire format in the system message.

    EndpointError once it is asked.
    """

    def sample(rows: Sequence[Row], how: Sampling) -> Iterator[list[str]]:
        def ask(row: Row) -> list[str]:
            messages, most = instructed(row, wire), how.max_new_tokens
            return endpoint.complete(
                messages, how.samples, temperature=how.temperature, max_tokens=most, seed=how.seed
            )

        at_once = max(1, how.batch_size // how.samples)
        with ThreadPoolExecutor(at_once) as pool:
            for start in range(
                0, len(rows), at_once
            ):  # in pieces, so that an error leaves few requests under way
                yield from pool.map(ask, rows[start : start + at_once])

    return Sampler(wire, sample)
