"""Tokens drawn by one uniform number each, which depends on seed, row and position alone.

uniforms(seed=1, rows=[0, 5], length=40)         # (2, 40), the same for row 5 in any batch
tokens, logprobs = pick(scores, uniforms[:, 0])  # by the inverse of the cumulative distribution
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import torch

BLOCK = 64


def uniforms(seed: int, rows: Sequence[int], length: int) -> torch.Tensor:
    """Return numbers in [0, 1), (rows, length) float64.

    They are counter-based (Philox4x64, Salmon et al. 2011), with seed and row as the key.
    """
    drawn = torch.empty(len(rows), length, dtype=torch.float64)
    for index, row in enumerate(rows):
        numbers = numpy.random.Generator(numpy.random.Philox(key=[seed, row])).random(length)
        drawn[index] = torch.from_numpy(numbers)
    return drawn


def pick(scores: torch.Tensor, numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a token for each row of (rows, vocabulary) float32 scores, and its log-probability.

    The sum goes over blocks first, and then within the block that the row's number falls into. A
    token without probability is never picked. Where a row's scores hold NaN, its log-probability is
    NaN.
    """
    rows = torch.arange(len(scores), device=scores.device)
    highest = scores.amax(-1, keepdim=True)
    weights = (scores - highest).exp_()
    missing = -weights.shape[-1] % BLOCK
    if missing:
        weights = torch.nn.functional.pad(weights, (0, missing))
    blocks = weights.view(len(scores), -1, BLOCK)
    sums = blocks.sum(-1)
    block, rest = _find(sums.double(), numbers.to(scores.device))
    inside, _ = _find(blocks[rows, block].double(), rest)
    tokens = (block * BLOCK + inside).clamp(max=scores.shape[-1] - 1)  # beyond only for NaN
    logprobs = scores[rows, tokens] - highest[:, 0] - sums.sum(-1).log()
    return tokens, logprobs


def _find(weights: torch.Tensor, numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return where numbers in [0, 1) fall among (rows, n) weights, and how far into that one."""
    cumulative = weights.cumsum(-1)
    total = cumulative[:, -1:]
    reached = numbers[:, None] * total
    reached = torch.minimum(reached, torch.nextafter(total, torch.zeros_like(total)))
    index = torch.searchsorted(cumulative, reached, right=True).clamp(max=weights.shape[-1] - 1)
    weight = weights.gather(-1, index)
    before = cumulative.gather(-1, index) - weight
    within = ((reached - before) / weight).clamp(0, 1)
    return index[:, 0], within[:, 0]
