"""Several completions of each row: from a model here, or from an OpenAI-compatible endpoint.

sampler = open_model("runs/sft", wire=None, dtype="float32")
sampler.wire                    # "smollm2": as its run taught it, or its template shows
sampler.sample(rows, Sampling(samples=8, temperature=1.0))    # a list of 8 texts for each row
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
from rlcall.model.instructions import instructed
from rlcall.model.prompts import render_prompt
from rlcall.model.rendering import DOCUMENTED, rendering_of


@dataclass(frozen=True, slots=True)
class Sampling:
    """The settings of sampling.

    `batch_size` completions are under way at once; an endpoint may ignore the seed.
    """

    samples: int = 8
    temperature: float = 1.0
    max_new_tokens: int = 96
    batch_size: int = 32
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Sampler:
    """The model that completions come from.

    `sample` yields each row's completions, in the rows' order.
    """

    wire: str
    """The wire format that is asked for."""
    sample: Callable[[Sequence[Row], Sampling], Iterator[list[str]]]
    rendering: str = DOCUMENTED
    """`Rendering.by`."""
    device: str = ""
    """What it runs on, where that is known."""
    note: str = ""
    """What to tell the user."""


def open_model(name: str, wire: str | None, dtype: str = "float32") -> Sampler:
    """Open a model that `rlcall.model.load.resolve` finds. ModelNotFoundError, PromptError.

    Prompts are those of training and evaluation, in the format that its run taught it unless
    another is asked for. Runs on the accelerator where there is one.
    """
    import torch

    from rlcall.model.load import load_model, load_tokenizer
    from rlcall.model.runtime import device_name

    tokenizer = load_tokenizer(name)
    rendering = rendering_of(tokenizer, name, wire)
    model: Any = load_model(name, dtype=dtype)
    model.to(torch.accelerator.current_accelerator() or "cpu")
    return Sampler(
        rendering.wire,
        partial(_sample, model, tokenizer, rendering.wire),
        rendering=rendering.by,
        device=device_name(model.device),
        note=f"{name}: {rendering.note}" if rendering.note else "",
    )


def open_endpoint(endpoint: Endpoint, wire: str) -> Sampler:
    """Open a model behind an address; the system message has tools and wire format.

    EndpointError once it is asked.
    """
    return Sampler(wire, partial(_ask, endpoint, wire))


def _sample(
    model: Any, tokenizer: Any, wire: str, rows: Sequence[Row], sampling: Sampling
) -> Iterator[list[str]]:
    """Sample several batches at a time, so that prompts of similar lengths come together."""
    from rlcall.model.generate import generate

    chunk = max(1, 8 * sampling.batch_size // sampling.samples)
    for start in range(0, len(rows), chunk):
        prompts = []
        for row in rows[start : start + chunk]:
            prompts += [render_prompt(row, tokenizer, wire)] * sampling.samples
        texts = generate(
            model,
            tokenizer,
            prompts,
            max_new_tokens=sampling.max_new_tokens,
            batch_size=sampling.batch_size,
            temperature=sampling.temperature,
            seed=Random(f"{sampling.seed} {start}").getrandbits(32),
        )
        for first in range(0, len(texts), sampling.samples):
            yield texts[first : first + sampling.samples]


def _ask(
    endpoint: Endpoint, wire: str, rows: Sequence[Row], sampling: Sampling
) -> Iterator[list[str]]:
    def complete(row: Row) -> list[str]:
        return endpoint.complete(
            instructed(row, wire),
            sampling.samples,
            temperature=sampling.temperature,
            max_tokens=sampling.max_new_tokens,
            seed=sampling.seed,
        )

    at_once = max(1, sampling.batch_size // sampling.samples)
    with ThreadPoolExecutor(at_once) as pool:
        # In chunks, so that an error leaves few requests under way.
        for start in range(0, len(rows), at_once):
            yield from pool.map(complete, rows[start : start + at_once])
