"""The check that evaluations can be compared: the same rows, decoded alike, under the same reward.

check_compatible(runs)
# ["test", "twins"]; CompareError: "runs/b/eval/test and ... are not about the same: ..."
"""

from __future__ import annotations

from collections.abc import Sequence

from rlcall.compare.runs import ComparedRun, CompareError, RunEvaluation
from rlcall.data.rows import Row
from rlcall.evaluation.settings import PROTOCOL, keys_of

REMEDY = "Evaluate both with the same rows and options of rlcall eval, or compare other runs."


def check_compatible(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the names of the evaluations that all runs have, in their first run's order.

    CompareError where there is none, or where one differs between runs in more than the model.
    """
    common = set.intersection(*(set(run.evaluations) for run in runs))
    names = [name for name in runs[0].evaluations if name in common]
    if not names:
        lines = ["no evaluation is in all of these runs:"]
        for run in runs:
            lines.append(f"  {run.path}: {', '.join(run.evaluations)}")
        lines.append("Give them one of the same name.")
        raise CompareError("\n".join(lines))
    for name in names:
        first = runs[0].evaluations[name]
        for run in runs[1:]:
            other = run.evaluations[name]
            difference = _difference(first, other)
            if difference:
                raise CompareError(
                    f"{other.path} and {first.path} are not about the same: {difference}. {REMEDY}"
                )
    return names


def _difference(first: RunEvaluation, other: RunEvaluation) -> str | None:
    protocol = keys_of(PROTOCOL)
    for key, value in first.settings.items():
        if key not in protocol or key not in other.settings:
            continue
        if value != other.settings[key]:
            return f"{key} is {other.settings[key]!r} in the one and {value!r} in the other"
    rules = ", ".join(first.completions[0].rules)
    other_rules = ", ".join(other.completions[0].rules)
    if rules != other_rules:
        return f"their rewards have other rules, {other_rules} and {rules}"
    return _difference_of_rows(first.rows, other.rows)


def _difference_of_rows(first: Sequence[Row], other: Sequence[Row]) -> str | None:
    if len(first) != len(other):
        return f"{len(other)} rows and {len(first)} rows"
    for number, (row, other_row) in enumerate(zip(first, other, strict=True), 1):
        if row.id != other_row.id:
            return f"row {number} is {other_row.id!r} in the one and {row.id!r} in the other"
        fields = [
            field
            for field in ("messages", "tools", "answer", "task")
            if getattr(row, field) != getattr(other_row, field)
        ]
        if fields:
            return f"row {number}, {row.id!r}, has other {' and '.join(fields)}"
    return None
