"""GLM-4: the name on a line of its own, and the arguments as JSON after it.

    get_weather
    {"city": "Paris"}

Without markers, the name must look like one, or be one of the row's tools.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable
from rlcall.wire.reading.syntax import tool_names

# A capitalised word on a line before an object is a heading: `Summary` and not `get_summary`.
_NAME = r"(?:[^\W\dA-Z]|[A-Z]\w*(?:_|[a-z][A-Z]))\w*(?:[.-]\w+)*"
_OPENING = re.compile(rf"\s*{_NAME}[ \t]*\n\s*\{{")
_PLAIN = re.compile(_NAME)


def _read(text: str, tools: Tools) -> list[Item]:
    items: list[Item] = []
    at = 0
    while at < len(text):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls")
        line_end = text.find("\n", at)
        name = text[at:line_end].strip()
        if line_end < 0 or not (_PLAIN.fullmatch(name) or name in tool_names(tools)):
            raise Unreadable("unreadable", "not a name on a line of its own")
        value, end = bounded_json.read(text, line_end)
        items += call_of({"name": name, "arguments": value})
        at = bounded_json.skip_space(text, end)
        if at < len(text) and "\n" not in text[end:at]:
            raise Unreadable("unreadable", f"there is more after the arguments, at character {end}")
    return items


def _write(calls: Sequence[Call]) -> str:
    lines = []
    for call in calls:
        lines += [call.name, bounded_json.dump(encode(call.arguments))]
    return "\n".join(lines)


FORMAT = Format(
    name="glm4",
    order=540,
    bare_opening=_OPENING,
    read=Bare(_OPENING, _read).read,
    write=_write,
    labels=False,
    models="GLM-4",
    source="the chat template of THUDM/glm-4-9b-chat",
)
