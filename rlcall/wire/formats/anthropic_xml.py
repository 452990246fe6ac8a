"""Anthropic's XML: `invoke` tags, all inside one tag.

<function_calls>
<invoke name="f">
<parameter name="city">Paris</parameter>
</invoke>
</function_calls>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.invoke import PLAIN, write_invokes

_OPENING = re.compile("<function_calls>")


def _write(calls: Sequence[Call]) -> str:
    return write_invokes(calls, "function_calls")


FORMAT = Format(
    name="anthropic_xml",
    order=300,
    opening=re.compile(r"<function_calls>(?=\s*<invoke\b)"),
    markers=("<function_calls>", "</function_calls>", "</invoke>"),
    read=Blocks(_OPENING, "</function_calls>", PLAIN.read_calls).read,
    write=_write,
    labels=False,
    models="models that imitate Anthropic's tags, and Claude when prompted",
    source="Anthropic's documentation of tools in prompts",
    also_reads="values on lines of their own",
)
