"""The check of an answer by its own tools, before a reader gives a row: can it be right at all?

    check_calls(record, tools, [{"name": "f", "arguments": {"a": "x"}}], "answers")
    # RowError: data.json[7]: answers.f.a: the gold gives a value that does not fit its parameter.

Wrong labels cost a small model more than missing ones, so a reader sets such a record aside and
never mends it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.calls import show_path
from rlcall.data.reading.records import SourceRecord
from rlcall.verifier.answer import read_answer
from rlcall.verifier.schema import Tool, compile_tool, compile_tools
from rlcall.wire.reading.bounded_json import check
from rlcall.wire.reading.parsed import Unreadable

NO_TOOLS = "shows no tools, so there is nothing to call or to leave alone"
SAME_NAME = "two have the same name"
TOO_LARGE = "a call is larger than any that is read in a completion"
UNKNOWN_TOOL = "the gold calls a tool that is not listed"
UNDECLARED = "the gold gives an argument that its tool does not declare"
MISSING = "the gold leaves out a required parameter"
MISFIT = "the gold gives a value that does not fit its parameter"


def usable_tools(record: SourceRecord, tools: list[dict[str, Any]]) -> dict[str, Tool]:
    """Return the tools of a record (OpenAI form) by name, compiled.

    Raises RowError where there is none, one of them is broken, or two have the same name.
    """
    if not tools:
        raise record.error("tools", NO_TOOLS)
    record.check_tools(tools)
    compiled = compile_tools(json.dumps(tools))
    if len(compiled) < len(tools):
        raise record.error("tools", SAME_NAME)
    return compiled


def check_size(record: SourceRecord, field: str, arguments: Any) -> None:
    """Raise RowError where a call is larger than any that is read in a completion."""
    try:
        check([arguments])
    except Unreadable as error:
        raise record.error(field, TOO_LARGE, f"There is {error.message}.") from error


def check_calls(
    record: SourceRecord,
    tools: Sequence[Mapping[str, Any]],
    calls: Sequence[Mapping[str, Any]],
    field: str,
) -> None:
    """Raise RowError where a tool (OpenAI form) is broken, or an answer's call breaks its tool."""
    record.check_tools(tools)
    by_name = {tool["function"]["name"]: tool for tool in tools}
    for call in read_answer(json.dumps({"calls": calls})).gold_calls():
        call_field = f"{field}.{call.name}"
        if call.name not in by_name:
            raise record.error(call_field, UNKNOWN_TOOL)
        if fault := _argument_fault(by_name[call.name], call.arguments):
            path, reason, detail = fault
            raise record.error(f"{call_field}{path}", reason, detail)


def _argument_fault(
    tool: Mapping[str, Any], arguments: dict[str, Any]
) -> tuple[str, str, str] | None:
    """Return the first way in which arguments break their tool, as path, reason and detail."""
    compiled = compile_tool(json.dumps(tool, sort_keys=True))
    for key in arguments:
        if not compiled.declares((key,)):
            return show_path((key,))[1:], UNDECLARED, ""
    for violation in compiled.violations(arguments):
        reason = MISSING if violation.code == "missing_parameter" else MISFIT
        return show_path(violation.path)[1:], reason, f"{violation.message}."
    return None
