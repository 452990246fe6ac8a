"""gpt-oss ends its turn with `<|call|>`, which belongs to the call: it is kept wherever a completion
is decoded, so that one without it is known to be cut off."""

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl", reason="the training extra is not installed")

import torch
from transformers import GenerationConfig

from rlcall.data.rows import Row
from rlcall.model.ends import end_ids, with_end
from rlcall.model.generate import generate
from rlcall.model.prompts import render_completion
from rlcall.model.tiny import build_tokenizer
from rlcall.reward.completions import decode_completion
from rlcall.verify import verify

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
DUE = {"calls": [{"name": "weather", "arguments": {"city": "Rome"}}]}
CALL = ' to=functions.weather<|channel|>commentary json<|message|>{"city": "Rome"}'
THOUGHT = "<|channel|>analysis<|message|>Rome.<|end|><|start|>assistant"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """A tokenizer with Harmony's tokens."""
    made = build_tokenizer()
    tokens = ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>"]
    made.add_tokens(tokens, special_tokens=True)
    return made


@pytest.mark.parametrize("text", [CALL, THOUGHT + CALL])
@pytest.mark.parametrize("wire", ["harmony", "auto"])
def test_a_call_without_its_end_was_cut_off(text: str, wire: str) -> None:
    assert verify(text + "<|call|>", TOOLS, DUE, wire=wire).correct
    for cut in (
        text,
        text[:-1],
        f"{text}\n",
        f"{text}<|end|>",
        f"{text}<|return|>",
        f"{text}<|cal",
    ):
        verdict = verify(cut, TOOLS, DUE, wire=wire)
        assert not verdict.correct and not verdict.calls, cut


def test_generation_ends_at_the_call_and_keeps_its_end(tokenizer: Any) -> None:
    assert tokenizer.convert_tokens_to_ids("<|call|>") in end_ids(tokenizer)
    complete, cut_off, reply = f"{CALL}<|call|>", CALL, "Hello!<|im_end|>"
    model = Recited([complete, cut_off, reply], tokenizer)
    texts = generate(model, tokenizer, ["a", "b", "c"], max_new_tokens=99, batch_size=3)
    assert texts == [complete, cut_off, "Hello!"]


class Recited(torch.nn.Module):
    """A model that writes given texts, padded and followed by what generation would not write."""

    def __init__(self, texts: list[str], tokenizer: Any) -> None:
        super().__init__()
        self.texts, self.tokenizer = texts, tokenizer
        self.generation_config, self.device = GenerationConfig(), torch.device("cpu")
        self.config = SimpleNamespace(is_encoder_decoder=False)

    def generate(self, input_ids: torch.Tensor, **_: Any) -> torch.Tensor:
        ids = self.tokenizer(self.texts, add_special_tokens=False)["input_ids"]
        width = max(map(len, ids))
        rows = [row + [self.tokenizer.pad_token_id] * (width - len(row)) for row in ids]
        return torch.cat([input_ids, torch.tensor(rows)], dim=1)


@pytest.mark.parametrize("end_of_text", ["<|im_end|>", "<|call|>"])
def test_the_reward_sees_the_end_of_a_call(tokenizer: Any, end_of_text: str) -> None:
    """Also where the tokenizer calls it its end of text, which is taken off elsewhere."""
    stub = SimpleNamespace(
        eos_token_id=tokenizer.convert_tokens_to_ids(end_of_text),
        pad_token_id=tokenizer.pad_token_id,
        decode=tokenizer.decode,
    )
    ids = tokenizer(f"{CALL}<|call|>", add_special_tokens=False)["input_ids"]
    padding = [tokenizer.pad_token_id] * 3
    assert decode_completion(stub, ids + padding) == f"{CALL}<|call|>"
    assert decode_completion(stub, ids[:-1]) == CALL
    assert decode_completion(stub, ids[:-1] + padding) == CALL
    assert decode_completion(stub, []) == ""


def test_no_end_of_turn_follows_the_end_of_a_call(tokenizer: Any) -> None:
    row = Row([{"role": "user", "content": "Rome?"}], TOOLS, DUE)
    assert render_completion(row, tokenizer, "harmony") == f"{CALL}<|call|>"
    assert render_completion(row, tokenizer, "hermes").endswith("</tool_call><|im_end|>")
    assert with_end("Hello!", "<|im_end|>") == "Hello!<|im_end|>"
