"""Conversations as rows: one row for each turn of the assistant whose answer is known.

    rows_of(record, tools, turns, notes)
    # turns:  user, assistant (calls), tool, assistant ("It rains."), user, assistant (calls)
    # rows:   file-7.1, the first call is due; file-7.5, the second, after all messages before it

- A turn that calls gives a row: its calls are due. Its words and reasoning beside them are no part
  of the answer; the row keeps them as `words`, and they are counted.
- A reply in words gives a row in which no call is due if it answers the user before anything was
  called: it asks for what is missing, or declines. If the assistant goes on at once it only
  announces, and gives no row.
- A later reply gives no row. It may rest on a result, and nobody can say whether another call would
  have been wrong.
- Where the request said that a call must be made, or must not (`tool_choice`), the turn is not the
  assistant's own choice, and there is no row.
- Where the data set itself says which turn is to be learnt (`target`), it is that one, whatever it
  is.

A turn whose calls break their tools is set aside, and the conversation goes on: the messages of
later rows include it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from rlcall.data.reading import nulls
from rlcall.data.reading.answer_check import check_calls, check_size, usable_tools
from rlcall.data.reading.choice import check_choice
from rlcall.data.reading.records import SourceRecord
from rlcall.data.reading.replies import call_traces
from rlcall.data.reading.words import BESIDE, words_beside
from rlcall.data.rows import Row, RowError, plain
from rlcall.verifier.schema import Tool

SILENT = "the assistant neither calls nor says anything"
HIDDEN_CALL = "the assistant's words hold a call in another form"
NOBODY = "the assistant answers nobody: no user has said anything"
LATER_REPLY = "replies in words after a call give no row"
ANNOUNCEMENT = "words of the assistant before it goes on give no row"
UNASKED = "words of the assistant that answer no user give no row"


@dataclass(frozen=True, slots=True)
class Turn:
    """A message in OpenAI's form, its arguments as objects, with its field in the record.

    `target`: the data set says that the turn is to be learnt (True), or not (False); None where it
    does not say.
    """

    message: dict[str, Any]
    field: str
    target: bool | None = None


def rows_of(
    record: SourceRecord, tools: list[dict[str, Any]], turns: Iterable[Turn], notes: list[str]
) -> Iterator[Row | RowError]:
    """Yield the rows of one conversation, and a RowError for each turn that is set aside.

    A RowError that `turns` raises ends the conversation.
    """
    check_choice(record, record.value)
    compiled = usable_tools(record, tools)
    history: list[dict[str, Any]] = []
    for turn, following in pairwise(chain(turns, [None])):
        assert turn is not None
        message = _without_nulls(record, turn, compiled, notes)
        if message["role"] == "assistant" and turn.target is not False:
            doubt = None
            if not message.get("tool_calls") and not turn.target:
                doubt = _doubt(history, following)
            if doubt is None:
                yield _row(record, tools, history, message, turn, notes)
            else:
                notes.append(doubt)
        history.append(message)


def _without_nulls(
    record: SourceRecord, turn: Turn, tools: Mapping[str, Tool], notes: list[str]
) -> dict[str, Any]:
    if not turn.message.get("tool_calls"):
        return turn.message
    calls = []
    for call in turn.message["tool_calls"]:
        function = dict(call["function"])
        check_size(record, turn.field, function["arguments"])
        tool = tools.get(function["name"])
        if tool is not None:
            function["arguments"] = nulls.in_arguments(tool, function["arguments"], notes)
        calls.append({**call, "function": function})
    return {**turn.message, "tool_calls": calls}


def _doubt(history: list[dict[str, Any]], following: Turn | None) -> str | None:
    """Return why a reply in words leaves open whether a call was due; None where none was."""
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
    notes: list[str],
) -> Row | RowError:
    try:
        if turn.target is None and not any(earlier["role"] == "user" for earlier in history):
            raise record.error(turn.field, NOBODY)
        gold = []
        for call in message.get("tool_calls") or ():
            function = call["function"]
            gold.append({"name": function["name"], "arguments": plain(function["arguments"])})
        check_calls(record, tools, gold, turn.field)
        if not gold:
            _check_words(record, tools, message, turn)
        value = {"messages": list(history), "tools": tools, "answer": {"calls": gold}}
        words = words_beside(message) if gold else {}
        if words:
            value["words"] = words
        row = record.row({"id": f"{record.id}.{len(history)}", **value})
        notes += (BESIDE[key] for key in words)
        return row
    except RowError as error:
        return error


def _check_words(
    record: SourceRecord, tools: list[dict[str, Any]], message: dict[str, Any], turn: Turn
) -> None:
    if call_traces(message, tools):
        raise record.error(turn.field, HIDDEN_CALL)
    if not words_beside(message).get("text"):
        raise record.error(turn.field, SILENT)
