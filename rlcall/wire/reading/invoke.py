"""Calls as `invoke` tags with a `parameter` tag for each argument, whatever is around them.

    <invoke name="f">
    <parameter name="city">Paris</parameter>
    </invoke>

InvokeTags().read(text, 0)     # ([Invoked("f", [Parameter("city", "", "Paris")])], the end)
InvokeTags().read_calls(text, 0, tools)     # ([Call("f", {"city": "Paris"})], the end)

A value may be on lines of its own: one line break after its opening tag and one before its closing
tag are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rlcall.calls import Call
from rlcall.wire.reading.objects import bare_value, call_of_pairs, framed
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name, the tag's further attributes as text, and the value as text."""

    name: str
    attributes: str
    value: str


@dataclass(frozen=True, slots=True)
class Invoked:
    """One call: the tool's name and its parameters."""

    name: str
    parameters: list[Parameter]


class InvokeTags:
    """The tags of one family, each with the same `prefix`: "", "steptml:" or "｜DSML｜"."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._invoke = re.compile(rf'\s*+<{prefix}invoke name="([^"<>\n]*+)">')
        self._parameter = re.compile(
            rf'\s*+<{prefix}parameter name="([^"<>\n]*+)"([^<>\n]*+)>(?:\n)?+'
        )
        self._end = re.compile(rf"\s*+</{prefix}invoke>")
        self._parameter_end = f"</{prefix}parameter>"

    def read(self, text: str, start: int) -> tuple[list[Invoked], int]:
        """Return the calls from a position on, and where the last one ends."""
        calls: list[Invoked] = []
        while invoke := self._invoke.match(text, start):
            if len(calls) == MAX_CALLS:
                raise Unreadable("too_large", f"more than {MAX_CALLS} calls", start)
            parameters, at = self._parameters(text, invoke.end())
            ending = self._end.match(text, at)
            if ending is None:
                message = f"neither a parameter nor the call's end at character {at}"
                raise Unreadable("unreadable", message)
            calls.append(Invoked(invoke[1], parameters))
            start = ending.end()
        return calls, start

    def _parameters(self, text: str, at: int) -> tuple[list[Parameter], int]:
        parameters = []
        while match := self._parameter.match(text, at):
            end = text.find(self._parameter_end, match.end())
            if end < 0:
                raise Unreadable("truncated", f"no {self._parameter_end}")
            value = text[match.end() : end].removesuffix("\n")
            parameters.append(Parameter(match[1], match[2], value))
            at = end + len(self._parameter_end)
        return parameters, at

    def read_calls(self, text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
        """Return calls with values typed by the tools' schemas, and where the last one ends."""
        invoked, end = self.read(text, start)
        items: list[Item] = []
        for call in invoked:
            pairs = []
            for parameter in call.parameters:
                if parameter.attributes.strip():
                    message = f"a parameter with attributes: {parameter.name}"
                    raise Unreadable("unreadable", message)
                pairs.append((parameter.name, parameter.value))
            items += call_of_pairs(call.name, pairs, tools)
        return items, end

    def write_call(self, call: Call) -> str:
        """Return one call, with a parameter a line."""
        prefix = self._prefix
        lines = [f'<{prefix}invoke name="{call.name}">']
        for key, value in call.arguments.items():
            text = framed(bare_value(value))
            lines.append(f'<{prefix}parameter name="{key}">{text}</{prefix}parameter>')
        return "\n".join([*lines, f"</{prefix}invoke>"])


PLAIN = InvokeTags()


def write_invokes(calls: Sequence[Call], outer: str) -> str:
    """Return calls as plain `invoke` tags inside the `outer` tags; "" for none."""
    if not calls:
        return ""
    return "\n".join([f"<{outer}>", *map(PLAIN.write_call, calls), f"</{outer}>"])
