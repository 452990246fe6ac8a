"""Completions without padding give what TRL gives with it, whatever their lengths."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from rlcall.train.faster.packing import fewest_tokens
from rlcall.train.faster.shared_prefix import SharedPrefixTrainer
from tests.model.test_shared_prefix import make_model, tokens_through
from tests.support.ranks_shared_prefix import build


def padded(bins: Sequence[Sequence[int]], lengths: Sequence[int]) -> int:
    return len(bins) * max(sum(lengths[row] for row in members) for members in bins)


@pytest.mark.parametrize("seed", range(40))
def test_bins_hold_each_row_once_and_never_more_than_padding_would(seed: int) -> None:
    rng = Random(seed)
    lengths = [rng.choice([0, 1, 5, 20, 40, rng.randint(1, 40)]) for _ in range(rng.randint(2, 24))]
    lengths[0] = lengths[0] or 3
    prompts = [rng.randrange(4) for _ in lengths]
    bins = fewest_tokens(lengths, prompts)
    rows = [row for members in bins for row in members]
    assert sorted(rows) == [row for row, length in enumerate(lengths) if length]
    assert all(len({prompts[row] for row in members}) == 1 for members in bins)
    assert padded(bins, lengths) <= max(lengths) * sum(length > 0 for length in lengths)


@pytest.mark.parametrize(
    ("lengths", "prompts", "tokens"),
    [
        ([48, 24, 24], [0, 0, 0], 96),
        ([6, 3, 5, 1], [0, 0, 0, 1], 24),
        ([6, 4, 2, 6], [0, 0, 1, 1], 20),
        ([40] * 8, [0] * 8, 320),
        ([40, 10, 10, 10, 10], [0, 0, 0, 0, 0], 80),
        ([0, 7, 0], [0, 1, 2], 7),
    ],
)
def test_by_hand(lengths: list[int], prompts: list[int], tokens: int) -> None:
    assert padded(fewest_tokens(lengths, prompts), lengths) == tokens


def test_of_equals_there_are_the_most_bins() -> None:
    assert len(fewest_tokens([40] * 8, [0] * 8)) == 8


def batch(prompts: Sequence[int], rows: Sequence[int], lengths: Sequence[int]) -> Any:
    """Ids and mask of prompts of these lengths on the left, and of completions of these."""
    torch.manual_seed(1)
    texts = [torch.randint(3, 97, (length,)) for length in prompts]
    width, most = max(prompts), max(*lengths, 1)
    ids = torch.zeros(len(rows), width + most, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for index, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        begin = width - prompts[row]
        ids[index, begin:width] = texts[row]
        ids[index, width : width + length] = torch.randint(3, 97, (length,))
        mask[index, begin : width + length] = 1
    return ids, mask, most


def scores(trainer: Any, ids: Any, mask: Any, length: int) -> list[torch.Tensor]:
    """Log-probabilities, entropies and the gradient of a mixture of both."""
    trainer.model.zero_grad()
    logps, entropies, _ = trainer._get_per_token_logps_and_entropies(
        trainer.model, ids, mask, length, compute_entropy=True
    )
    (logps.sum() + entropies.square().sum()).backward()
    gradients = [p.grad.flatten() for p in trainer.model.parameters() if p.grad is not None]
    return [logps.detach(), entropies.detach(), torch.cat(gradients)]


CASES = [
    pytest.param((9, 5), (0, 0, 0, 0), (7, 2, 5, 1), 8 + 15, id="one-prompt"),
    pytest.param((9, 5, 7), (0, 1, 0, 2, 1, 0), (3, 8, 4, 6, 2, 1), None, id="mixed-up"),
    pytest.param((9, 5), (0, 0, 1, 1), (6, 0, 0, 3), None, id="some-are-not-learned-from"),
    pytest.param((9, 5), (0, 1, 1, 1), (5, 0, 0, 0), None, id="a-prompt-without-any"),
    pytest.param((9,), (0, 0, 0), (1, 1, 1), None, id="one-token-each"),
    pytest.param((9, 5), (0, 0, 1), (0, 0, 0), None, id="nothing-to-learn"),
    pytest.param((2, 2), (0, 1), (4, 4), None, id="the-shortest-prompts"),
]


@pytest.mark.parametrize("kind", ["llama", "llama-eager", "gpt2", "gemma3"])
@pytest.mark.parametrize(("prompts", "rows", "lengths", "tokens"), CASES)
def test_it_is_what_stock_trl_gives(
    kind: str,
    prompts: tuple[int, ...],
    rows: tuple[int, ...],
    lengths: tuple[int, ...],
    tokens: int | None,
    tiny_tokenizer: Any,
) -> None:
    trainer = build(SharedPrefixTrainer, lambda: make_model(kind), tiny_tokenizer)
    inputs = batch(prompts, rows, lengths)
    expected = scores(trainer, *inputs)
    trainer.share_prompts()
    seen = tokens_through(trainer)
    logps, entropies, gradient = scores(trainer, *inputs)
    assert (logps - expected[0]).abs().max() < 5e-5
    assert (entropies - expected[1]).abs().max() < 5e-5
    assert (gradient - expected[2]).norm() <= 1e-5 * expected[2].norm()
    assert bool(expected[2].norm()) == any(lengths)
    if tokens is not None and kind != "gemma3":
        assert sum(seen) == tokens, "the prompt but for its last token, and no padding"


class Largest(TorchDispatchMode):
    """Notes the largest tensor that any operation makes."""

    numbers = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for value in made if isinstance(made, tuple | list) else [made]:
            if isinstance(value, torch.Tensor):
                self.numbers = max(self.numbers, value.numel())
        return made


def test_logits_of_a_batch_never_stand_in_memory_whole(tiny_tokenizer: Any) -> None:
    """TRL's head goes over the vocabulary in tiles of 32,768; this one has more."""
    vocabulary, lengths = 70_000, [24] * 16
    trainer = build(
        SharedPrefixTrainer, lambda: make_model("llama", tokens=vocabulary), tiny_tokenizer
    )
    trainer.share_prompts()
    with Largest() as largest:
        scores(trainer, *batch((9, 5), (0, 1) * 8, lengths))
    assert largest.numbers < 0.5 * sum(lengths) * vocabulary
