"""The gold of a row: what its answer says is right, as a completion's text and as a chat's message.

    gold_completion(row, "python")      # "[weather(city='Paris')]"; "[]" where no call is due
    gold_completion(row, "python")      # '["weather"]': a granular answer that asks for names
    gold_message(row)                   # {"role": "assistant", "content": "", "tool_calls": [...]}

`render_calls` does the same for other calls, such as another choice that the answer accepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, references, without_idle_labels
from rlcall.data.reading.answer_check import NO_TOOLS
from rlcall.data.reading.messages import call_message
from rlcall.data.rows import Row, RowError
from rlcall.verifier.granular import gold_text
from rlcall.wire import Format
from rlcall.wire.reading.parsed import Tools

NO_CALL = "[]"  # abstains in every wire format, and is what SmolLM2's own tool prompt asks for


def gold_completion(row: Row, wire: str, no_call: str = NO_CALL) -> str | None:
    """Render the right completion of a row; None where the wire format cannot write its calls.

    `no_call` is the text where no call is due. Labels are left out where nothing refers to them.
    Raises AnswerError where the answer does not say what is right, ValueError where there is no
    such wire format.
    """
    wire_format = wires.get(wire)
    if row.wanted.granular:
        return gold_text(row.wanted)
    calls = without_idle_labels(row.wanted.gold_calls())
    return render_calls(calls, wire_format, row.tools, no_call)


def render_calls(
    calls: Sequence[Call], wire_format: Format, tools: Tools = (), no_call: str = NO_CALL
) -> str | None:
    """Render calls as a completion; None where reading it again would not give the same calls."""
    if not calls:
        return no_call
    return wire_format.render(calls) if wire_format.can_render(calls, tools) else None


def gold_message(row: Row) -> dict[str, Any]:
    """Return the assistant's message that a row's answer asks for, arguments as objects.

    Raises RowError where no message says all that the answer does.
    """
    if not row.tools:
        raise _unwritable("tools", NO_TOOLS)
    answer = row.answer or {}
    if not isinstance(answer.get("calls"), list):
        raise _unwritable("answer", "names no calls that could be written")
    for index, call in enumerate(answer["calls"]):
        for key in ("accept", "optional", "compare"):
            if call.get(key):
                reason = "says more than one call can: what else is right"
                raise _unwritable(f"answer.calls[{index}].{key}", reason)
    if answer.get("order", "any") != "any" or answer.get("compare", "exact") != "exact":
        raise _unwritable("answer", "says how calls are compared, which a chat cannot")
    calls = row.wanted.gold_calls()
    if any(True for call in calls for _ in references(call.arguments)):
        reason = "refers to the result of another call of the same turn"
        raise _unwritable("answer.calls", reason)
    if not calls:
        return {"role": "assistant", "content": NO_CALL}
    return _with_words(call_message(_functions(calls)), row.words or {})


def _functions(calls: Sequence[Call]) -> Iterator[dict[str, Any]]:
    for call in calls:
        yield {"name": call.name, "arguments": call.arguments}


def _with_words(message: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Put what a row keeps beside its calls into their message."""
    message["content"] = words.get("text", "")
    if "reasoning" in words:
        message["reasoning_content"] = words["reasoning"]
    return message


def _unwritable(field: str, reason: str) -> RowError:
    return RowError("row", 0, field, reason)
