"""The gold of a row: the completion that its answer says is right, as text in a wire format.

    gold_completion(row, "python")      # "[weather(city='Paris')]"
    gold_completion(row, "python")      # "[]": no call is due
    gold_completion(row, "python")      # '["weather"]': a granular answer that asks for names

Whoever has other calls to write as a completion, such as another choice that the answer accepts, has `render_calls`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rlcall import wire as wires
from rlcall.calls import Call, without_idle_labels
from rlcall.data.rows import Row
from rlcall.verifier.granular import gold_text
from rlcall.wire import Format
from rlcall.wire.reading.parsed import Tools

NO_CALL = "[]"  # abstains in every wire format, and is what SmolLM2's own tool prompt asks for


def gold_completion(row: Row, wire: str, no_call: str = NO_CALL) -> str | None:
    """Render the right completion of a row; None where the wire format cannot write its calls.

    `no_call` is the text where no call is due. Labels are left out where nothing refers to them. AnswerError where
    the answer does not say what is right, ValueError where there is no such wire format.
    """
    form = wires.get(wire)
    if row.wanted.granular:
        return gold_text(row.wanted)
    return render_calls(without_idle_labels(row.wanted.gold_calls()), form, row.tools, no_call)


def render_calls(
    calls: Sequence[Call], form: Format, tools: Tools = (), no_call: str = NO_CALL
) -> str | None:
    """Render calls as a completion; None where reading it again would not give the same calls."""
    if not calls:
        return no_call
    return form.render(calls) if form.can_render(calls, tools) else None
