"""Mobile Actions (google/mobile-actions): one file of records to train on and of records held out.

    readings("mobile_actions.jsonl", "eval")    # those whose `metadata` says so

Two formats read it, `mobile_actions` and `mobile_actions_eval`, so that nobody trains on what is
held out without saying so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import messages_of
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

RECORD = {
    "type": "object",
    "required": ["metadata", "messages", "tools"],
    "properties": {
        "metadata": {"type": "string"},
        "messages": {"type": "array", "minItems": 1},
        "tools": {"type": ["array", "string"]},
    },
}
HELD_OUT = {
    "train": "is held out for evaluation; `mobile_actions_eval` reads it",
    "eval": "is there to train on; `mobile_actions` reads it",
}


def readings(path: str, split: str) -> Iterator[Reading]:
    """Yield the readings of the records of one split, "train" or "eval"; others are set aside."""
    return read_each(records(path), partial(_rows, split))


def _rows(split: str, record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, RECORD):
        detail = "It needs metadata, messages and tools."
        raise record.error("", "is not a record of Mobile Actions", detail)
    found = record.value["metadata"]
    if found != split:
        reason = HELD_OUT[split] if found in HELD_OUT else "is of no split that is known"
        raise record.error("metadata", reason, f"It is {found!r:.80}.")
    tools = tools_of(record, "tools", record.value["tools"], notes)
    return chats.rows_of(record, tools, _turns(record, notes), notes)


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[Turn]:
    for index, value in enumerate(record.value["messages"]):
        field = f"messages[{index}]"
        for message in messages_of(record, field, value, notes):
            yield Turn(message, field)


def recognised(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, RECORD) and value["metadata"] in HELD_OUT
