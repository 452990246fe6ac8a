"""Whether evaluations can stand in one table: the same rows, decoded alike, under the same reward.

check_alike(runs)     # ["test", "twins"], or CompareError: "runs/b/eval/test: row 7 is 'r9', and 'r7' in runs/a/..."
"""

from __future__ import annotations

from collections.abc import Sequence

from rlcall.compare.runs import CompareError, Evaluated, Run
from rlcall.data.rows import Row

# What an evaluation's settings say of the model, of where the rows were read, and of chance; the rows themselves are
# compared, and the format asked for is the model's own.
FREE = {
    "model",
    "weights",
    "source",
    "dtype",
    "rendering",
    "completions",
    "completions_digest",
    "wire",
    "seed",
}
FREE |= {"rows", "rows_digest", "rows_count", "batch_size", "command", "device", "versions"}
REMEDY = "Evaluate both with the same rows and options of rlcall eval, or compare other runs."


def check_alike(runs: Sequence[Run]) -> list[str]:
    """The names of the evaluations that all runs have, in their first run's order. CompareError where they differ."""
    names = [name for name in runs[0].evaluations if all(name in run.evaluations for run in runs)]
    if not names:
        lines = "\n".join(f"  {run.path}: {', '.join(run.evaluations)}" for run in runs)
        raise CompareError(
            f"no evaluation is in all of these runs:\n{lines}\nGive them one of the same name."
        )
    for name in names:
        first, *others = (run.evaluations[name] for run in runs)
        for other in others:
            if difference := _difference(first, other):
                raise CompareError(
                    f"{other.path} and {first.path} are not about the same: {difference}. {REMEDY}"
                )
    return names


def _difference(first: Evaluated, other: Evaluated) -> str | None:
    keys = [key for key in first.settings if key in other.settings and key not in FREE]
    for key in keys:
        if first.settings[key] != other.settings[key]:
            return f"{key} is {other.settings[key]!r} in the one and {first.settings[key]!r} in the other"
    rules, others = (", ".join(one.records[0].rules) for one in (first, other))
    if rules != others:
        return f"their rewards have other rules, {others} and {rules}"
    return _of_rows(first.rows, other.rows)


def _of_rows(first: Sequence[Row], other: Sequence[Row]) -> str | None:
    if len(first) != len(other):
        return f"{len(other)} rows and {len(first)} rows"
    for number, (one, two) in enumerate(zip(first, other, strict=True), 1):
        if one.id != two.id:
            return f"row {number} is {two.id!r} in the one and {one.id!r} in the other"
        if one != two:
            parts = [
                part
                for part in ("messages", "tools", "answer", "task")
                if getattr(one, part) != getattr(two, part)
            ]
            return f"row {number}, {one.id!r}, has other {' and '.join(parts)}"
    return None
