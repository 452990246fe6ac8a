"""Whether an answer can be right by its own tools: what a reader asks before it gives a row.

check_gold(record, tools, [{"name": "f", "arguments": {"a": "x"}}], "answers")
# RowError: data.json[7]: answers.f.a: the gold gives a value that does not fit its parameter. 'x' is not an integer.

Wrong labels cost a small model more than missing ones, so a reader sets such a record aside and never mends it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.calls import show_path
from rlcall.data.reading.records import SourceRecord
from rlcall.data.tool_check import BAD_TOOL as BAD_TOOL
from rlcall.verifier.answer import read_answer
from rlcall.verifier.schema import compile_tool

UNKNOWN_TOOL = "the gold calls a tool that is not listed"
UNDECLARED = "the gold gives an argument that its tool does not declare"
MISSING = "the gold leaves out a required parameter"
BAD_DEFAULT = "defaults do not fit their own type, and stand as they are"  # a note
MISFIT = "the gold gives a value that does not fit its parameter"


def check_gold(
    record: SourceRecord,
    tools: Sequence[Mapping[str, Any]],
    calls: Sequence[Mapping[str, Any]],
    field: str,
) -> None:
    """RowError where a tool (OpenAI form) is broken, or a call, as an answer writes it, breaks its schema."""
    record.check_tools(tools)
    by_name = {tool["function"]["name"]: tool for tool in tools}
    for call in read_answer(json.dumps({"calls": calls})).gold_calls():
        place = f"{field}.{call.name}"
        if call.name not in by_name:
            raise record.error(place, UNKNOWN_TOOL)
        if fault := gold_fault(by_name[call.name], call.arguments):
            raise record.error(f"{place}{fault[0]}", *fault[1:])


def gold_fault(tool: Mapping[str, Any], arguments: dict[str, Any]) -> tuple[str, str, str] | None:
    """The first way in which arguments break their tool: path, reason, detail."""
    compiled = compile_tool(json.dumps(tool, sort_keys=True))
    for key in arguments:
        if not compiled.declares((key,)):
            return show_path((key,))[1:], UNDECLARED, ""
    for violation in compiled.violations(arguments):
        reason = MISSING if violation.code == "missing_parameter" else MISFIT
        return show_path(violation.path)[1:], reason, f"{violation.message}."
    return None
