"""Procedure or template: counts over rows and their twins (`rlcall.tasks.twins.twins`).

    counts = template_rate(pairs(rows, completions), "smollm2")    # one completion each
    counts.accuracy_rows, counts.accuracy_twins, counts.drop       # 0.91, 0.55, 0.36
    counts.rate, counts.interval("templates")                      # 0.4, (0.3, 0.51)

The template rate is taken over the twins whose right answer is not their row's. It is the
fraction for which the row's was written all the same: the call to the tool that is gone, the
parameter that is gone. Our verifier judges that by the row's own tools and answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rlcall.data.rows import Row
from rlcall.metrics.intervals import wilson_interval
from rlcall.tasks.twins.twins import kind_of, original_id
from rlcall.verify import verify

Completion = str | Mapping[str, Any]


class TwinPair(NamedTuple):
    """A row and one of its twins, with what the model wrote for each."""

    row: Row
    twin: Row
    completion: Completion
    twin_completion: Completion

    @property
    def is_changed(self) -> bool:
        """True where the removal changed what is right."""
        return self.row.answer != self.twin.answer


@dataclass(frozen=True, slots=True)
class TemplateRate:
    """Counts over pairs.

    A row with several twins counts once for each, so that accuracies are over the same pairs.
    """

    pairs: int = 0
    right_rows: int = 0
    right_twins: int = 0
    changed: int = 0
    templates: int = 0

    @property
    def accuracy_rows(self) -> float | None:
        """N: the fraction of rows answered rightly; None where there are no pairs."""
        return _fraction(self.right_rows, self.pairs)

    @property
    def accuracy_twins(self) -> float | None:
        """N-1: the fraction of their twins answered rightly."""
        return _fraction(self.right_twins, self.pairs)

    @property
    def drop(self) -> float | None:
        """The fall of accuracy from rows to twins, in [-1, 1]."""
        return _fraction(self.right_rows - self.right_twins, self.pairs)

    @property
    def rate(self) -> float | None:
        """The template rate, over twins whose right answer is another; None where none is."""
        return _fraction(self.templates, self.changed)

    def interval(self, count: str) -> tuple[float, float]:
        """Return Wilson's 95 % interval of `right_rows`, `right_twins` or `templates`."""
        total = self.changed if count == "templates" else self.pairs
        return wilson_interval(getattr(self, count), total)


def pairs(rows: Sequence[Row], completions: Sequence[Completion]) -> Iterator[TwinPair]:
    """Yield each twin among the rows with its row, joined by id.

    `completions` are in the rows' order.
    ValueError where a twin's row is not among them.
    """
    answered = list(zip(rows, completions, strict=True))
    originals = {row.id: (row, text) for row, text in answered}
    for twin, text in answered:
        if twin.id is not None and kind_of(twin.id):
            if original_id(twin.id) not in originals:
                raise ValueError(
                    f"twin {twin.id!r} is here without its row: "
                    f"put {original_id(twin.id)!r} in as well"
                )
            row, row_text = originals[original_id(twin.id)]
            yield TwinPair(row, twin, row_text, text)


def is_template(completion: Completion, row: Row, twin: Row, wire: str) -> bool:
    """Say whether a twin was answered as its row, where another answer was right."""
    return row.answer != twin.answer and _is_right(completion, row, wire)


def template_rate(pairs: Iterable[TwinPair], wire: str) -> TemplateRate:
    """Count over some pairs: all of them, or those of one kind (`kind_of(pair.twin.id)`)."""
    total = right_rows = right_twins = changed = templates = 0
    for pair in pairs:
        total += 1
        right_rows += _is_right(pair.completion, pair.row, wire)
        right_twins += _is_right(pair.twin_completion, pair.twin, wire)
        changed += pair.is_changed
        templates += is_template(pair.twin_completion, pair.row, pair.twin, wire)
    return TemplateRate(total, right_rows, right_twins, changed, templates)


def _is_right(completion: Completion, row: Row, wire: str) -> bool:
    return bool(verify(completion, row.tools_text, row.answer_text, wire=wire).correct)


def _fraction(part: int, total: int) -> float | None:
    return part / total if total else None
