"""One emitted call against the expected one: how much of it is right, and what is not.

    grade = grade_call(expected, {"city": "Paris", "days": 3}, tool, violations=[])
    grade.values      # Tally(right=1, total=2): of the answer's leaves, and of surplus ones
    grade.errors      # (ValueDifference("wrong_value", ("days",), 2, 3),)

Arguments are compared leaf by leaf, with the answer's `accept`, `optional` and comparators and the
schema's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rlcall.calls import Reference
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.comparison import (
    Tally,
    ValueComparer,
    ValueComparison,
    ValueDifference,
    add_up,
)
from rlcall.verifier.schema import Tool
from rlcall.verifier.structure import structure_overlap
from rlcall.verifier.values import Absent
from rlcall.verifier.violations import Violation


class Grade(NamedTuple):
    """The grade of one emitted call against one expected call.

    `nesting` is None where the answer nests nothing.
    """

    parameters: Tally
    types: Tally
    values: Tally
    nesting: Tally | None
    errors: tuple[ValueDifference, ...] = ()

    @property
    def is_right(self) -> bool:
        """True where every argument is right. The schema has its own say, as violations."""
        return not self.errors

    @property
    def is_full(self) -> bool:
        """True where no other call could be graded higher."""
        return (
            not self.errors
            and self.parameters.is_full
            and self.types.is_full
            and self.values.is_full
        )


def grade_call(
    expected: ExpectedCall,
    arguments: dict[str, Any],
    tool: Tool | None,
    violations: Sequence[Violation],
) -> Grade:
    """Grade emitted arguments against an expected call of the same name.

    `violations` are those of `arguments`. One that is about no member that counts, but about the
    whole of them or about a default, counts as a member of its own.
    """
    comparer = ValueComparer(expected, tool)
    members = comparer.members(expected.arguments, arguments, ())
    total = add_up(members.values())
    invalid = {violation.path[:1] for violation in violations}
    elsewhere = sum(path[0] not in members if path else 1 for path in invalid)
    hits = [key for key in members if key in arguments and comparer.expects(key)]
    return Grade(
        parameters=Tally(len(hits), len(members)),
        types=Tally(sum((key,) not in invalid for key in hits), len(members) + elsewhere),
        values=total.tally,
        nesting=_nesting(expected.arguments, arguments, members) if expected.nests else None,
        errors=total.errors,
    )


def _nesting(
    wanted: dict[str, Any], emitted: dict[str, Any], members: Mapping[str, ValueComparison]
) -> Tally | None:
    """Count, over the nested parameters, the part of their structure that is in common."""
    nested = [key for key, value in wanted.items() if isinstance(value, dict | list | Reference)]
    if not nested:
        return None
    right: float = 0
    counted = [key for key in nested if key in members]
    for key in counted:
        is_full = members[key].tally.is_full
        right += 1.0 if is_full else structure_overlap(wanted[key], emitted.get(key, Absent))
    return Tally(right, len(counted))
