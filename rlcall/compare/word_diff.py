"""The words of a text that another one does not have, and those that it lacks; spaces do not count.

word_diff('f(a=2)', gold='f(a=1, b=3)')
# [MarkedSpan("f(a="), MarkedSpan("2", "surplus"), MarkedSpan("1, b=3", "missing"), MarkedSpan(")")]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+$")
LONGEST = 2000  # words that are compared; what a model repeats beyond that is shown as it is

LEAST_IN_COMMON = 0.4
"""Texts that share less than this part of the longer one are marked as a whole."""


@dataclass(frozen=True)
class MarkedSpan:
    """A stretch of text: in both, in this one alone (`surplus`) or the other alone (`missing`)."""

    text: str
    kind: Literal["same", "surplus", "missing"] = "same"


def word_diff(text: str, gold: str) -> list[MarkedSpan]:
    """Return the spans of `text` in order, with what `gold` has in addition where it has it.

    The spans that are not `missing` make up `text`.
    """
    words, gold_words = _WORD.findall(text), _WORD.findall(gold)
    spans = list(_spans(words[:LONGEST], gold_words[:LONGEST]))
    spans.append(MarkedSpan("".join(words[LONGEST:])))
    in_common = sum(_length(span.text) for span in spans if span.kind == "same")
    if in_common < LEAST_IN_COMMON * max(_length(text), _length(gold)):
        spans = [MarkedSpan(text, "surplus"), MarkedSpan(gold, "missing")]
    return [span for span in spans if span.text]


def _length(text: str) -> int:
    """Return how long a text is without spaces."""
    return sum(map(len, text.split()))


def _spans(words: Sequence[str], gold_words: Sequence[str]) -> Iterator[MarkedSpan]:
    bare = [word.strip() for word in words]
    bare_gold = [word.strip() for word in gold_words]
    matcher = SequenceMatcher(None, bare_gold, bare, autojunk=False)
    for tag, gold_start, gold_end, start, end in matcher.get_opcodes():
        if start < end:
            is_surplus = tag != "equal" and any(bare[start:end])
            yield MarkedSpan("".join(words[start:end]), "surplus" if is_surplus else "same")
        if tag in ("replace", "delete") and any(bare_gold[gold_start:gold_end]):
            yield MarkedSpan("".join(gold_words[gold_start:gold_end]), "missing")
