"""The right completion of a row, which operators get wrong, and what it is made of.

gold = gold_of(row, "hermes")
gold.calls, gold.text         # [Call("set_wifi", {"on": True})], '<tool_call>...'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from rlcall import wire as wires
from rlcall.calls import Call, without_idle_labels
from rlcall.data.gold import gold_completion, render_calls
from rlcall.data.rows import Row
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.wire import Format


@dataclass(frozen=True, slots=True)
class GoldCompletion:
    """The right calls of a row, [] where none is due, and how the run's wire format writes them."""

    row: Row
    wire_format: Format
    calls: list[Call]
    text: str
    tools: Mapping[str, Tool]

    def with_call(self, index: int, call: Call) -> list[Call]:
        """Return the right calls with another one in place of one of them."""
        return [*self.calls[:index], call, *self.calls[index + 1 :]]

    def write(self, mistake: Mistake) -> str | None:
        """Write a mistake as text; None for calls that the wire format cannot write as they are."""
        if isinstance(mistake, str):
            return mistake
        return render_calls(mistake, self.wire_format, self.row.tools)


Mistake = list[Call] | str
"""Calls, to be written in the run's wire format, or text as it is."""
Operator = Callable[[GoldCompletion, Random], Iterator[Mistake]]
"""Ways to make one kind of mistake."""


def gold_of(row: Row, wire: str) -> GoldCompletion | None:
    """Return the right completion of a row in a wire format.

    None where nothing says which calls are right, or the wire format cannot write them. ValueError
    where there is no such format.
    """
    if wire == "auto":
        raise ValueError(
            "negatives are written in one wire format, and 'auto' is none; name the run's"
        )
    wire_format = wires.get(wire)
    if not isinstance(row.wanted.calls, tuple):
        return None
    text = gold_completion(row, wire)
    if text is None:
        return None
    calls = without_idle_labels(row.wanted.gold_calls())
    return GoldCompletion(row, wire_format, calls, text, compile_tools(row.tools_text))
