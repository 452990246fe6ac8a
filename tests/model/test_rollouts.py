"""Fast rollouts give what transformers' `generate` gives, and take no ended completion any
further."""

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

from rlcall.model.ends import end_ids, end_turns
from rlcall.model.generate import generate
from rlcall.model.load import load_model
from rlcall.model.rollouts import generation, loop
from rlcall.model.rollouts.cache import LOWEST, Slots
from rlcall.model.rollouts.generation import fast_rollouts
from rlcall.model.rollouts.loop import NotFiniteError
from rlcall.model.rollouts.precision import RolloutWeights, rollout_dtype
from rlcall.train.faster.rollouts import RolloutTrainer
from rlcall.wire.reading.gathered import marker, turn_ends
from rlcall.wire.reading.turn import end_tokens, strip_end
from tests.model.test_shared_prefix import KINDS, make_batch, make_model
from tests.support.ranks_shared_prefix import build

ROOT = Path(__file__).parents[2]
ENDS = [2, *range(3, 97, 8)]
WIDTH = 12
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
        **{
            "max_new_tokens": 24,
            "pad_token_id": 0,
            "eos_token_id": ENDS,
            "top_k": 0,
            "suppress_tokens": [0],  # padding, so that the tests can tell it
            **given,
        }
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


def stock_logprobs(model: Any, inputs: dict[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
    """Return (rows, new tokens) log-probabilities by one plain forward pass."""
    new = ids[:, WIDTH:]
    mask = torch.cat([inputs["attention_mask"], torch.ones_like(new)], 1)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    logprobs = logits[:, WIDTH - 1 : -1].float().log_softmax(-1)
    return logprobs.gather(-1, new[..., None])[..., 0]


@pytest.mark.parametrize("how", [{}, PROCESSED])
@pytest.mark.parametrize("kind", KINDS)
def test_greedy_completions_are_stock_transformers(kind: str, how: dict[str, Any]) -> None:
    """Token for token, also after processors that look at all that is written."""
    model, settings = make_model(kind).eval(), config(do_sample=False, **how)
    stock = run(model, prompts(), settings)
    lengths = (stock[:, WIDTH:] != 0).sum(1)
    assert lengths.unique().numel() > 1, "they all end together, so that none could leave"
    with fast_rollouts(model) as rollout:
        assert torch.equal(stock, run(model, prompts(), settings))
    assert [len(logprobs) for logprobs in rollout.logprobs] == lengths.tolist()
    assert "generate" not in vars(model)


@pytest.mark.parametrize("kind", KINDS)
def test_sampled_log_probabilities_are_the_plain_models(kind: str) -> None:
    model = make_model(kind).eval()
    with fast_rollouts(model) as rollout:
        ids = run(model, prompts(), config(do_sample=True, suppress_tokens=None))
    expected = stock_logprobs(model, prompts(), ids)
    assert len({len(logprobs) for logprobs in rollout.logprobs}) > 1
    for logprobs, stock in zip(rollout.logprobs, expected, strict=True):
        assert torch.tensor(logprobs) == pytest.approx(stock[: len(logprobs)], abs=5e-5)


def test_what_is_drawn_depends_on_seed_and_row_alone() -> None:
    model, how = make_model("qwen3").eval(), config(do_sample=True)
    inputs = prompts()

    def drawn(rows: list[int], seed: int = 5, size: int | None = None) -> dict[int, list[int]]:
        part = {name: value[rows] for name, value in inputs.items()}
        with fast_rollouts(model, seed=seed, rows=rows, size=size):
            completions = run(model, part, how)[:, WIDTH:]
        return {
            row: [t for t in ids.tolist() if t] for row, ids in zip(rows, completions, strict=True)
        }

    together = drawn(list(range(8)))
    assert drawn([5, 0, 3]) == {row: together[row] for row in (5, 0, 3)}
    assert drawn(list(range(8)), size=3) == together
    assert drawn(list(range(8)), seed=6) != together


def test_a_rollout_by_torchs_seed_advances_it_by_one_number() -> None:
    model = make_model("llama").eval()
    for most in (3, 9):
        with fast_rollouts(model):
            run(model, prompts(), config(do_sample=True, max_new_tokens=most))
        after = torch.rand(())
        torch.manual_seed(0)
        torch.randint(2**62, ())
        assert after == torch.rand(())


def test_no_token_goes_through_the_model_after_its_completion_has_ended() -> None:
    model, how = make_model("llama").eval(), config(do_sample=True)
    seen = columns_of(model)
    with fast_rollouts(model) as rollout:
        run(model, prompts(), how)
    lengths = [len(logprobs) for logprobs in rollout.logprobs]
    # three distinct prompts, whose logits give the first token of each; the last one of each
    # predicts nothing, and does not go through
    assert seen[0] == (3, WIDTH)
    assert sum(rows for rows, _ in seen[1:]) == sum(length - 1 for length in lengths)
    assert all(tokens == 1 for _, tokens in seen[1:]) and len(seen) == max(lengths)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.integers(3, 20), min_size=1, max_size=6), min_size=1, max_size=6),
    st.sets(st.integers(3, 20), max_size=6),
    st.sampled_from([None, 1, 2]),
)
def test_whatever_the_prompts_and_ends(
    rows: list[list[int]], ends: set[int], size: int | None
) -> None:
    width = max(map(len, rows))
    ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    how = config(eos_token_id=sorted({2, *ends}), do_sample=False, max_new_tokens=6)
    stock = run(SMALL, inputs_of(ids, mask), how)
    with fast_rollouts(SMALL, size=size):
        assert torch.equal(stock, run(SMALL, inputs_of(ids, mask), how))


