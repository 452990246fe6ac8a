r"""When2Call's test files (nvidia/When2Call, CC-BY-4.0): to measure with, never to train on.

    {"uuid": "...", "source_id": "live_simple_1-0-0", "question": "Weather in Paris?",
     "correct_answer": "tool_call",
     "answers": {"direct": "It is ...", "tool_call": "{\"name\": \"weather\", ...}",
                 "request_for_info": "Where?", "cannot_answer": "Sorry, ..."},
     "tools": ["{\"name\": \"weather\", \"parameters\": {...}}"]}

How a record is read:

- `correct_answer` "tool_call": the call of `answers` is due. "request_for_info" and
  "cannot_answer": none is. "direct" is set aside: nothing says that a call would be wrong.
- `task` is the correct answer's kind, `id` the record's `uuid`.
- A record without tools is set aside: there is nothing to call or to leave alone.

The questions are BFCL's, some reworded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rlcall.data.reading.answer_check import check_calls, check_size, usable_tools
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.parts import calls_of
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, plain

BENCHMARK = True
DIRECT = "the answer is words, which do not say that a call would be wrong"
_KINDS = ("tool_call", "request_for_info", "cannot_answer", "direct")
_RECORD = {
    "type": "object",
    "required": ["question", "correct_answer", "answers", "tools"],
    "properties": {
        "uuid": {"type": ["string", "null"]},
        "question": {"type": "string", "minLength": 1},
        "correct_answer": {"enum": list(_KINDS)},
        "answers": {"type": "object"},
        "tools": {"type": ["array", "string"]},
    },
}


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD)


def read(path: str) -> Iterator[Reading]:
    """Read each record of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row]:
    value = record.value
    if not fits(value, _RECORD):
        detail = "It needs question, correct_answer, answers and tools."
        raise record.error("", "is not a test record of When2Call", detail)
    kind = value["correct_answer"]
    if kind == "direct":
        raise record.error("correct_answer", DIRECT)
    tools = tools_of(record, "tools", record.value["tools"], notes)
    usable_tools(record, tools)
    calls = []
    if kind == "tool_call":
        for call in calls_of(record, "answers.tool_call", value["answers"].get(kind)):
            check_size(record, "answers.tool_call", call["arguments"])
            calls.append({"name": call["name"], "arguments": plain(call["arguments"])})
    check_calls(record, tools, calls, "answers.tool_call")
    messages = [{"role": "user", "content": value["question"]}]
    row = {"messages": messages, "tools": tools, "answer": {"calls": calls}, "task": kind}
    yield record.row({"id": value.get("uuid") or record.id, **row})
