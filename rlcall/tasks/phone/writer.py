"""The words of a phone request, and the calls that it asks for.

writer = PhoneWriter(PhoneDraw(Random("seed"), "train"), phrasings=None, optional_share=0.25)
TASKS["single"](writer)
# PhoneRequest("Ring Ana.", [{"name": "make_call", "arguments": {"who": "Ana"}}], due=["make_call"])
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from rlcall.tasks.draw import Value
from rlcall.tasks.manners import is_clause, sentence
from rlcall.tasks.phone import phrases
from rlcall.tasks.phone.phrases import Phrasing
from rlcall.tasks.phone.tools import TOOLS
from rlcall.tasks.phone.values import SLOTS, PhoneDraw


class PhoneRequest(NamedTuple):
    """A request, the calls it asks for, and the tools that must, or must not, be shown."""

    text: str
    calls: list[dict[str, Any]]
    due: Sequence[str] = ()
    absent: Sequence[str] = ()


class PhoneWriter:
    """Words for calls. All choices come from one stream, so equal seeds give equal requests."""

    def __init__(self, draw: PhoneDraw, phrasings: int | None, optional_share: float) -> None:
        self.draw, self.rng, self.optional_share = draw, draw.rng, optional_share
        self.plain = self._usable(phrases.PLAIN, phrasings)
        self.optional = self._usable(phrases.OPTIONAL, phrasings)
        self.no_tool = draw.of_split(phrases.NO_TOOL)

    def _usable(
        self, by_tool: Mapping[str, Sequence[Phrasing]], phrasings: int | None
    ) -> dict[str, list[Phrasing]]:
        """Return the first `phrasings` of each tool that belong to the split."""
        return {tool: self.draw.of_split(entries)[:phrasings] for tool, entries in by_tool.items()}

    def task(self, no_call_share: float, parallel_share: float) -> str:
        """Draw a task: a key of TASKS."""
        point = self.rng.random()
        if point < no_call_share:
            return "missing_tool" if point < no_call_share / 2 else "irrelevant"
        return "parallel" if point < no_call_share + parallel_share else "single"

    def tool_names(self, count: int) -> list[str]:
        """Draw different tools to ask for."""
        return self.rng.sample(list(TOOLS), count)

    def tools(
        self, shown: tuple[int, int], due: Sequence[str], absent: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Draw the tools of a row: those due and others, never one of `absent`, shuffled."""
        others = [name for name in TOOLS if name not in due and name not in absent]
        count = self.rng.randint(*shown) - len(due)
        names = [*due, *self.rng.sample(others, count)]
        self.rng.shuffle(names)
        return [deepcopy(TOOLS[name]) for name in names]

    def request(self, tool: str, clause_only: bool = False) -> tuple[str, dict[str, Any]]:
        """Draw words that ask for one call of a tool, and the call as an answer has it."""
        with_option = self.rng.random() < self.optional_share
        entries = self.optional[tool] if with_option else self.plain[tool]
        if clause_only:
            entries = [entry for entry in entries if is_clause(entry.text)]
        phrasing = self.rng.choice(entries)
        text, values = self.fill(phrasing.text)
        return text, _call(tool, phrasing.implied, values)

    def fill(self, text: str) -> tuple[str, dict[str, Value]]:
        """Fill the slots of a phrasing; return the words, and the values by slot."""
        values = {}
        for _, slot, _, _ in string.Formatter().parse(text):
            if slot:
                values[slot] = SLOTS[slot](self.draw)
        return text.format(**{slot: value.spoken for slot, value in values.items()}), values

    def say(self, text: str) -> str:
        """Put a clause as a person might; leave a sentence as it is."""
        if not is_clause(text):
            return text
        return sentence(self.rng.choice(phrases.MANNERS), text)


def _call(tool: str, implied: dict[str, Any], values: dict[str, Value]) -> dict[str, Any]:
    """Write the call as an answer has it, its arguments in the order of the tool's properties."""
    by_name = dict(implied)
    accept = {}
    for slot, value in values.items():
        by_name[slot] = value.value
        if value.accept:
            accept[f"$.{slot}"] = list(value.accept)
    properties = TOOLS[tool]["function"]["parameters"]["properties"]
    arguments = {name: by_name[name] for name in properties if name in by_name}
    call = {"name": tool, "arguments": arguments}
    return {**call, "accept": accept} if accept else call


def _single(writer: PhoneWriter) -> PhoneRequest:
    (tool,) = writer.tool_names(1)
    text, call = writer.request(tool)
    return PhoneRequest(writer.say(text), [call], due=[tool])


def _parallel(writer: PhoneWriter) -> PhoneRequest:
    tools = writer.tool_names(2)
    first, first_call = writer.request(tools[0], clause_only=True)
    second, second_call = writer.request(tools[1], clause_only=True)
    return PhoneRequest(writer.say(f"{first} and {second}"), [first_call, second_call], due=tools)


def _missing_tool(writer: PhoneWriter) -> PhoneRequest:
    (tool,) = writer.tool_names(1)
    text, _ = writer.request(tool)
    return PhoneRequest(writer.say(text), [], absent=[tool])


def _irrelevant(writer: PhoneWriter) -> PhoneRequest:
    text, _ = writer.fill(writer.rng.choice(writer.no_tool))
    return PhoneRequest(writer.say(text), [])


TASKS: dict[str, Callable[[PhoneWriter], PhoneRequest]] = {
    "single": _single,
    "parallel": _parallel,
    "missing_tool": _missing_tool,
    "irrelevant": _irrelevant,
}
