"""Conversations as rows, for the readers of chats: one row for each turn of the assistant whose answer is known.

rows_of(record, tools, turns, notes)
# turns:  user, assistant (calls weather), tool, assistant ("It rains."), user, assistant (calls weather)
# rows:   file-7.1, the first call is due; file-7.5, the second is, and messages hold all that was said before

- A turn that calls gives a row: its calls are due. What it says beside them is left out of the answer.
- A reply in words gives a row in which no call is due where it answers the user before anything was called: it asks for
  what is missing, or declines. Where the assistant goes on at once it only announces, and gives none.
- A later reply gives no row. It may rest on a result, and whether another call would have been wrong nobody can say.
- Where the form itself says which turn is to be learnt (`target`), it is that one, whatever it is.

A turn whose calls break their tools is set aside, and the conversation goes on: later rows hold what was said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from rlcall.calls import Call, references
from rlcall.data.gold import NO_CALL
from rlcall.data.reading import nulls
from rlcall.data.reading.answer_check import check_gold
from rlcall.data.reading.records import SourceRecord
from rlcall.data.rows import Row, RowError, plain
from rlcall.files import strict_json
from rlcall.verifier.answer import read_answer
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.wire import attempts_call
from rlcall.wire.reading.bounded_json import check
from rlcall.wire.reading.parsed import Unreadable

NO_TOOLS = "shows no tools, so there is nothing to call or to leave alone"
SAME_NAME = "two have the same name"
SILENT = "the assistant neither calls nor says anything"
HIDDEN_CALL = "the assistant's words hold a call in another form"
TOO_LARGE = "a call is larger than any that is read in a completion"
NOBODY = "the assistant answers nobody: no user has said anything"
LATER_REPLY = "replies in words after a call give no row"
ANNOUNCEMENT = "words of the assistant before it goes on give no row"
UNASKED = "words of the assistant that answer no user give no row"


@dataclass(frozen=True, slots=True)
class Turn:
    """A message in OpenAI's form, its arguments as objects, with its place in the record.

    `target`: the form says that the turn is to be learnt (True), or not (False); None where it does not say.
    """

    message: dict[str, Any]
    place: str
    target: bool | None = None


def rows_of(
    record: SourceRecord, tools: list[dict[str, Any]], turns: Iterable[Turn], notes: list[str]
) -> Iterator[Row | RowError]:
    """The rows of one conversation, and a RowError for each turn that is set aside. One that `turns` raises ends it."""
    compiled = usable_tools(record, tools)
    history: list[dict[str, Any]] = []
    for turn, following in pairwise(chain(turns, [None])):
        assert turn is not None
        message = _without_nulls(record, turn, compiled, notes)
        if message["role"] == "assistant" and turn.target is not False:
            doubt = None if message.get("tool_calls") or turn.target else _doubt(history, following)
            if doubt is None:
                yield _row(record, tools, history, message, turn)
            else:
                notes.append(doubt)
        history.append(message)


def usable_tools(record: SourceRecord, tools: list[dict[str, Any]]) -> dict[str, Tool]:
    """The tools of a record by name, compiled. RowError where there is none, or one of them cannot be used."""
    if not tools:
        raise record.error("tools", NO_TOOLS)
    record.check_tools(tools)
    compiled = compile_tools(json.dumps(tools))
    if len(compiled) < len(tools):
        raise record.error("tools", SAME_NAME)
    return compiled


def _without_nulls(
    record: SourceRecord, turn: Turn, tools: Mapping[str, Tool], notes: list[str]
) -> dict[str, Any]:
    if not turn.message.get("tool_calls"):
        return turn.message
    calls = []
    for call in turn.message["tool_calls"]:
        function = dict(call["function"])
        check_size(record, turn.place, function["arguments"])
        if function["name"] in tools:
            function["arguments"] = nulls.in_arguments(
                tools[function["name"]], function["arguments"], notes
            )
        calls.append({**call, "function": function})
    return {**turn.message, "tool_calls": calls}


def check_size(record: SourceRecord, place: str, arguments: Any) -> None:
    """RowError where a call is beyond the limits within which completions are read: no model could make it."""
    try:
        check([arguments])
    except Unreadable as error:
        raise record.error(place, TOO_LARGE, f"There is {error.message}.") from error


def _doubt(history: list[dict[str, Any]], following: Turn | None) -> str | None:
    """Why a reply in words leaves open whether a call was due; None where none was."""
    if any(message.get("tool_calls") for message in history):
        return LATER_REPLY
    if following is not None and following.message["role"] == "assistant":
        return ANNOUNCEMENT
    return None if history and history[-1]["role"] == "user" else UNASKED


def _row(
    record: SourceRecord,
    tools: list[dict[str, Any]],
    history: list[dict[str, Any]],
    message: dict[str, Any],
    turn: Turn,
) -> Row | RowError:
    try:
        if turn.target is None and not any(said["role"] == "user" for said in history):
            raise record.error(turn.place, NOBODY)
        calls = [call["function"] for call in message.get("tool_calls") or ()]
        gold = [{"name": call["name"], "arguments": plain(call["arguments"])} for call in calls]
        check_gold(record, tools, gold, turn.place)
        if not gold:
            _check_words(record, tools, message, turn)
        value = {"messages": list(history), "tools": tools, "answer": {"calls": gold}}
        return record.row({"id": f"{record.id}.{len(history)}", **value})
    except RowError as error:
        return error


def _check_words(
    record: SourceRecord, tools: list[dict[str, Any]], message: dict[str, Any], turn: Turn
) -> None:
    if not message.get("content"):
        raise record.error(turn.place, SILENT)
    if attempts_call(message, tools):
        raise record.error(turn.place, HIDDEN_CALL)


def calling(calls: Iterable[Mapping[str, Any]], content: str = "") -> dict[str, Any]:
    """An assistant's message with calls of `{"name", "arguments"}`, in OpenAI's form with arguments as objects."""
    functions = [{"name": call["name"], "arguments": call["arguments"]} for call in calls]
    tool_calls = [{"type": "function", "function": function} for function in functions]
    return {
        "role": "assistant",
        "content": content,
        **({"tool_calls": tool_calls} if tool_calls else {}),
    }


def json_at(text: str, start: int = 0) -> tuple[Any, int]:
    """The JSON value that begins at `start`, and where it ends. ValueError as in strict_json.load."""
    try:
        end = json.JSONDecoder().raw_decode(text, start)[1]
    except RecursionError as error:
        raise ValueError("is not JSON that can be used: it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    return strict_json.load(text[start:end]), end


def answering_turn(row: Row) -> dict[str, Any]:
    """The assistant's message that a row's answer asks for. RowError where no message says all that the answer does."""
    if not row.tools:
        raise _unwritable("tools", NO_TOOLS)
    answer = row.answer or {}
    if not isinstance(answer.get("calls"), list):
        raise _unwritable("answer", "names no calls that could be written")
    for index, call in enumerate(answer["calls"]):
        if more := [key for key in ("accept", "optional", "compare") if call.get(key)]:
            raise _unwritable(
                f"answer.calls[{index}].{more[0]}",
                "says more than one call can: what else is right",
            )
    if answer.get("order", "any") != "any" or answer.get("compare", "exact") != "exact":
        raise _unwritable("answer", "says how calls are compared, which a chat cannot")
    calls = read_answer(json.dumps(answer)).gold_calls()
    if any(True for call in calls for _ in references(call.arguments)):
        raise _unwritable("answer.calls", "refers to the result of another call of the same turn")
    return _written(calls)


def _written(calls: list[Call]) -> dict[str, Any]:
    if not calls:
        return {"role": "assistant", "content": NO_CALL}
    return calling({"name": call.name, "arguments": call.arguments} for call in calls)


def _unwritable(field: str, reason: str) -> RowError:
    return RowError("row", 0, field, reason)
