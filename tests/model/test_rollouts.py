"""Rollouts without waste give what transformers' `generate` gives, and take no ended completion
any further."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GenerationConfig

from rlcall.model import rollouts
from rlcall.model.ends import end_ids, end_turns
from rlcall.model.generate import generate
from rlcall.model.prefix_cache import prefilled_once
from rlcall.model.rollouts import by_length, ended_leave
from rlcall.train.faster.shared_prefix import SharedPrefixTrainer
from rlcall.wire.reading.gathered import marker, turn_ends
from rlcall.wire.reading.turn import end_tokens, strip_end
from tests.model.test_shared_prefix import KINDS, make_batch, make_model
from tests.support.ranks_shared_prefix import build

ROOT = Path(__file__).parents[2]
ENDS = [2, *range(3, 97, 8)]
PROCESSED = {
    "repetition_penalty": 1.3,
    "no_repeat_ngram_size": 3,
    "min_new_tokens": 3,
    "temperature": 0.8,
}


def inputs_of(ids: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"input_ids": ids, "attention_mask": mask}


def prompts() -> dict[str, torch.Tensor]:
    """Eight rows of three prompts, of 12, 9 and 4 tokens, padded on the left; the windows are of
    seven."""
    ids, mask, length = make_batch()
    return inputs_of(ids[:, :-length], mask[:, :-length])


def config(**given: Any) -> GenerationConfig:
    return GenerationConfig(
        **{"max_new_tokens": 24, "pad_token_id": 0, "eos_token_id": ENDS, "top_k": 0, **given}
    )


def run(model: Any, inputs: dict[str, torch.Tensor], how: GenerationConfig) -> torch.Tensor:
    torch.manual_seed(0)
    with torch.no_grad():
        return model.generate(**inputs, generation_config=how)


def columns_of(model: Any) -> list[tuple[int, int]]:
    """From here on, the (rows, tokens) of each forward pass."""
    seen: list[tuple[int, int]] = []
    model.get_input_embeddings().register_forward_pre_hook(
        lambda _, args: seen.append(tuple(args[0].shape))
    )
    return seen


@pytest.mark.parametrize(
    "how", [{}, {"do_sample": True}, PROCESSED, {"do_sample": True, **PROCESSED}]
)
@pytest.mark.parametrize("kind", KINDS)
def test_completions_are_stock_transformers(kind: str, how: dict[str, Any]) -> None:
    """Token for token, greedy and sampled, also after processors that look at all that is
    written."""
    model, settings = make_model(kind).eval(), config(**{"do_sample": False, **how})
    stock = run(model, prompts(), settings)
    lengths = (stock[:, 12:] != 0).sum(1)
    assert lengths.unique().numel() > 1, "they all end together, so that none could leave"
    with ended_leave(model):
        assert torch.equal(stock, run(model, prompts(), settings))
        with prefilled_once(model):
            assert torch.equal(stock, run(model, prompts(), settings))
        assert "generate" in vars(model)
    assert "generate" not in vars(model)


def test_no_token_goes_through_the_model_after_its_completion_has_ended() -> None:
    model, how = make_model("llama").eval(), config(do_sample=True, suppress_tokens=[0])
    stock = run(model, prompts(), how)
    lengths = (stock[:, 12:] != 0).sum(1).tolist()
    seen = columns_of(model)
    with ended_leave(model):
        run(model, prompts(), how)
    # the first token of each comes from the prompts; the last one of each predicts nothing, and
    # does not go through
    assert seen[0] == (8, 12) and sum(rows for rows, _ in seen[1:]) == sum(
        length - 1 for length in lengths
    )
    assert all(tokens == 1 for _, tokens in seen[1:]) and len(seen) == max(lengths)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(3, 20), min_size=1, max_size=6), min_size=1, max_size=6),
    st.sets(st.integers(3, 20), max_size=6),
    st.booleans(),
)
def test_whatever_the_prompts_and_ends(rows: list[list[int]], ends: set[int], draws: bool) -> None:
    width = max(map(len, rows))
    ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    how = config(eos_token_id=sorted({2, *ends}), do_sample=draws, max_new_tokens=6, top_k=12)
    stock = run(SMALL, inputs_of(ids, mask), how)
    with ended_leave(SMALL), prefilled_once(SMALL):
        assert torch.equal(stock, run(SMALL, inputs_of(ids, mask), how))


SMALL = make_model("gemma3", tokens=21).eval()


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
def test_batches_of_like_lengths_write_the_same_in_the_same_order(kind: str) -> None:
    model, how = make_model(kind).eval(), config(do_sample=False)
    shuffled = torch.tensor([6, 0, 3, 7, 1, 4, 2, 5])
    inputs = {name: value[shuffled] for name, value in prompts().items()}
    stock = run(model, inputs, how)
    seen = columns_of(model)
    with by_length(model, 3):
        assert torch.equal(stock, run(model, inputs, how))
    # prompts of 4, 4 and 9 tokens, of 9, 9 and 12, and the other two of 12, each without the
    # others' padding
    assert [shape for shape in seen if shape[1] > 1] == [(3, 9), (3, 12), (2, 12)]
    with ended_leave(model), prefilled_once(model), by_length(model, 8):
        assert torch.equal(stock, run(model, inputs, how))


STOCK = [
    {"num_beams": 2},
    {"use_cache": False},
    {"cache_implementation": "static"},
    {"guidance_scale": 1.5},
]


@pytest.mark.parametrize("how", STOCK)
def test_other_settings_generate_as_ever(
    how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("our loop does not know these settings")

    monkeypatch.setattr(rollouts, "sample", never)
    model, settings = (
        make_model("llama").eval(),
        config(do_sample=False, disable_compile=True, **how),
    )
    stock = run(model, prompts(), settings)
    with ended_leave(model):
        assert torch.equal(stock, run(model, prompts(), settings))


def test_a_dict_of_everything_comes_from_stock_transformers() -> None:
    model, settings = make_model("llama").eval(), config(do_sample=False)
    settings.update(output_logits=True, return_dict_in_generate=True)
    with ended_leave(model):
        assert len(run(model, prompts(), settings).logits) > 1


def test_a_model_with_another_cache_generates_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "mamba", ("mamba", {"attn_implementation": "eager"}))
    model = make_model("mamba").eval()
    stock = run(model, prompts(), config(do_sample=False))
    with ended_leave(model):
        assert torch.equal(stock, run(model, prompts(), config(do_sample=False)))


def test_a_rank_that_has_ended_makes_the_passes_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As under ZeRO-3, where another rank goes on for 17 tokens: one row stays for it, and
    nothing is written."""
    model = make_model("gemma3").eval()
    how = config(do_sample=True, max_new_tokens=20)
    stock = run(model, prompts(), how)
    longest = stock.shape[1] - 12
    assert longest < 17
    asked = iter(range(1, 100))
    monkeypatch.setattr(rollouts, "_ranks_in_step", lambda _: True)
    monkeypatch.setattr(model, "_has_unfinished_sequences", lambda *_, **__: next(asked) < 17)
    seen = columns_of(model)
    with ended_leave(model):
        ours = run(model, prompts(), how)
    assert torch.equal(stock, ours) and len(seen) == 17
    assert seen[longest:] == [(1, 1)] * (17 - longest)


