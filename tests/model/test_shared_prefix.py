"""Shared prompts give what stock TRL gives: log-probabilities, gradients, rollouts, for each
kind of model."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import product
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM

from rlcall.model.load import plain_model
from rlcall.model.prefix_cache import distinct, share_prompts
from rlcall.train.faster.packing import sees_all
from rlcall.train.faster.shared_prefix import (
    SharedPrefixTrainer,
    has_plain_cache,
    obstacle,
    regrouped,
)
from tests.support.ranks_shared_prefix import build

SIZE = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 256,
}
GEMMA = {"sliding_window": 7, "query_pre_attn_scalar": 16}
LAYERS = ["sliding_attention", "full_attention", "sliding_attention"]
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {}),
    "llama-eager": ("llama", {"attn_implementation": "eager"}),
    "qwen2-sliding": (
        "qwen2",
        {"use_sliding_window": True, "sliding_window": 7, "max_window_layers": 1},
    ),
    "qwen3": ("qwen3", {}),
    "mistral-sliding": ("mistral", {"sliding_window": 7}),
    "gemma2": (
        "gemma2",
        {**GEMMA, "attn_implementation": "eager"},
    ),  # its capped scores rule sdpa out
    "gemma3": ("gemma3_text", {**GEMMA, "layer_types": LAYERS}),
    "gpt2": (
        "gpt2",
        {
            "n_embd": 64,
            "n_layer": 2,
            "n_head": 4,
            "resid_pdrop": 0,
            "embd_pdrop": 0,
            "attn_pdrop": 0,
        },
    ),
}
PROMPTS, COMPLETIONS = (
    (12, 9, 4),
    (6, 3, 5, 1, 6, 4, 2, 6),
)  # tokens; the windows above are shorter than the prompts
ROWS = (0, 0, 0, 1, 1, 1, 2, 2)


def make_model(kind: str, tokens: int = 97, seed: int = 0) -> Any:
    """A random model whose outputs spread; transformers' own start makes all tokens alike."""
    name, extra = KINDS[kind]
    settings = {
        **SIZE,
        **extra,
        "vocab_size": tokens,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    attention = settings.pop("attn_implementation", "sdpa")
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(name, **settings), attn_implementation=attention
    )
    for weight in model.parameters():
        if weight.ndim > 1:
            torch.nn.init.normal_(weight, std=0.1)
    return model


def make_batch(seed: int = 1) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Token ids and mask of (8, prompt + completion): three prompts, padded on the left;
    completions on the right."""
    torch.manual_seed(seed)
    prompts = [torch.randint(3, 97, (length,)) for length in PROMPTS]
    rows = [
        torch.cat([prompts[row], torch.randint(3, 97, (n,))])
        for row, n in zip(ROWS, COMPLETIONS, strict=True)
    ]
    before = [max(PROMPTS) - PROMPTS[row] for row in ROWS]
    length = max(COMPLETIONS)
    padding = [(left, length - n) for left, n in zip(before, COMPLETIONS, strict=True)]
    ids = torch.stack(
        [torch.nn.functional.pad(row, pad) for row, pad in zip(rows, padding, strict=True)]
    )
    mask = torch.stack(
        [torch.nn.functional.pad(torch.ones_like(r), p) for r, p in zip(rows, padding, strict=True)]
    )
    return ids, mask, length


def scores(trainer: Any, entropy: bool = True) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Log-probabilities, entropies, and the gradient of a random mixture of both."""
    ids, mask, length = make_batch()
    trainer.model.zero_grad()
    logps, entropies, _ = trainer._get_per_token_logps_and_entropies(
        trainer.model, ids, mask, length, batch_size=4, compute_entropy=entropy
    )
    torch.manual_seed(2)
    weights = torch.randn_like(logps)
    (logps * weights + entropies * weights.roll(1)).sum().backward()
    gradients = [p.grad.flatten() for p in trainer.model.parameters() if p.grad is not None]
    return logps.detach(), entropies.detach(), torch.cat(gradients)


@pytest.mark.parametrize(("kind", "lora"), [*product(KINDS, [0]), ("llama", 4), ("gemma3", 4)])
def test_log_probabilities_and_gradients_are_stock_trls(
    kind: str, lora: int, tiny_tokenizer: Any
) -> None:
    trainer = build(
        SharedPrefixTrainer, lambda: make_model(kind), tiny_tokenizer, lora=lora, temperature=0.7
    )
    assert obstacle(trainer) is None
    logps, entropies, gradient = scores(trainer)
    seen = tokens_through(trainer)
    trainer.share_prompts()
    ours, our_entropies, our_gradient = scores(trainer)
    mask = make_batch()[1][:, -max(COMPLETIONS) :].bool()
    assert logps[mask].max() < -0.01 and logps[mask].std() > 0.5 and (logps[~mask] == 0).all(), (
        "nothing to compare"
    )
    assert (logps - ours).abs().max() < 5e-5
    assert (entropies - our_entropies).abs().max() < 5e-5
    assert (gradient - our_gradient).norm() < 1e-5 * gradient.norm()
    # in two chunks of four rows, as batch_size says: two distinct prompts of eleven tokens in each,
    # and six a row; or the completions of 6 and 4 with one of 2 tokens in the second, without padding
    packs = sees_all(plain_model(trainer, trainer.model))
    assert seen == [2 * 11, 4 * 6, 2 * 11, 2 * 10 if packs else 4 * 6]
    assert packs == (kind in ("llama", "llama-eager", "qwen3", "gpt2"))


