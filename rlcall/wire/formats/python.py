"""Python calls: a list, one call a line, or calls separated by `;`, with or without a code fence.

    [f(a=1), weather.get(days=[1, 2])]

Keyword arguments only; `f(**{"from": 1})` writes a name that is no Python identifier. A tool's name
that is none, `get-time(zone="UTC")`, is read where the row has such a tool. A call inside a call,
`f(x=g(y=1).id)`, and a name, `a = g(y=1)` with `f(x=a.id)`, become references. BFCL's prompt asks
for the list; NexusRaven writes `Call: f(a=1); g(b=2)`.
"""

from __future__ import annotations

import re

from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.parsed import Item, Tools
from rlcall.wire.reading.python_source import read_source, write_source

_CALL = r"[^\W\d][\w.-]*\("
_OPENING = re.compile(
    rf"(?:```\w*\s*)?\s*(?:Call:\s*)?(?:\[\s*(?:{_CALL}|\])|{_CALL}|[^\W\d]\w*[ \t]*=[ \t]*{_CALL})"
)


def _read(text: str, tools: Tools) -> list[Item]:
    return read_source(text.removeprefix("Call:"), tools)


FORMAT = Format(
    name="python",
    order=550,
    bare_opening=_OPENING,
    turn_ends=("<bot_end>",),
    read=Bare(_OPENING, _read).read,
    write=write_source,
    models="models prompted as BFCL does, Gemma 3, ToolACE, NexusRaven",
    source="the prompts of BFCL, and the model card of Nexusflow/NexusRaven-V2-13B",
    also_reads="one call a line, or `;` between calls; `a = g()` and calls inside calls",
    vllm=("pythonic",),
)
