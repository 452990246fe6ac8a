"""A model's completion in what TRL hands to a reward: ids, text, or messages.

decode_completion(tokenizer, [27, 14, 2, 0, 0]) -> "<tool_call>..."
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rlcall.wire.reading.gathered import call_ends


def decode_completion(tokenizer: Any, ids: Sequence[int]) -> str:
    """Decode a completion, with its special tokens but without the end-of-text and padding.

    An end-of-text that belongs to a call, as gpt-oss' `<|call|>`, stays.
    """
    end = {tokenizer.eos_token_id, tokenizer.pad_token_id}
    tokens = list(map(int, ids))
    length = len(tokens)
    while length and tokens[length - 1] in end:
        length -= 1
    last = tokens[length : length + 1]
    if last and tokenizer.decode(last, skip_special_tokens=False) in call_ends():
        length += 1
    return tokenizer.decode(tokens[:length], skip_special_tokens=False)


def message_of(completion: Any) -> Any:
    """Return TRL's text, or the last message of the assistant in a list, which is the model's."""
    if not isinstance(completion, list):
        return completion
    for message in reversed(completion):
        if message.get("role") == "assistant":
            return message
    return ""