SMALL = make_model("gemma3", tokens=21).eval()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_slots_hold_their_rows_whoever_leaves(data: st.DataObject) -> None:
    """The block's bookkeeping against a plain list of what each row has written."""
    lengths = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    mask = torch.tensor([[0] * (4 - length) + [1] * length for length in lengths])
    prompt_of_row = data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=7))
    slots = Slots(mask, prompt_of_row)
    block = list(range(len(prompt_of_row)))  # what a layer keeps: here, the row itself
    while slots.rows:
        positions = slots.begin_step()[:, 0].tolist()
        for slot, row in enumerate(slots.rows):
            assert block[slot] == row
            assert positions[slot] == lengths[prompt_of_row[row]] + slots.length - 1
        assert len(set(slots.seats.tolist())) == len(slots.rows)
        window = data.draw(st.none() | st.integers(1, 6))
        visible = (slots.bias(window) > LOWEST).sum((1, 2, 3))
        for slot, row in enumerate(slots.rows):
            length = lengths[prompt_of_row[row]]
            left = length if window is None else max(0, window - slots.length)
            assert visible[slots.prompts[slot]] == min(length, left)
        ended = data.draw(st.sets(st.sampled_from(range(len(slots.rows))), min_size=1))
        for source, target in slots.remove(sorted(ended)):
            block[target] = block[source]
        slots.drop_idle_prompts()


@pytest.mark.parametrize("kind", ["llama", "gemma3", "gpt2"])
def test_batches_of_like_lengths_write_the_same_in_the_same_order(kind: str) -> None:
    model, how = make_model(kind).eval(), config(do_sample=False)
    shuffled = torch.tensor([6, 0, 3, 7, 1, 4, 2, 5])
    inputs = {name: value[shuffled] for name, value in prompts().items()}
    stock = run(model, inputs, how)
    seen = columns_of(model)
    with fast_rollouts(model, size=3) as rollout:
        ours = run(model, inputs, how)
    assert torch.equal(stock, ours)
    lengths = (stock[:, WIDTH:] != 0).sum(1)
    assert [len(logprobs) for logprobs in rollout.logprobs] == lengths.tolist()
    # prompts of 4, 4 and 9 tokens, of 9, 9 and 12, and the other two of 12: the distinct ones of
    # each batch, without the others' padding
    assert [shape for shape in seen if shape[1] > 1] == [(2, 9), (2, 12), (1, 12)]


