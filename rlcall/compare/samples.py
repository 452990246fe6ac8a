"""Completions side by side, for rows on which methods disagree.

for shown in samples(comparison, compared, count=6):
    shown.request, shown.gold, shown.written["grpo"].pieces
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rlcall import wire as wires
from rlcall.compare.comparison import Compared, Comparison
from rlcall.compare.marks import Piece, marked
from rlcall.data.gold import gold_completion
from rlcall.data.rows import Row
from rlcall.metrics.record import Completion, Record
from rlcall.verifier.answer import AnswerError

COUNT = 6
RULE = (
    "Rows on which methods disagree: one for each pattern of who is right, the most frequent pattern first, then "
    "another one of each; within a pattern in the order of the rows. Each method's first seed and first completion."
)
NO_CALL = "no call is due"


@dataclass(frozen=True)
class Written:
    """A method's completion in pieces, with its verdict; `error` is the first thing wrong."""

    correct: bool
    reward: float | None
    error: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Shown:
    """A row and what each method wrote for it.

    `gold` is written as the first of them was asked to write, or the row's answer where that names no one text.
    """

    id: str
    request: str
    tools: list[str]
    gold: str
    written: dict[str, Written]


def samples(comparison: Comparison, compared: Compared, count: int = COUNT) -> list[Shown]:
    """At most `count` rows, chosen as RULE says."""
    firsts = {group.name: compared.evaluated[group.name][0] for group in comparison.groups}
    records = {name: one.records[:: one.samples] for name, one in firsts.items()}
    places = chosen(list(records.values()), count)
    asked = {name: one.wire for name, one in firsts.items()}
    return [
        _shown(compared.rows[place], {name: found[place] for name, found in records.items()}, asked)
        for place in places
    ]


def chosen(methods: Sequence[Sequence[Record]], count: int) -> list[int]:
    """Places of rows, as RULE says; no row on which all methods are right, or all wrong."""
    patterns: dict[tuple[bool, ...], list[int]] = {}
    for place, records in enumerate(zip(*methods, strict=True)):
        right = tuple(bool(record.correct) for record in records)
        if len(set(right)) > 1:
            patterns.setdefault(right, []).append(place)
    by_size = sorted(patterns.values(), key=len, reverse=True)
    turns = [place for turn in zip_longest(*by_size) for place in turn if place is not None]
    return turns[:count]


def _shown(row: Row, records: dict[str, Record], asked: dict[str, str]) -> Shown:
    tools = [tool["function"]["name"] for tool in row.tools]
    first = next(iter(records))
    gold = gold_of(row, asked[first])
    right = json.dumps(row.answer, ensure_ascii=False) if gold is None else gold or NO_CALL
    written = {name: _written(row, record, asked[name]) for name, record in records.items()}
    return Shown(row.id or "row", row.last_request, tools, right, written)


def _written(row: Row, record: Record, wire: str) -> Written:
    text = record.completion if isinstance(record.completion, str) else _message(record.completion)
    gold = gold_of(row, record.form if record.form in wires.NAMES else wire)
    right = bool(record.correct)
    pieces = [Piece(text)] if right or gold is None else marked(text, gold)
    error = next((f"{one['code']}: {one['message']}" for one in record.errors), "")
    return Written(right, record.reward, error, pieces)


def _message(completion: Completion) -> str:
    return json.dumps(completion, ensure_ascii=False)


def gold_of(row: Row, wire: str) -> str | None:
    """The right completion in a wire format, "" where no call is due; None where the answer names none."""
    try:
        return gold_completion(row, "hermes" if wire in ("auto", "openai") else wire, no_call="")
    except (AnswerError, ValueError):
        return None
