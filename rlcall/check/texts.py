"""The texts of a conversation, and a text without the differences that no reader cares about.

list(texts_of([{"role": "user", "content": "Café?"}]))      # ["Café?"]
fold("Café?")                                               # "cafe?"
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def texts_of(messages: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield every text of a conversation: contents, text parts, arguments of earlier calls."""
    for message in messages:
        content = message.get("content") or ""
        parts = [{"text": content}] if isinstance(content, str) else content
        for part in parts:
            yield from _text_at(part, "text")
        for call in message.get("tool_calls") or ():
            yield from _text_at(call["function"], "arguments")


def _text_at(part: Any, key: str) -> Iterator[str]:
    value = part.get(key) if isinstance(part, dict) else None
    if value is not None:
        yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fold(text: str) -> str:
    """Return the text without case and accents: `Café` is `cafe`."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    bases = "".join(char for char in parts if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bases)  # Korean syllables, which NFKD takes apart
