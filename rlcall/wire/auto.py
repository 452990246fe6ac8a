"""Which format a text is in, and whether it holds any attempt at a call.

A text that is, as a whole, a call in a form without markers is read in that form; otherwise the format whose opening
comes first in it wins, and of several at the same place the first in FORMATS.
"""

from __future__ import annotations

import re

from rlcall.wire.formats import (
    bare_json,
    deepseek_v3,
    functiongemma,
    glm4,
    glm45,
    granite3,
    granite4,
    granite20b,
    hermes,
    llama3,
    mistral,
    nestful,
    openai,
    python,
    qwen3_coder,
    smollm2,
    toolrl,
)
from rlcall.wire.reading.bare import no_call
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.parsed import SURPLUS, Parse, Tools, Unreadable
from rlcall.wire.reading.syntax import MARKER, named

_MARKED = (
    qwen3_coder, glm45, toolrl, smollm2, hermes, granite4, llama3, mistral, granite20b, granite3, deepseek_v3,
    functiongemma,
)  # fmt: skip
_BARE = (llama3, openai, nestful, bare_json, glm4, python)

MARKED = tuple(module.FORMAT for module in _MARKED)
BARE = tuple(module.FORMAT for module in _BARE)
FORMATS: dict[str, Format] = {format.name: format for format in (*MARKED, *BARE)}

_OPENINGS = re.compile(
    "|".join(f"(?P<{format.name}>{format.opening.pattern})" for format in MARKED)
)


def parse_auto(text: str, tools: Tools) -> Parse:
    """The calls and problems of a text in whatever format it is in; "text" where there is no call in any."""
    bare = next((format.parse(text, tools) for format in BARE if format.opening.match(text)), None)
    if bare and bare.calls:
        return bare
    for marker in MARKER.finditer(text):
        if opening := _OPENINGS.match(text, marker.start()):
            return FORMATS[str(opening.lastgroup)].parse(text, tools)
    if named(
        text, tools
    ):  # a name that is no identifier hides a call from the openings of the forms without markers
        hidden = (format.parse(text, tools) for format in BARE)
        bare = next((parsed for parsed in hidden if parsed.calls), bare)
    return bare or Parse(
        "text", (), no_call(text, tools, Unreadable("unreadable", "no call"), begins=False)
    )


def attempts(text: str, tools: Tools) -> bool:
    """Whether a text holds an attempt at a call in any format, readable or not.

    The formats' own ways to call nothing (`[]`, `no_function`, a block with an empty list) are no attempts.
    """
    return is_attempt(parse_auto(text, tools)) or named(text, tools)


def is_attempt(parsed: Parse) -> bool:
    return bool(parsed.calls) or any(problem.code in SURPLUS for problem in parsed.problems)
