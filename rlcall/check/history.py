"""The history of a row: what its messages must be for any chat template to say them in order.

    list(faults(row))
    # [RowFault("broken_history", "messages[2].tool_call_id",
    #           "'c9' answers no call of the turn before, which has 'c1'; give it the call's id")]

The linter reports these, and a run refuses the rows (`rlcall.sources`): a template renders some of
them as something else, without a word, and fails at others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rlcall.check.finding import RowFault, RowFaults
from rlcall.data.rows import Row

CODE = "broken_history"
CALL_KEYS = ("function_call", "functionCall", "tool_use", "parts", "functionResponse")
"""Members of messages in other APIs' forms that hold calls or results; none is rendered."""
Message = Mapping[str, Any]


def faults(row: Row) -> RowFaults:
    """Yield what is wrong with the messages of a row, in their order."""
    is_whole = True
    for index, message in enumerate(row.messages):
        for fault in _of_message(f"messages[{index}]", message):
            is_whole = False
            yield fault
    if is_whole:  # the order of broken messages says nothing
        yield from _of_instructions(row.messages)
        yield from _of_calls(row.messages)
        yield from _of_end(row.messages)


def _of_message(field: str, message: Message) -> RowFaults:
    """Yield what is wrong with a message by itself."""
    role, calls = message["role"], message.get("tool_calls") or []
    for key in CALL_KEYS:
        if message.get(key):
            yield RowFault(CODE, f"{field}.{key}", "is not rendered; write calls as tool_calls")
    if calls and role != "assistant":
        reason = f"a {role}'s message makes no calls; give it the role assistant"
        yield RowFault(CODE, f"{field}.tool_calls", reason)
    for number, call in enumerate(calls):
        yield from _of_call(f"{field}.tool_calls[{number}]", call)
    broken_parts = list(_of_content(f"{field}.content", message.get("content")))
    yield from broken_parts
    needs_text = role in ("system", "developer", "user") or (role == "assistant" and not calls)
    if needs_text and not broken_parts and not _has_text(message.get("content")):
        reason = f"the {role} says nothing; write its text, or take the message out"
        yield RowFault(CODE, f"{field}.content", reason)


def _of_content(field: str, content: Any) -> RowFaults:
    """Yield the parts of a content that are no text."""
    for number, part in enumerate(content if isinstance(content, list) else ()):
        place = f"{field}[{number}]"
        if not isinstance(part, dict):
            yield RowFault(CODE, place, 'is no part; write {"type": "text", "text": "..."}')
        elif part.get("type") != "text":
            kind = part.get("type")
            reason = f"is a part of type {kind!r}; prompts are made of text alone: take it out"
            yield RowFault(CODE, place, reason)
        elif not isinstance(part.get("text"), str):
            yield RowFault(CODE, f"{place}.text", "is no text; write the part's text there")


def _has_text(content: Any) -> bool:
    if isinstance(content, list):
        content = "".join(part["text"] for part in content)
    return bool((content or "").strip())


def _of_call(field: str, call: Any) -> RowFaults:
    function = call.get("function")
    if not isinstance(function, dict):
        form = '{"name": "f", "arguments": {}}'
        yield RowFault(CODE, f"{field}.function", f"is no call; write {form}")
        return
    name = function.get("name")
    if not isinstance(name, str) or not name.strip():
        yield RowFault(CODE, f"{field}.function.name", "a call needs the name of its tool")
    identifier = call.get("id")
    if identifier is not None and not isinstance(identifier, str):
        yield RowFault(CODE, f"{field}.id", "is no text; write the call's id as text")
    arguments = function.get("arguments")
    if isinstance(arguments, str) and arguments.strip():
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError) as error:
            reason = f"is not JSON ({error}); write the arguments as an object"
            yield RowFault(CODE, f"{field}.function.arguments", reason)
            return
    elif isinstance(arguments, str) or arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        reason = f"is {arguments!r:.60}, no object; write the arguments by their names"
        yield RowFault(CODE, f"{field}.function.arguments", reason)


def _of_instructions(messages: Sequence[Message]) -> RowFaults:
    """Yield system messages that are not the first: many templates refuse or drop them."""
    for index, message in enumerate(messages):
        if message["role"] == "system" and index:
            is_second = any(earlier["role"] == "system" for earlier in messages[:index])
            what = "is a second system message" if is_second else "is not the first message"
            remedy = "put all that the system says into the first message"
            yield RowFault(CODE, f"messages[{index}]", f"{what}; {remedy}")


def _of_calls(messages: Sequence[Message]) -> RowFaults:
    """Yield results without a call, and calls without a result."""
    waiting: list[Any] = []  # the calls of the last turn that have no result yet
    turn = 0
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            fault = _of_result(f"messages[{index}]", message, waiting)
            if fault:
                yield fault
        else:
            yield from _left(turn, waiting)
            waiting = list(message.get("tool_calls") or ())
            turn = index
            yield from _repeated_ids(f"messages[{index}].tool_calls", waiting)
    yield from _left(turn, waiting)


def _repeated_ids(field: str, calls: list[Any]) -> RowFaults:
    ids = Counter(call["id"] for call in calls if call.get("id") is not None)
    for identifier, count in ids.items():
        if count > 1:
            yield RowFault(CODE, field, f"two calls have the id {identifier!r}; give each its own")


def _of_result(field: str, message: Message, waiting: list[Any]) -> RowFault | None:
    """Take the call that a result answers from those that wait; return what is wrong with it."""
    identifier = message.get("tool_call_id")
    if not waiting:
        reason = "is a result, and no call waits for one; put the call before it, or take it out"
        return RowFault(CODE, field, reason)
    ids = [call.get("id") for call in waiting]
    if identifier is not None and any(ids):
        if identifier not in ids:
            known = ", ".join(repr(known) for known in ids)
            reason = f"{identifier!r} is no call that waits; those are {known}; write the call's id"
            return RowFault(CODE, f"{field}.tool_call_id", reason)
        waiting.pop(ids.index(identifier))
        return None
    waiting.pop(0)  # results without an id come in the order of the calls
    return None


def _left(turn: int, waiting: list[Any]) -> Iterator[RowFault]:
    if waiting:
        names = ", ".join(call["function"]["name"] for call in waiting)
        reason = f"{names}: calls without a result; add a tool's message for each, or drop them"
        yield RowFault(CODE, f"messages[{turn}].tool_calls", reason)


def _of_end(messages: Sequence[Message]) -> RowFaults:
    last = messages[-1]
    if last["role"] == "assistant" and not last.get("tool_calls"):
        reason = "the assistant's turn is last; what it should say next is the row's answer"
        yield RowFault(CODE, f"messages[{len(messages) - 1}]", reason)
    elif last["role"] in ("system", "developer"):
        reason = "nobody asks anything; end with a user's message or a tool's"
        yield RowFault(CODE, f"messages[{len(messages) - 1}]", reason)
