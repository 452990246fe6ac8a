"""Forgeries, which attacks yield, and the gold that they are made from.

    def one_duplicate(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
        yield [*gold.calls, replace(gold.calls[0], label=None)]

A forgery is calls, which the audit writes in the wire format under test, or text or an assistant
message, taken as it is. It is what its attack says by the way it is made, not by a verdict: a wrong
value is one that the row does not accept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from rlcall.calls import Call
from rlcall.data.rows import Row
from rlcall.verifier.answer import Answer, ExpectedCall
from rlcall.wire import Format

Forgery = str | Mapping[str, Any] | list[Call]


@dataclass(frozen=True, slots=True)
class Gold:
    """The right answer of a row: calls, labelled var1, var2, ..., and their text in the first
    format.

    `calls` is empty and `text` "" where no call is due. `others` are the right calls of another
    row, to other tools. Of a granular answer, `text` is what it asks for, and `calls` are its
    names as calls, or the call to the given tool.
    """

    answer: Answer
    calls: list[Call]
    text: str
    formats: Sequence[Format]
    others: Sequence[Call] = ()

    @property
    def expected(self) -> tuple[ExpectedCall, ...]:
        """The answer's calls, or the one to a given tool; none where it is "any"."""
        if self.answer.arguments is not None:
            return (self.answer.arguments,)
        return self.answer.calls if isinstance(self.answer.calls, tuple) else ()


Forge = Callable[[Row, Gold, Random], Iterator[Forgery]]