def tokens_through(trainer: Any) -> list[int]:
    """From here on, how many tokens go through the model in each pass."""
    seen: list[int] = []
    embedding = trainer.model.get_input_embeddings()
    embedding.register_forward_pre_hook(lambda _, args: seen.append(args[0].numel()))
    return seen


def test_the_difference_is_rounding(tiny_tokenizer: Any) -> None:
    """In float64 all but TRL's own float32 results agree to the last digits."""
    trainer = build(
        SharedPrefixTrainer, lambda: make_model("mistral-sliding").double(), tiny_tokenizer
    )
    logps, entropies, _ = scores(trainer)
    trainer.share_prompts()
    ours, our_entropies, _ = scores(trainer)
    assert (logps - ours).abs().max() < 1e-6 and (entropies - our_entropies).abs().max() < 1e-6


def test_in_bfloat16_it_is_no_further_from_float32_than_stock(tiny_tokenizer: Any) -> None:
    """Over 18 random models together; the errors of a single one differ by some percent either
    way."""
    errors: dict[str, float] = defaultdict(float)
    for kind, seed in product(("llama", "gemma2", "gemma3"), range(6)):
        exact_trainer, trainer = (
            build(
                SharedPrefixTrainer, partial(make_model, kind, seed=seed), tiny_tokenizer, bf16=half
            )
            for half in (False, True)
        )
        exact, found = scores(exact_trainer), {"stock": scores(trainer)}
        trainer.share_prompts()
        found["ours"] = scores(trainer)
        for name, (logps, _, gradient) in found.items():
            errors[f"{name} logps"] += float((logps - exact[0]).square().sum())
            errors[f"{name} gradient"] += float(
                (gradient - exact[2]).square().sum() / exact[2].square().sum()
            )
    for what in ("logps", "gradient"):
        assert (
            errors[f"stock {what}"] > 0
            and errors[f"ours {what}"] < 1.05**2 * errors[f"stock {what}"]
        )


IDS = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=4), min_size=1, max_size=8)


@given(IDS)
def test_distinct_prompts_give_the_batch_back(prompts: list[list[int]]) -> None:
    width = max(map(len, prompts))
    ids = torch.tensor(
        [[1] * (width - len(prompt)) + prompt for prompt in prompts]
    )  # the padding is a token, too
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    found, found_mask, rows = distinct(ids, mask)
    assert torch.equal(found_mask[rows], mask) and torch.equal(found[rows] * mask, ids * mask)
    assert len(found) == len({tuple(prompt) for prompt in prompts})


@given(st.permutations([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]))
def test_micro_batches_keep_equal_prompts_together(shuffled: list[int]) -> None:
    rows = {
        "prompt_ids": torch.tensor(shuffled).unsqueeze(1),
        "prompt_mask": torch.ones(12, 1, dtype=torch.long),
        "advantages": torch.arange(12.0),
    }
    batches = [{key: value[i : i + 6] for key, value in rows.items()} for i in (0, 6)]
    found = regrouped(
        [{**batch, "num_items_in_batch": torch.tensor(7), "none": None} for batch in batches]
    )
    assert [len(batch["prompt_ids"]) for batch in found] == [6, 6]
    assert all(
        len(batch["prompt_ids"].unique()) == 2 and batch["num_items_in_batch"] == 7
        for batch in found
    )
    pairs = [
        (p.item(), a.item())
        for b in found
        for p, a in zip(b["prompt_ids"], b["advantages"], strict=True)
    ]
    assert sorted(pairs, key=lambda pair: pair[1]) == [
        (p, float(i)) for i, p in enumerate(shuffled)
    ]
    assert list(dict(pairs)) == list(dict.fromkeys(shuffled)), (
        "the shuffle's order of prompts is lost"
    )


OFF = [
    pytest.param(
        {"gradient_checkpointing": True}, {}, "gradient_checkpointing", id="checkpointing"
    ),
    pytest.param(
        {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 4},
        {},
        "no two",
        id="one-row",
    ),
    pytest.param({}, {"attention_dropout": 0.1}, "dropout", id="dropout"),
    pytest.param({}, {"attn_implementation": "flex_attention"}, "flex_attention", id="attention"),
    pytest.param(
        {},
        {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}},
        "length",
        id="rope",
    ),
]


@pytest.mark.parametrize(("settings", "config", "why"), OFF)
def test_where_it_is_not_exact_the_reason_is_given(
    settings: dict[str, Any],
    config: dict[str, Any],
    why: str,
    tiny_tokenizer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, "off", ("llama", config))
    trainer = build(
        SharedPrefixTrainer,
        lambda: make_model("off", len(tiny_tokenizer)),
        tiny_tokenizer,
        **settings,
    )
    found = obstacle(trainer)
    assert found and why in found


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("mamba", {}),
        ("lfm2", {"layer_types": ["conv", "full_attention", "conv"]}),
        ("recurrent_gemma", {}),
        ("qwen3_next", {"num_experts": 2, "moe_intermediate_size": 16}),
    ],
)
def test_a_cache_of_another_kind_is_found_out(
    kind: str, extra: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, kind, (kind, {"attn_implementation": "eager", **extra}))
    assert not has_plain_cache(make_model(kind))
    assert has_plain_cache(make_model("llama"))


def test_a_shared_model_still_does_what_it_did() -> None:
    model = make_model("llama").eval()
    ids = torch.tensor([[3, 4, 5, 6]])
    with torch.no_grad():
        before = model(ids).logits
        share_prompts(model)
        assert torch.equal(before, model(ids).logits)
