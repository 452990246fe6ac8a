"""Completions next to each other, for rows on which methods disagree.

for sample in pick_samples(comparison, compared, count=6):
    sample.request, sample.gold, sample.completions["grpo"].spans
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rlcall import wire as wires
from rlcall.compare.comparison import ComparedEvaluation, Comparison
from rlcall.compare.word_diff import MarkedSpan, word_diff
from rlcall.data.gold import gold_completion
from rlcall.data.rows import Row
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.verifier.answer import AnswerError

COUNT = 6
RULE = (
    "Rows on which methods disagree: one for each pattern of who is right, the most frequent "
    "pattern first, then another one of each; within a pattern in the order of the rows. Each "
    "method's first seed and first completion."
)
NO_CALL = "no call is due"


@dataclass(frozen=True)
class MarkedCompletion:
    """A method's completion, marked against the right one, with its verdict.

    `error` is the first thing wrong.
    """

    correct: bool
    reward: float | None
    error: str
    spans: list[MarkedSpan]

    @property
    def verdict(self) -> str:
        """`right, reward 1.00` or `wrong, reward 0.40; wrong_value: ...`."""
        text = "right" if self.correct else "wrong"
        if self.reward is not None:
            text += f", reward {self.reward:.2f}"
        return f"{text}; {self.error}" if self.error else text


@dataclass(frozen=True)
class SideBySide:
    """A row and what each method wrote for it.

    `gold` is written as the first of them was asked to write, or the row's answer where that is not
    one text.
    """

    id: str
    request: str
    tools: list[str]
    gold: str
    completions: dict[str, MarkedCompletion]


def pick_samples(
    comparison: Comparison, compared: ComparedEvaluation, count: int = COUNT
) -> list[SideBySide]:
    """Return at most `count` rows, picked as RULE says."""
    wire_of, firsts = {}, {}
    for method in comparison.methods:
        evaluation = compared.evaluations[method.name][0]
        wire_of[method.name] = evaluation.wire
        firsts[method.name] = evaluation.completions[:: evaluation.samples]
    samples = []
    for index in pick_rows(list(firsts.values()), count):
        completions = {name: of_method[index] for name, of_method in firsts.items()}
        samples.append(_side_by_side(compared.rows[index], completions, wire_of))
    return samples


def pick_rows(methods: Sequence[Sequence[JudgedCompletion]], count: int) -> list[int]:
    """Return indices of rows, as RULE says; no row on which all methods are right, or all wrong."""
    patterns: dict[tuple[bool, ...], list[int]] = {}
    for index, completions in enumerate(zip(*methods, strict=True)):
        pattern = tuple(bool(completion.correct) for completion in completions)
        if len(set(pattern)) > 1:
            patterns.setdefault(pattern, []).append(index)
    most_frequent_first = sorted(patterns.values(), key=len, reverse=True)
    picked: list[int] = []
    for turn in zip_longest(*most_frequent_first):
        picked += [index for index in turn if index is not None]
    return picked[:count]


def _side_by_side(
    row: Row, completions: Mapping[str, JudgedCompletion], wire_of: Mapping[str, str]
) -> SideBySide:
    tools = [tool["function"]["name"] for tool in row.tools]
    gold = gold_of(row, next(iter(wire_of.values())))
    if gold is None:
        gold = json.dumps(row.answer, ensure_ascii=False)
    marked = {}
    for name, completion in completions.items():
        marked[name] = _mark(row, completion, wire_of[name])
    return SideBySide(row.id or "row", row.last_request, tools, gold or NO_CALL, marked)


def _mark(row: Row, completion: JudgedCompletion, wire: str) -> MarkedCompletion:
    text = completion.completion
    if not isinstance(text, str):
        text = json.dumps(text, ensure_ascii=False)
    gold = gold_of(row, completion.form if completion.form in wires.NAMES else wire)
    spans = [MarkedSpan(text)]
    if not completion.correct and gold is not None:
        spans = word_diff(text, gold)
    error = ""
    if completion.errors:
        first = completion.errors[0]
        error = f"{first['code']}: {first['message']}"
    return MarkedCompletion(bool(completion.correct), completion.reward, error, spans)


def gold_of(row: Row, wire: str) -> str | None:
    """Return the right completion, "" where no call is due; None where it is not one text."""
    try:
        return gold_completion(row, "hermes" if wire in ("auto", "openai") else wire, no_call="")
    except (AnswerError, ValueError):
        return None
