"""The fused LM head on the labelled tokens alone gives what TRL's gives on all of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from peft import LoraConfig, get_peft_model
from trl.trainer import utils
from trl.trainer.utils import add_fused_lm_head

from rlcall.train.faster.completion_head import PER_TOKEN, score_completions_alone
from tests.model.test_shared_prefix import make_model

OUTPUTS = ("log_probs", "entropy", "log_sum_sq_probs", "mean_logits", "is_top1")
PROMPTS, LENGTHS = (
    (5, 9, 2, 7),
    (8, 9, 10, 8),
)  # of four rows of at most ten tokens; the second has no completion


def batch() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    ids, places = torch.randint(3, 97, (4, 10)), torch.arange(10)
    mask = torch.stack([(places < length).long() for length in LENGTHS])
    learned = torch.stack(
        [(places >= begin) & (places < end) for begin, end in zip(PROMPTS, LENGTHS, strict=True)]
    )
    return {"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(~learned, -100)}


def make_trainer(kind: str, lora: bool, device: str = "cpu") -> Any:
    """What the function is given: a trainer whose model TRL has taught its fused head."""
    model = make_model(kind)
    add_fused_lm_head(model, outputs=OUTPUTS)
    torch.manual_seed(2)
    model = (
        get_peft_model(model, LoraConfig(init_lora_weights=False, target_modules="all-linear"))
        if lora
        else model
    )
    accelerator = SimpleNamespace(unwrap_model=lambda one: one)
    return SimpleNamespace(
        model=model, args=SimpleNamespace(device=torch.device(device)), accelerator=accelerator
    )


def learn(model: Any, **inputs: Any) -> tuple[Any, dict[str, torch.Tensor]]:
    output = model(**inputs, fused_lm_head=True)
    (output.log_probs.sum() + output.entropy.sum() + output.loss).backward()
    return output, {
        name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None
    }


@pytest.mark.parametrize("lora", [False, True], ids=["full", "lora"])
@pytest.mark.parametrize("kind", ["llama", "gemma2"])
def test_log_probabilities_loss_and_gradients_are_those_of_trl(kind: str, lora: bool) -> None:
    theirs, ours = make_trainer(kind, lora), make_trainer(kind, lora)
    score_completions_alone(ours)
    expected, gradients = learn(theirs.model, **batch())
    output, found = learn(ours.model, **batch())
    for name in ("loss", *PER_TOKEN):
        torch.testing.assert_close(
            getattr(output, name), getattr(expected, name), rtol=1e-5, atol=1e-6
        )
    assert found.keys() == gradients.keys() and found
    for name, gradient in gradients.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6)


def test_the_vocabulary_is_not_asked_about_prompts_and_padding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, apply = [], utils._ChunkedLogProbFunction.apply
    spy = SimpleNamespace(
        apply=lambda hidden, *rest: (asked.append(len(hidden)), apply(hidden, *rest))[1]
    )
    monkeypatch.setattr(utils, "_ChunkedLogProbFunction", spy)
    theirs, ours = make_trainer("llama", False), make_trainer("llama", False)
    score_completions_alone(ours)
    for trainer in (theirs, ours):
        learn(trainer.model, **batch())
    assert asked == [4 * 9, 3 + 0 + 8 + 1]


def test_a_batch_without_labels_has_no_loss_and_no_gradient() -> None:
    trainer = make_trainer("llama", False)
    score_completions_alone(trainer)
    inputs = batch()
    output, found = learn(
        trainer.model, **{**inputs, "labels": torch.full_like(inputs["labels"], -100)}
    )
    assert output.loss == 0 and output.log_probs.shape == (4, 9) and not output.log_probs.any()
    assert not any(gradient.any() for gradient in found.values())


def test_other_calls_and_other_devices_are_left_as_they_are() -> None:
    plain, ours = make_trainer("llama", False), make_trainer("llama", False)
    score_completions_alone(ours)
    inputs = batch()
    torch.testing.assert_close(ours.model(**inputs).logits, plain.model(**inputs).logits)
    torch.testing.assert_close(ours.model(**inputs).loss, plain.model(**inputs).loss)
    ids, mask = inputs["input_ids"][:1, :5], inputs["attention_mask"][:1, :5]
    told = {"attention_mask": mask, "max_new_tokens": 4, "do_sample": False}
    assert ours.model.generate(ids, **told).tolist() == plain.model.generate(ids, **told).tolist()
    elsewhere = make_trainer("llama", False, device="cuda")
    before = elsewhere.model.forward
    score_completions_alone(elsewhere)
    assert elsewhere.model.forward == before
