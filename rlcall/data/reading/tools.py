"""The tools of a record, in whatever form its data set writes them, as rows hold them.

    tools_of(record, "tools", record.value.get("tools"), notes)
    # [{"type": "function", "function": {"name": "f", "parameters": {...}}}]

They may be JSON text, as a whole or each, as `datasets` stores objects that differ.
"""

from __future__ import annotations

from typing import Any

from rlcall.data.reading import nulls
from rlcall.data.reading.records import SourceRecord
from rlcall.data.tool_forms import ToolFormError, read_tools


def tools_of(
    record: SourceRecord, field: str, value: Any, notes: list[str]
) -> list[dict[str, Any]]:
    """Return the tools that a value of a record lists; none of None. RowError where it does not."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        value = record.parse_json(field, value)
    if isinstance(value, list):
        value = [_parsed(record, field, item) for item in value]
    try:
        return read_tools(nulls.in_tools(value, notes), notes)
    except ToolFormError as error:
        raise record.error(field, error.reason, error.detail) from error


def _parsed(record: SourceRecord, field: str, item: Any) -> Any:
    return record.parse_json(field, item) if isinstance(item, str) else item
