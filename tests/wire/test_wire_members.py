"""A message is read by its text and `tool_calls`; whatever else could hold a call is a call or a
problem, and never an empty text."""

from typing import Any

import pytest

from rlcall import wire
from rlcall.verify import verify

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": PARAMETERS}}]
DUE = {"calls": [{"name": "f", "arguments": {"city": "Rome"}}]}
ARGUMENTS = '{"city": "Rome"}'
ITEM = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": ARGUMENTS}
USE = {"type": "tool_use", "id": "c1", "name": "f", "input": {"city": "Rome"}}
GEMINI = {"functionCall": {"name": "f", "args": {"city": "Rome"}}}

HIDDEN: list[dict[str, Any]] = [
    {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": ARGUMENTS}},
    {"role": "assistant", "content": "Hm.", "function_call": {"name": "f", "arguments": ARGUMENTS}},
    {"role": "assistant", "content": [USE]},
    {"role": "assistant", "content": [{"type": "text", "text": "Let me look."}, USE]},
    {"role": "assistant", "content": [{**USE, "type": "server_tool_use"}]},
    {"role": "assistant", "content": [{"toolUse": {"name": "f", "input": {"city": "Rome"}}}]},
    {"role": "assistant", "content": [{"type": "text", "text": "", "functionCall": {"name": "f"}}]},
    {"role": "model", "parts": [GEMINI]},
    {"role": "model", "parts": [{"text": "Let me look."}, GEMINI]},
    {"candidates": [{"content": {"parts": [GEMINI]}}]},
    ITEM,
    {"output": [ITEM]},
    {"role": "assistant", "content": "", "output": [ITEM]},
    {"choices": [{"message": {"content": None, "tool_calls": [{"function": {"name": "f"}}]}}]},
    {"name": "f", "arguments": ARGUMENTS},
    {"name": "f", "arguments": {"city": "Rome"}},
    {"role": "assistant", "content": None, "action": "f", "action_input": ARGUMENTS},
    {"role": "assistant", "content": None, "tool": "f", "tool_input": {"city": "Rome"}},
    {"role": "assistant", "content": "Hm.", "invocations": [{"name": "f"}]},
    {"role": "assistant", "content": [{"type": "tool_call", "value": ARGUMENTS}]},
]
PLAIN: list[dict[str, Any]] = [
    {"role": "assistant", "content": "Which city?"},
    {"role": "assistant", "content": None},
    {"role": "assistant", "content": None, "refusal": "I cannot do that."},
    {"role": "assistant", "content": "No.", "function_call": None, "tool_calls": [], "parts": []},
    {"role": "assistant", "content": "No.", "reasoning_content": "f(city='Rome')?"},
    {"role": "assistant", "content": "No.", "reasoning_details": [{"text": "f(city='Rome')?"}]},
    {"role": "assistant", "content": "No.", "created_at": "2026-05-01", "model": "m"},
    {"role": "assistant", "content": [{"type": "text", "text": "No."}]},
    {"role": "assistant", "content": [{"type": "output_text", "text": "No.", "annotations": []}]},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "f()?"}, {"text": "No."}]},
    {"role": "assistant", "content": [{"type": "reasoning", "text": "f()?"}, {"text": "No."}]},
    {"role": "assistant", "content": [{"text": "f()?", "thought": True}, {"text": "No."}]},
    {"id": "m1", "type": "message", "status": "completed", "role": "assistant", "content": "No."},
]


@pytest.mark.parametrize("message", HIDDEN, ids=str)
@pytest.mark.parametrize("under", ["auto", "hermes", "openai"])
def test_a_call_in_another_member_is_no_empty_text(message: dict[str, Any], under: str) -> None:
    verdict = verify(message, TOOLS, {"calls": []}, wire=under)
    assert verdict.correct is False and verdict.has("call_not_due")
    due = verify(message, TOOLS, DUE, wire=under)
    assert due.correct or due.has("unreadable")
    assert verify(message, TOOLS, {"names": ["f"]}).correct is False


@pytest.mark.parametrize("message", PLAIN, ids=str)
def test_what_is_no_call_stays_a_text(message: dict[str, Any]) -> None:
    assert not wire.attempts_call(message, TOOLS)
    assert verify(message, TOOLS, {"calls": []}).correct is True


@pytest.mark.parametrize("arguments", ["", {}, "{}"])
def test_a_server_may_write_no_arguments_as_an_empty_text(arguments: Any) -> None:
    message = {"content": None, "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
    assert verify(message, TOOLS, {"calls": [{"name": "f", "arguments": {}}]}).correct
    assert not verify(message, TOOLS, DUE).correct
