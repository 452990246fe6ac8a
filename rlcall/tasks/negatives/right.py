"""What an operator is given: the right completion of a row, and what it is made of.

right = right_of(row, "hermes")
right.calls, right.text         # [Call("set_wifi", {"on": True})], '<tool_call>...'
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
class Right:
    """The right calls of a row, [] where none is due, and how the run's wire format writes them."""

    row: Row
    written: Format
    calls: list[Call]
    text: str
    tools: Mapping[str, Tool]

    def changed(self, index: int, call: Call) -> list[Call]:
        """The right calls with another one in the place of one of them."""
        return [*self.calls[:index], call, *self.calls[index + 1 :]]

    def write(self, mistake: list[Call] | str) -> str | None:
        """A mistake as text; None for calls that the wire format cannot write as they are."""
        if isinstance(mistake, str):
            return mistake
        return render_calls(mistake, self.written, self.row.tools)


Operator = Callable[[Right, Random], Iterator[list[Call] | str]]
"""Ways to make one mistake: calls, to be written in the run's wire format, or text as it stands."""


def right_of(row: Row, wire: str) -> Right | None:
    """None where nothing says which calls are right, or the wire format cannot write them. ValueError for no format."""
    if wire == "auto":
        raise ValueError(
            "negatives are written in one wire format, and 'auto' is none; name the run's"
        )
    written = wires.get(wire)
    if not isinstance(row.wanted.calls, tuple):
        return None
    text = gold_completion(row, wire)
    if text is None:
        return None
    calls = without_idle_labels(row.wanted.gold_calls())
    return Right(row, written, calls, text, compile_tools(row.tools_text))
