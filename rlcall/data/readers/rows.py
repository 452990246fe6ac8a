"""Rows of ours, as docs/rows.md has them: JSON Lines, a JSON list or Parquet. Read and written.

for reading in read("rows.jsonl"): ...
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row
from rlcall.data.tool_check import tool_fault
from rlcall.data.tool_forms import ToolFormError, read_tools


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return {"messages", "tools", "answer"} <= value.keys()


def read(path: str) -> Iterator[Reading]:
    """Read each row of a file, with its own id or none."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> list[Row]:
    value = {"id": None, **record.value}
    if isinstance(value.get("tools"), list):
        value["tools"] = _tools(record, value["tools"], notes)
    return [record.row(value)]


def _tools(record: SourceRecord, tools: list[Any], notes: list[str]) -> list[Any]:
    """Return tools in OpenAI's form as they are, those in another form as it would have them."""
    if all(tool_fault(json.dumps(tool, sort_keys=True)) == "" for tool in tools):
        return tools
    try:
        return read_tools(tools, notes)
    except ToolFormError:
        return tools  # the row's own check says what is wrong, and where


def write(row: Row) -> dict[str, Any]:
    """Return the row as its JSON object."""
    return row.to_json()
