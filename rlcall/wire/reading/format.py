"""A wire format: all that is to be known of it, in one value.

FORMAT = Format(
    name="granite3",
    order=100,
    opening=re.compile(r"<\\|tool_call\\|>"),
    markers=("<|tool_call|>",),
    read=Blocks(re.compile(r"<\\|tool_call\\|>"), "", read_list).read,
    write=_write,
    models="Granite 3.0 to 3.3",
    source="the chat templates of ibm-granite/granite-3.0-8b-instruct to 3.3",
)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rlcall.calls import Call, encode, references
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.parsed import Item, Parse, Tools, Unreadable, settle
from rlcall.wire.reading.turn import own_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One wire format. It has an `opening`, with `markers`, or a `bare_opening`, or both."""

    name: str
    """What `wire:` and `--wire` call it; a Python identifier."""
    order: int
    """Its place among all formats; no two have the same. Where several openings match at one place,
    the format with the lowest order reads, so one whose opening begins like another's and says more
    comes before it. Marked formats are below 500, bare ones above."""
    read: Callable[[str, Tools], list[Item]]
    """Reads a text without reasoning at its beginning, with the row's tools. Never raises; every
    byte of the text is a call, permitted text, reasoning outside calls, or a problem."""
    write: Callable[[Sequence[Call]], str]
    """The inverse of `read`."""

    opening: re.Pattern[str] | None = None
    """How a call begins inside a text, by which `auto` knows the format: with a marker."""
    bare_opening: re.Pattern[str] | None = None
    """How a text begins that is a call as a whole, without markers."""
    markers: tuple[str, ...] = ()
    """Texts that give a call away wherever they are, in whatever format."""
    turn_ends: tuple[str, ...] = ()
    """Tokens of these models that end a turn, besides gathered.COMMON_TURN_ENDS."""
    call_ends: tuple[str, ...] = ()
    """Tokens that end a turn and belong to its call. Generation ends there, too, but they stay in
    the text: without one, the call was cut off."""
    labels: bool = True
    """Whether it can write the labels of calls."""

    models: str
    """The models that write it, by name, for docs/wire.md."""
    source: str
    """Where its syntax was read."""
    also_reads: str = ""
    """What it reads besides what it writes, in Markdown, for docs/wire.md."""
    vllm: tuple[str, ...] = ()
    """What vLLM calls its parser of it, `--tool-call-parser`."""
    special_tokens: tuple[str, ...] = ()
    """Its markers that the vocabularies of these models hold as one token each."""

    def parse(self, text: str, tools: Tools) -> Parse:
        """Return the calls and problems of a text that does not begin with reasoning."""
        return settle(self.name, self.read(text, tools))

    def render(self, calls: Sequence[Call]) -> str:
        """Return the calls as text. Where `can_render` says so, `parse` gives them back."""
        if not self.labels:
            calls = _without_labels(calls) or calls
        return self.write(calls)

    def can_render(self, calls: Sequence[Call], tools: Tools = ()) -> bool:
        """Return whether the calls, written and read again, are the same calls without any problem.

        In a format without labels, a label may go where nothing refers to it, or where the call's
        position stands for it: var1, var2, ... Formats whose values have no types of their own read
        them by the `tools`.
        """
        expected = list(calls) if self.labels else _without_labels(calls)
        if expected is None:
            return False
        try:
            bounded_json.check([[call.name, encode(call.arguments)] for call in expected])
            parsed = self.parse(own_text(self.write(expected), tools), tools)
        except Unreadable:
            return False
        same = parsed.calls == tuple(expected) and _spelled(parsed.calls) == _spelled(expected)
        return same and not parsed.problems


def _without_labels(calls: Sequence[Call]) -> list[Call] | None:
    used: set[str] = set()
    for call in calls:
        used.update(reference.label for _, reference in references(call.arguments))
    for number, call in enumerate(calls, 1):
        if call.label in used and call.label != f"var{number}":
            return None
    return [Call(call.name, call.arguments) for call in calls]


def _spelled(calls: Sequence[Call]) -> str:
    """Return JSON text, which tells 1, 1.0 and true apart, as `==` does not."""
    arguments = [encode(call.arguments) for call in calls]
    return bounded_json.dump(arguments, sort_keys=True)
