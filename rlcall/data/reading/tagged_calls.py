r"""Calls between `<tool_call>` tags in an assistant's text, as Hermes and SmolTalk2 write them.

tagged_message(record, "c[2]", '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>', notes)
# {"role": "assistant", "content": "", "tool_calls": [...]}
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.data.reading.literal_text import value_of
from rlcall.data.reading.messages import call_message
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord
from rlcall.data.reading.words import split_reasoning

_CALL_BLOCK = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
}


def tagged_message(record: SourceRecord, field: str, text: str, notes: list[str]) -> dict[str, Any]:
    """Return a text as a message with its words and calls.

    RowError for a tag without its pair, words after a call, and a block that is no call.
    """
    thought, own = split_reasoning(text)
    words, *rest = _CALL_BLOCK.split(own)
    blocks, later_words = rest[::2], rest[1::2]
    if any("tool_call>" in piece for piece in (words, *later_words)):
        raise record.error(field, "holds a <tool_call> tag without its pair")
    if any(piece.strip() for piece in later_words):
        raise record.error(field, "holds words after a call")
    calls = [value_of(record, field, block, notes) for block in blocks]
    if not all(fits(call, _CALL) for call in calls):
        detail = "A call has name and arguments, and nothing else."
        raise record.error(field, "holds a block that is not a call", detail)
    return call_message(calls, "\n".join(filter(None, (thought, words.strip()))))
