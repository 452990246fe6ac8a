"""Markers that give a call away and tokens that end a turn, of all formats together.

    marker().search("Let me look. [TOOL_CALLS] ...")    # a match: Mistral's marker
    "<|im_end|>" in turn_ends()                         # True
    "<|call|>" in call_ends()                           # True: gpt-oss' end of a call and a turn

A call in another format is a call too, so whoever reads one format asks for the markers of all. The
formats' files import what reads them; so the formats are looked up at the first question, when all
of them are there.
"""

from __future__ import annotations

import re
from functools import cache

from rlcall.wire.reading.foreign import FOREIGN_MARKERS
from rlcall.wire.reading.parsed import any_of

# What hands the turn over: nothing of it may come after one of these, so generation ends there. A
# tag that closes a block of calls is none of them, since another block may follow.
COMMON_TURN_ENDS = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",
    "<|eom|>",
    "<end_of_turn>",
    "<eos>",
    "</s>",
    "<|user|>",
    "<|observation|>",
)


@cache
def marker() -> re.Pattern[str]:
    """Return the pattern of all markers of all formats, of those too that are not read here."""
    from rlcall.wire.formats import FORMATS

    markers: dict[str, None] = {}  # a set in the order of the formats
    for format in FORMATS.values():
        markers |= dict.fromkeys(format.markers)
    for family in FOREIGN_MARKERS.values():
        markers |= dict.fromkeys(family)
    return re.compile(any_of(markers))


@cache
def turn_ends() -> tuple[str, ...]:
    """Return the tokens that end a turn, in any format or whatever the format."""
    from rlcall.wire.formats import FORMATS

    ends = dict.fromkeys(COMMON_TURN_ENDS)
    for format in FORMATS.values():
        ends |= dict.fromkeys(format.turn_ends)
    return tuple(ends)


@cache
def call_ends() -> tuple[str, ...]:
    """Return the tokens that end a turn and stay in its text, since they belong to a call."""
    from rlcall.wire.formats import FORMATS

    ends: dict[str, None] = {}
    for format in FORMATS.values():
        ends |= dict.fromkeys(format.call_ends)
    return tuple(ends)
