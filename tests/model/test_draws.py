"""Tokens drawn by the inverse of the cumulative distribution: as often as their probabilities say."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from rlcall.model.rollouts.draws import pick, uniforms


@pytest.mark.parametrize("size", [5, 64, 1000])
def test_draws_are_distributed_as_their_scores_say(size: int) -> None:
    scores = torch.randn(size, generator=torch.Generator().manual_seed(size)) * 2
    count = 200_000
    numbers = uniforms(seed=1, rows=[0], length=count)[0]
    tokens, logprobs = pick(scores.expand(count, size), numbers)
    expected = scores.double().softmax(-1) * count
    often = expected > 5
    counts = torch.bincount(tokens, minlength=size).double()
    observed = [*counts[often].tolist(), counts[~often].sum().item()]
    wanted = [*expected[often].tolist(), expected[~often].sum().item()]
    if not wanted[-1]:
        observed, wanted = observed[:-1], wanted[:-1]
    assert chisquare(observed, wanted).pvalue > 1e-3
    assert logprobs == pytest.approx(scores.log_softmax(-1)[tokens], abs=1e-5)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-60, 60) | st.just(float("-inf")), min_size=1, max_size=200),
    st.floats(0, 1, exclude_max=True),
)
def test_a_token_without_probability_is_never_drawn(scores: list[float], number: float) -> None:
    if max(scores) == float("-inf"):
        scores[0] = 0.0
    row = torch.tensor([scores])
    tokens, _ = pick(row, torch.tensor([number], dtype=torch.float64))
    assert row.softmax(-1)[0, tokens[0]] > 0 or row[0, tokens[0]] > float("-inf")


def test_the_number_decides_alone() -> None:
    scores = torch.tensor([[0.0, 0.0, float("-inf"), 0.0]]).expand(4, 4)
    numbers = torch.tensor([0.0, 0.34, 0.67, 1 - 2**-53], dtype=torch.float64)
    tokens, _ = pick(scores, numbers)
    assert tokens.tolist() == [0, 1, 3, 3]


def test_nan_is_told() -> None:
    _, logprobs = pick(torch.tensor([[0.0, float("nan")]]), torch.tensor([0.5]).double())
    assert logprobs.isnan().all()


def test_numbers_depend_on_seed_row_and_position() -> None:
    numbers = uniforms(seed=3, rows=[0, 7], length=5)
    assert torch.equal(uniforms(seed=3, rows=[7], length=3)[0], numbers[1, :3])
    assert not torch.equal(uniforms(seed=4, rows=[7], length=5)[0], numbers[1])
    assert numbers.min() >= 0 and numbers.max() < 1