@pytest.mark.parametrize("lora", [0, 4])
def test_a_trainers_rollouts_are_stock_trls(lora: int, tiny_tokenizer: Any) -> None:
    def load() -> Any:
        model = make_model("llama", len(tiny_tokenizer))
        model.generation_config.eos_token_id = list(range(2, len(tiny_tokenizer), 6))
        return model

    trainer = build(SharedPrefixTrainer, load, tiny_tokenizer, lora=lora, replay=False)
    trainer.model_wrapped = trainer.model
    asked = [[5, 6, 7, 9, 10]] * 4 + [[11, 12]] * 4

    def rollout() -> list[list[int]]:
        torch.manual_seed(0)
        return trainer._generate_single_turn(asked, None, {}, 4)[0]

    stock = rollout()
    assert len({len(ids) for ids in stock}) > 2
    seen = columns_of(trainer.model)
    trainer.let_ended_leave()
    assert rollout() == stock and min(seen)[0] < 8
    trainer.share_prompts()
    assert rollout() == stock
    assert trainer.generation_seconds > 0 and trainer.generation_tokens == 3 * sum(map(len, stock))
    seen.clear()
    trainer.rollout_batch_size = 4
    assert len(rollout()) == 8 and max(seen)[0] == 4
    assert [tokens for _, tokens in seen if tokens > 1] == [4], (
        "the shorter prompts have one token before their last"
    )


def test_evaluation_and_sampling_make_as_few_passes(tiny_folder: Path, tiny_tokenizer: Any) -> None:
    from rlcall.model.load import load_model

    model: Any = load_model(str(tiny_folder))
    model.generation_config.repetition_penalty = 2.0  # a model's own taste, which does not count
    seen = columns_of(model)
    texts = generate(
        model, tiny_tokenizer, ["Who is in?"] * 4, max_new_tokens=6, batch_size=4, temperature=1.0
    )
    length = len(tiny_tokenizer("Who is in?")["input_ids"])
    assert seen[:2] == [(1, length - 1), (4, 1)] and len(set(texts)) > 1
    seen.clear()
    generate(
        model,
        tiny_tokenizer,
        ["Who is in?", "Who is at home, and who is in?"],
        max_new_tokens=2,
        batch_size=2,
    )
    assert seen[0][0] == 2 and seen[0][1] > length


def test_what_ends_a_turn_is_what_the_verifier_takes_off_its_end() -> None:
    assert set(turn_ends()) < set(end_tokens())
    assert all(strip_end(f"[f(a=1)]{end}\n{end}") == "[f(a=1)]" for end in turn_ends())
    assert not [end for end in turn_ends() if marker().fullmatch(end)]


