"""What in a text differs from another one, word by word; spaces do not count.

marked('f(a=2)', gold='f(a=1, b=3)')
# [Piece("f(a="), Piece("2", "surplus"), Piece("1, b=3", "missing"), Piece(")")]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+$")
LONGEST = 2000  # words that are compared; what a model repeats beyond that is shown as it is

ALIKE = 0.4
"""Texts that share less than this part of the longer one are another text altogether, and are marked as a whole."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text: in both, here alone (`surplus`), or in the other alone (`missing`)."""

    text: str
    kind: Literal["same", "surplus", "missing"] = "same"


def marked(text: str, gold: str) -> list[Piece]:
    """The pieces of `text` in order, with what `gold` has besides in its places.

    The pieces that are not `missing` make up `text`.
    """
    words, due = _WORD.findall(text), _WORD.findall(gold)
    found = [*_pieces(words[:LONGEST], due[:LONGEST]), Piece("".join(words[LONGEST:]))]
    same = sum(_bare(piece.text) for piece in found if piece.kind == "same")
    if same < ALIKE * max(_bare(text), _bare(gold)):
        found = [Piece(text, "surplus"), Piece(gold, "missing")]
    return [piece for piece in found if piece.text]


def _bare(text: str) -> int:
    """How long it is without spaces."""
    return sum(map(len, text.split()))


def _pieces(words: list[str], due: list[str]) -> Iterator[Piece]:
    bare_due, bare = ([word.strip() for word in side] for side in (due, words))
    for tag, from_due, to_due, start, end in SequenceMatcher(
        None, bare_due, bare, autojunk=False
    ).get_opcodes():
        if start < end:
            yield Piece(
                "".join(words[start:end]),
                "surplus" if tag != "equal" and any(bare[start:end]) else "same",
            )
        if tag in ("replace", "delete") and any(bare_due[from_due:to_due]):
            yield Piece("".join(due[from_due:to_due]), "missing")
