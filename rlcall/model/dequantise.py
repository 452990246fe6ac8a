"""A Llama GGUF, de-quantised once into a folder that transformers reads like any other model.

    python -m rlcall.model.dequantise SmolLM2-135M-Instruct.Q4_1.gguf ~/.cache/rlcall/smollm2-135m

It runs as a process of its own: under ZeRO-3, transformers would split the model over ranks that
are not here to help, and the second copy of the weights goes back to the system when the process
ends. A lock next to the folder lets ranks start this together; a conversion cut short leaves
nothing that looks finished.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from rlcall.files.whole import whole_folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CARD = (
    "SmolLM2-135M-Instruct (HuggingFaceTB, Apache-2.0), de-quantised from Q4_1: {gguf}\n"
    "These are not the original weights: each was rounded to 4 bits and back. "
    "Made by rlcall; safe to delete.\n"
)


def dequantise(gguf: Path, folder: Path) -> None:
    """Write model, tokenizer and chat template of `gguf` into `folder`, unless it is there already.

    Weights are float32, which holds every value that a Q4_1 or Q8_0 block can have (bfloat16 does
    not).
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return
        with whole_folder(folder) as part:
            model = _model(gguf)
            model.save_pretrained(part)
            tokenizer = _tokenizer(gguf, model.config.max_position_embeddings)
            tokenizer.save_pretrained(part)
            (part / "README.md").write_text(CARD.format(gguf=gguf.name), encoding="utf-8")


def _model(gguf: Path) -> PreTrainedModel:
    """Load the weights and rebuild the model from config and state dict.

    As loaded it counts as quantised, and transformers would not save it.
    """
    import torch
    from transformers import AutoModelForCausalLM

    # Its annotations leave out the pair that output_loading_info gives.
    auto: Any = AutoModelForCausalLM
    loaded, info = auto.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32, output_loading_info=True
    )
    missing = sorted(info["missing_keys"])
    if missing:  # transformers fills them with random numbers and goes on
        raise ValueError(f"{gguf} lacks {', '.join(missing)}")
    settings = loaded.config.to_dict()
    for key_of_the_file in ("quantization_config", "_model_name_or_path"):
        settings.pop(key_of_the_file, None)
    config = type(loaded.config).from_dict(settings)
    model: PreTrainedModel = auto.from_config(config, dtype=torch.float32)
    model.load_state_dict(loaded.state_dict())
    model.generation_config = loaded.generation_config
    return model


def _tokenizer(gguf: Path, max_length: int) -> PreTrainedTokenizerBase:
    """Load the tokenizer with the pre-tokenizer that the GGUF only names.

    That is "smollm": digits one by one, then GPT-2's rule.

    transformers keeps GPT-2's rule alone, which splits blanks before a number differently. Source:
    the case LLAMA_VOCAB_PRE_TYPE_SMOLLM in llama.cpp's llama-vocab.cpp.
    """
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        gguf.parent, gguf_file=gguf.name, model_max_length=max_length
    )
    tokenizer.backend_tokenizer.pre_tokenizer = Sequence(
        [Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]
    )
    return tokenizer


if __name__ == "__main__":
    dequantise(Path(sys.argv[1]), Path(sys.argv[2]))
