"""The words that an assistant writes beside its calls: text for the user, and its reasoning.

    words_beside({"content": "<think>Paris.</think>Let me look.", "tool_calls": [...]})
    # {"text": "Let me look.", "reasoning": "Paris."}

No part of an answer, which holds calls alone; a row keeps them for whoever wants them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rlcall.wire.reading.reasoning import (
    REASONING,
    leading_end,
    unopened_closing,
    without_reasoning,
)

BESIDE = {  # notes
    "text": "words beside calls were kept as `words`, outside the answer",
    "reasoning": "reasoning beside calls was kept as `words`, outside the answer",
}
# Servers and data sets name the key in these ways.
_KEYS = ("reasoning_content", "reasoning", "thinking", "thought")
_TAGS = re.compile("|".join(map(re.escape, (*REASONING, *REASONING.values()))))


def words_beside(message: Mapping[str, Any]) -> dict[str, str]:
    """Return the `text` and `reasoning` of an assistant's message, without those that are empty."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(part.get("text") or "" for part in content)
    content = content if isinstance(content, str) else ""
    opened_by_prompt = unopened_closing(content)
    text = without_reasoning(content[opened_by_prompt[1] :] if opened_by_prompt else content)
    reasoning = [value for key in _KEYS if isinstance(value := message.get(key), str)]
    if text != content:
        # What is left when the words are taken out again.
        reasoning.append(_TAGS.sub("", content.replace(text, "", 1) if text else content))
    words = {"text": text.strip(), "reasoning": "\n".join(reasoning).strip()}
    return {key: value for key, value in words.items() if value}


def split_reasoning(text: str) -> tuple[str, str]:
    """Return the reasoning that a turn begins with, with its tags, and the rest of it."""
    opened_by_prompt = unopened_closing(text)
    end = leading_end(text, opened_by_prompt[1] if opened_by_prompt else 0)
    return text[:end].strip(), text[end:].strip()