ADDED = {
    "llama3": (["<|eot_id|>", "<|eom_id|>", "<|python_tag|>"], ["<|eot_id|>", "<|eom_id|>"]),
    "functiongemma": (
        [
            "<end_of_turn>",
            "<start_function_response>",
            "<start_function_call>",
            "<end_function_call>",
        ],
        ["<end_of_turn>", "<start_function_response>"],
    ),
    "glm4": (["<|user|>", "<|observation|>", "<|assistant|>"], ["<|user|>", "<|observation|>"]),
    "hermes": (["<tool_call>", "</tool_call>"], []),
}


@pytest.mark.parametrize(("added", "ends"), ADDED.values(), ids=ADDED)
def test_a_formats_own_ends_end_a_turn_and_the_end_of_a_call_does_not(
    added: list[str], ends: list[str]
) -> None:
    from rlcall.model.tiny import build_tokenizer

    tokenizer = build_tokenizer()
    tokenizer.add_tokens(added, special_tokens=True)
    expected = {"<|im_end|>", "<|endoftext|>", *ends}
    assert set(tokenizer.convert_ids_to_tokens(end_ids(tokenizer))) == expected


def test_a_tokenizer_that_knows_none_of_them_has_its_templates_end(tiny_tokenizer: Any) -> None:
    from copy import deepcopy

    tokenizer = deepcopy(tiny_tokenizer)
    tokenizer.chat_template = tokenizer.chat_template.replace("<|im_end|>", "<turn_end>")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<turn_end>"]})
    assert tokenizer.convert_tokens_to_ids("<turn_end>") in end_ids(tokenizer)


def test_trl_takes_all_of_them_for_ends(tiny_tokenizer: Any) -> None:
    def load() -> Any:
        model = make_model("llama", len(tiny_tokenizer))
        model.generation_config.eos_token_id = 7  # the model's own, which stays
        end_turns(model, tiny_tokenizer, SimpleNamespace(use_vllm=False))
        return model

    trainer = build(SharedPrefixTrainer, load, tiny_tokenizer, replay=False)
    assert (
        set(trainer.eos_token_ids) == {7, *end_ids(tiny_tokenizer)}
        and len(trainer.eos_token_ids) == 3
    )
    assert set(trainer.generation_config.eos_token_id) == set(trainer.eos_token_ids)


def test_vllm_is_told_with_each_request(tiny_tokenizer: Any) -> None:
    args = SimpleNamespace(use_vllm=True, generation_kwargs={"seed": 1})
    model = make_model("llama", len(tiny_tokenizer))
    end_turns(model, tiny_tokenizer, args)
    assert args.generation_kwargs == {"stop_token_ids": end_ids(tiny_tokenizer), "seed": 1}


def test_the_log_has_generations_share_of_the_time() -> None:
    """10 s since the last line, of which 4 went into generating 80 tokens; then 5 s, of which
    none did."""
    from rlcall.train.watch.progress import Progress

    reward = SimpleNamespace(seconds=1.0)
    trainer: Any = SimpleNamespace(
        reward_funcs=[reward], generation_seconds=4.0, generation_tokens=80
    )
    progress = Progress(None, "grpo", trainer, samples=object())  # type: ignore[arg-type]
    shares = {"reward/share": 0.1, "generation/share": 0.4}
    assert progress._time_shares(10.0) == {**shares, "generation/tokens_per_second": 20.0}
    reward.seconds = 2.0
    assert progress._time_shares(5.0) == {"reward/share": 0.2, "generation/share": 0.0}


RANKS = [
    pytest.param("ddp", "{}", id="ddp"),
    pytest.param("zero3", "{}", id="zero3", marks=pytest.mark.slow),
    pytest.param(
        "zero3",
        '{"ds3_gather_for_generation": false, "rollout_batch_size": 4}',
        id="zero3-apart",
        marks=pytest.mark.slow,
    ),
    pytest.param("zero3", '{"lora": 4}', id="zero3-lora", marks=pytest.mark.slow),
]


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "how"), RANKS)
def test_two_ranks_whose_completions_end_apart(mode: str, how: str, tiny_folder: Path) -> None:
    file = {"ddp": "cpu2", "zero3": "zero3"}[mode]
    launch = [
        "-m",
        "accelerate.commands.launch",
        "--config_file",
        f"configs/accelerate/{file}.yaml",
    ]
    line = [sys.executable, *launch, "tests/support/ranks_rollouts.py", str(tiny_folder), how]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    stock, ours, passes = json.loads(
        next(part for part in done.stdout.splitlines() if part.startswith("[[["))
    )
    assert stock == ours and len({len(ids) for ids in stock}) > 2
    assert len(set(passes)) == (1 if mode == "zero3" else 2), passes
