"""What a model wrote, out of what TRL hands to a reward: ids, text, or messages.

decode_completion(tokenizer, [27, 14, 2, 0, 0]) -> "<tool_call>..."
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def decode_completion(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of a completion with its special tokens kept and the end-of-text and padding at its end taken off."""
    end = {tokenizer.eos_token_id, tokenizer.pad_token_id}
    tokens = list(map(int, ids))
    while tokens and tokens[-1] in end:
        tokens.pop()
    return tokenizer.decode(tokens, skip_special_tokens=False)


def message_of(completion: Any) -> Any:
    """TRL gives text, or a list of messages of which the assistant's last one is the model's."""
    if not isinstance(completion, list):
        return completion
    spoken = [message for message in completion if message.get("role") == "assistant"]
    return spoken[-1] if spoken else ""