STOCK: list[tuple[dict[str, Any], str]] = [
    ({"num_beams": 2}, "beams"),
    ({"use_cache": False}, "a cache of their own"),
    ({"cache_implementation": "static"}, "a cache of their own"),
    ({"guidance_scale": 1.5}, "guidance_scale is set"),
]


@pytest.mark.parametrize(("how", "reason"), STOCK)
def test_other_settings_generate_as_ever(
    how: dict[str, Any],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("our loop does not know these settings")

    monkeypatch.setattr(generation, "RolloutLoop", never)
    model = make_model("llama").eval()
    settings = config(do_sample=False, disable_compile=True, **how)
    stock = run(model, prompts(), settings)
    with fast_rollouts(model) as rollout:
        assert torch.equal(stock, run(model, prompts(), settings))
    assert rollout.logprobs is None and reason in caplog.text


def test_a_dict_of_everything_comes_from_stock_transformers() -> None:
    model, settings = make_model("llama").eval(), config(do_sample=False)
    settings.update(output_logits=True, return_dict_in_generate=True)
    with fast_rollouts(model):
        assert len(run(model, prompts(), settings).logits) > 1


OTHER_MODELS = {
    "mamba": ("mamba", {"attn_implementation": "eager"}, "not just keys and values"),
    "bloom": ("bloom", {"attn_implementation": "eager"}, "cannot be replaced"),
    "rope": (
        "llama",
        {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}},
        "depend on its input's length",
    ),
}


