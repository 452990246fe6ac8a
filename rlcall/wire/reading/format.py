"""The shape of a wire format, and the test that what it writes can be read again.

FORMAT = Format("hermes", re.compile("<tool_call>"), parse, render)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rlcall.calls import Call, encode, references
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.parsed import Parse, Tools, Unreadable
from rlcall.wire.reading.turn import own_text


@dataclass(frozen=True, slots=True)
class Format:
    """One wire format.

    `opening` is the pattern with which its calls begin, by which `auto` knows it. `parse` takes a text without
    reasoning and the row's tools; it never raises, and every byte is a call, permitted text or a problem.
    `write` is its inverse; `labels` says whether it can write labels.
    """

    name: str
    opening: re.Pattern[str]
    parse: Callable[[str, Tools], Parse]
    write: Callable[[Sequence[Call]], str]
    labels: bool = True

    def render(self, calls: Sequence[Call]) -> str:
        """The calls as text. Where `can_render` says so, `parse` gives them back."""
        return self.write(calls if self.labels else _without_labels(calls) or calls)

    def can_render(self, calls: Sequence[Call], tools: Tools = ()) -> bool:
        """Whether the calls, written and read again, are the same calls without any problem.

        In a format without labels, a label may go where nothing refers to it, or where the call's position stands
        for it: var1, var2, ... Formats whose values have no types of their own read them by the `tools`.
        """
        expected = list(calls) if self.labels else _without_labels(calls)
        if expected is None:
            return False
        try:
            strict_json.check([[call.name, encode(call.arguments)] for call in expected])
            parsed = self.parse(own_text(self.write(expected)), tools)
        except Unreadable:
            return False
        same = parsed.calls == tuple(expected) and _spelled(parsed.calls) == _spelled(expected)
        return same and not parsed.problems


def _without_labels(calls: Sequence[Call]) -> list[Call] | None:
    used = {reference.label for call in calls for _, reference in references(call.arguments)}
    if any(
        call.label in used and call.label != f"var{place}" for place, call in enumerate(calls, 1)
    ):
        return None
    return [Call(call.name, call.arguments) for call in calls]


def _spelled(calls: Sequence[Call]) -> str:
    """JSON text, which tells 1, 1.0 and true apart, as `==` does not."""
    return strict_json.dump([encode(call.arguments) for call in calls], sort_keys=True)
