"""Mobile Actions' training records (google/mobile-actions, CC-BY-4.0), FunctionGemma's data.

    {"metadata": "train",
     "tools": [{"function": {"name": "send_email", "parameters": {"type": "OBJECT", ...}}}],
     "messages": [{"role": "developer", "content": "Current date and time ...: 2025-04-02T08"},
                  {"role": "user", "content": "Mail Ann."},
                  {"role": "assistant", "tool_calls": [{"function": {...}}]}]}

How a record is read:

- Only those with `metadata` "train"; the others are set aside, and `mobile_actions_eval` reads
  them.
- Messages and tools are as in OpenAI's chats, without `type`. The developer's message holds the
  date, without which a gold for "tomorrow" could not be known.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).
"""

from __future__ import annotations

from collections.abc import Iterator

from rlcall.data.reading.counts import Reading
from rlcall.data.reading.mobile_actions import readings, recognised

recognises = recognised


def read(path: str) -> Iterator[Reading]:
    """Read the training records of a file. RowError for a file that cannot be read."""
    return readings(path, "train")