@pytest.mark.parametrize("name", OTHER_MODELS)
def test_other_models_generate_as_ever(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kind, extra, reason = OTHER_MODELS[name]
    monkeypatch.setitem(KINDS, name, (kind, extra))
    model = make_model(name).eval()
    stock = run(model, prompts(), config(do_sample=False))
    with fast_rollouts(model):
        assert torch.equal(stock, run(model, prompts(), config(do_sample=False)))
    assert reason in caplog.text


def test_a_rank_that_has_ended_makes_the_passes_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As under ZeRO-3, where another rank goes on for 17 tokens: one row stays for it, and
    nothing is written."""
    model = make_model("gemma3").eval()
    how = config(do_sample=True, max_new_tokens=20)
    with fast_rollouts(model):
        alone = run(model, prompts(), how)
    longest = alone.shape[1] - WIDTH
    assert longest < 17
    asked = iter(range(1, 100))
    monkeypatch.setattr(loop, "_ranks_in_step", lambda _: True)
    monkeypatch.setattr(model, "_has_unfinished_sequences", lambda *_, **__: next(asked) < 17)
    seen = columns_of(model)
    with fast_rollouts(model):
        ours = run(model, prompts(), how)
    assert torch.equal(alone, ours) and len(seen) == 17
    assert seen[longest:] == [(1, 1)] * (17 - longest)


def test_weights_in_bfloat16_leave_the_model_as_it_is() -> None:
    model = make_model("llama")
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    weights = RolloutWeights(torch.bfloat16)
    hooked = []
    parameter = next(iter(model.parameters()))
    parameter.register_post_accumulate_grad_hook(lambda _: hooked.append(1))
    with fast_rollouts(model, weights=weights) as rollout:
        ids = run(model, prompts(), config(do_sample=True, suppress_tokens=None))
    for name, weight in model.named_parameters():
        assert weight.dtype == torch.float32 and torch.equal(weight, before[name])
    model(input_ids=ids, labels=ids).loss.backward()
    assert hooked, "a hook that DDP would have set is gone"
    exact = stock_logprobs(model.eval(), prompts(), ids)
    differences = []
    for logprobs, stock in zip(rollout.logprobs, exact, strict=True):
        differences.append((torch.tensor(logprobs) - stock[: len(logprobs)]).abs().max().item())
    assert 1e-4 < max(differences) < 0.5
    with torch.no_grad():
        parameter.zero_()  # the next rollout is of the weights as they are then
    with fast_rollouts(model, weights=weights):
        assert not torch.equal(
            ids, run(model, prompts(), config(do_sample=True, suppress_tokens=None))
        )


def test_the_type_of_a_rollout() -> None:
    from rlcall.model.runtime import multiplies_bfloat16

    model = make_model("llama")
    native = torch.bfloat16 if multiplies_bfloat16("cpu") else torch.float32
    assert rollout_dtype("auto", model) == native
    assert rollout_dtype("float32", model) == torch.float32
    assert rollout_dtype("bfloat16", model) == torch.bfloat16


def trainer_of(tokenizer: Any, **settings: Any) -> Any:
    def load() -> Any:
        model = make_model("llama", len(tokenizer))
        model.generation_config.eos_token_id = list(range(2, len(tokenizer), 6))
        return model

    trainer = build(RolloutTrainer, load, tokenizer, replay=False, **settings)
    trainer.model_wrapped = trainer.model
    return trainer


ASKED = [[5, 6, 7, 9, 10]] * 4 + [[11, 12]] * 4


@pytest.mark.parametrize("lora", [0, 4])
def test_a_trainers_greedy_rollouts_are_stock_trls(lora: int, tiny_tokenizer: Any) -> None:
    trainer = trainer_of(tiny_tokenizer, lora=lora)
    trainer.generation_config.do_sample = False

    def rollout() -> Any:
        return trainer._generate_single_turn(ASKED, None, {}, 4)

    stock, logprobs = rollout()
    assert logprobs is None and len({len(ids) for ids in stock}) > 1
    seen = columns_of(trainer.model)
    trainer.roll_out_fast(torch.float32)
    ids, logprobs = rollout()
    assert ids == stock and seen[0] == (2, 5)
    assert [len(row) for row in logprobs] == [len(row) for row in ids]
    assert trainer.generation_seconds > 0 and trainer.generation_tokens == 2 * sum(map(len, stock))
    seen.clear()
    trainer.rollout_batch_size = 4
    assert rollout()[0] == stock and max(seen)[0] == 4


def test_with_dropout_a_rollout_is_stocks(tiny_tokenizer: Any) -> None:
    """What a mask drops depends on which rows are in the batch."""
    trainer = trainer_of(tiny_tokenizer)
    assert trainer.rollout_obstacle() is None
    trainer.model.model.layers[0].self_attn.attention_dropout = 0.1
    assert "dropout" in trainer.rollout_obstacle()


def test_logits_that_are_nan_end_the_run_with_step_and_prompt(tiny_tokenizer: Any) -> None:
    trainer = trainer_of(tiny_tokenizer)
    trainer.roll_out_fast(torch.float32)
    trainer.state.global_step = 7
    with torch.no_grad():
        trainer.model.get_input_embeddings().weight[12] = torch.nan
    with pytest.raises(NotFiniteError, match=r"step 7, prompt ending .*NaN at token 1") as error:
        trainer._generate_single_turn(ASKED, None, {}, 4)
    assert error.value.row == 4


def test_evaluation_and_sampling_make_as_few_passes(tiny_folder: Path, tiny_tokenizer: Any) -> None:
    model: Any = load_model(str(tiny_folder))
    model.generation_config.repetition_penalty = 2.0  # a model's own taste, which does not count
    seen = columns_of(model)
    texts = generate(
        model, tiny_tokenizer, ["Who is in?"] * 4, max_new_tokens=6, batch_size=4, temperature=1.0
    )
    length = len(tiny_tokenizer("Who is in?")["input_ids"])
    assert seen[:2] == [(1, length), (4, 1)] and len(set(texts)) > 1


def test_samples_are_the_same_in_any_batches(tiny_folder: Path, tiny_tokenizer: Any) -> None:
    model: Any = load_model(str(tiny_folder))
    asked = ["Who is in?", "Who is at home, and who is in?", "Hello"] * 3
    texts = [
        generate(
            model, tiny_tokenizer, asked, max_new_tokens=8, batch_size=size, temperature=1.0, seed=3
        )
        for size in (1, 4, 9)
    ]
    assert texts[0] == texts[1] == texts[2] and len(set(texts[0])) > 3


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

    trainer = build(RolloutTrainer, load, tiny_tokenizer, replay=False)
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
    assert stock == ours and len({len(ids) for ids in stock}) > 1
    assert len(set(passes)) == (1 if mode == "zero3" else 2), passes
