"""One emitted call against the expected one: how much of it is right, and what is not.

    grade = grade_call(expected, {"city": "Paris", "days": 3}, tool, violations=[])
    grade.values      # Tally(right=1, total=2): of the answer's leaves, and of leaves that should not be there
    grade.errors      # (ValueDifference("wrong_value", ("days",), 2, 3),)

Arguments are compared leaf by leaf, with the answer's `accept`, `optional` and comparators and the schema's defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rlcall.calls import Path, Reference
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool, Violation
from rlcall.verifier.values import Absent, canonical, same


class Tally(NamedTuple):
    """`right` of `total`; nothing to get wrong counts as all right."""

    right: float
    total: float

    @property
    def ratio(self) -> float:
        return self.right / self.total if self.total else 1.0

    @property
    def is_full(self) -> bool:
        return self.right >= self.total


class ValueDifference(NamedTuple):
    """A value that is not the one expected; `Absent` on the side that has none. It is worded when it is read."""

    code: str
    path: Path
    wanted: Any
    given: Any

    @property
    def message(self) -> str:
        if self.given is Absent:
            return f"{_show(self.wanted)} is missing"
        if self.wanted is Absent:
            return f"{_show(self.given)} should not be there"
        return f"expected {_show(self.wanted)}, got {_show(self.given)}"


class Grade(NamedTuple):
    """What one emitted call gets right of one expected call. `nesting` is None where the answer nests nothing."""

    parameters: Tally
    types: Tally
    values: Tally
    nesting: Tally | None
    errors: tuple[ValueDifference, ...] = ()

    @property
    def is_right(self) -> bool:
        return not self.errors

    @property
    def is_full(self) -> bool:
        """Whether no other call could be graded higher."""
        return (
            not self.errors
            and self.parameters.is_full
            and self.types.is_full
            and self.values.is_full
        )


class _Result(NamedTuple):
    share: Tally
    errors: tuple[ValueDifference, ...] = ()


_RIGHT = _Result(Tally(1, 1))


def grade_call(
    expected: ExpectedCall,
    arguments: dict[str, Any],
    tool: Tool | None,
    violations: Sequence[Violation],
) -> Grade:
    """Grade emitted arguments against an expected call of the same name. `violations` are those of `arguments`."""
    comparison = _Comparison(expected, tool)
    members = comparison.members(expected.arguments, arguments, ())
    total = _sum(members.values())
    invalid = {violation.path[0] for violation in violations if violation.path}
    hits = [key for key in members if key in arguments and comparison.is_known(key)]
    return Grade(
        parameters=Tally(len(hits), len(members)),
        types=Tally(sum(key not in invalid for key in hits), len(members)),
        values=total.share,
        nesting=_nesting(expected.arguments, arguments, members) if expected.nests else None,
        errors=total.errors,
    )


def _sum(results: Iterable[_Result]) -> _Result:
    right: float = 0
    total: float = 0
    errors: list[ValueDifference] = []
    for (good, of), wrong in results:
        right += good
        total += of
        errors += wrong
    return _Result(Tally(right, total), tuple(errors))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares values at paths below one expected call."""

    expected: ExpectedCall
    tool: Tool | None

    def is_known(self, key: str) -> bool:
        return key in self.expected.arguments or bool(self.expected.accepted((key,)))

    def members(
        self, wanted: dict[str, Any], given: dict[str, Any], path: Path
    ) -> dict[str, _Result]:
        """A result per key that counts. Keys left out or added with the effect of a default do not count."""
        results = {}
        for key in dict.fromkeys([*wanted, *given]):
            result = self._member(wanted.get(key, Absent), given.get(key, Absent), (*path, key))
            if result is not None:
                results[key] = result
        return results

    def _member(self, wanted: Any, given: Any, path: Path) -> _Result | None:
        if given is Absent:
            return None if self._may_be_missing(wanted, path) else _missing(wanted, path)
        if wanted is Absent and self.expected.accepted(path):
            wanted = self.expected.accepted(path)[0]
        if wanted is Absent:
            return None if self._may_be_added(given, path) else self._surplus(given, path)
        return self.value(wanted, given, path)

    def _may_be_missing(self, wanted: Any, path: Path) -> bool:
        if self.expected.may_be_left_out(path):
            return True
        default = self._default(path)
        return default is not Absent and self.value(wanted, default, path).share.is_full

    def _may_be_added(self, given: Any, path: Path) -> bool:
        comparator, named = self.expected.comparator(path)
        default = self._default(path)
        return (named and comparator == "ignore") or (
            default is not Absent and same(default, given)
        )

    def _default(self, path: Path) -> Any:
        """The default of an optional parameter. A required one must be given, default or not."""
        if self.tool is None or self.tool.is_required(path):
            return Absent
        return self.tool.default(path)

    def _surplus(self, given: Any, path: Path) -> _Result:
        declared = self.tool is not None and self.tool.declares(path)
        code = (
            "surplus_value"
            if len(path) > 1
            else "surplus_parameter"
            if declared
            else "unknown_parameter"
        )
        return _Result(Tally(0, leaves(given)), (ValueDifference(code, path, Absent, given),))

    def value(self, wanted: Any, given: Any, path: Path) -> _Result:
        """The given value against the wanted one or whatever else is accepted at `path`: the best of them."""
        if type(wanted) is type(given) and wanted == given and not isinstance(wanted, dict | list):
            return _RIGHT  # under every comparator
        best = self._one(wanted, given, path)
        if best.share.is_full:
            return best
        for candidate in self.expected.accepted(path):
            other = self._one(candidate, given, path)
            if other.share.ratio > best.share.ratio:
                best = other
                if best.share.is_full:
                    break
        return best

    def _one(self, wanted: Any, given: Any, path: Path) -> _Result:
        comparator, named = self.expected.comparator(path)
        if comparator == "ignore":
            return _Result(Tally(1, 1))
        if isinstance(wanted, dict) and isinstance(given, dict) and wanted and given:
            return _sum(self.members(wanted, given, path).values())
        if isinstance(wanted, list) and isinstance(given, list) and wanted and given:
            return (
                self._as_set(wanted, given, path)
                if comparator == "set"
                else self._items(wanted, given, path)
            )
        pinned = (
            comparator == "text"
            and not named
            and self.tool is not None
            and self.tool.pins_strings(path)
        )
        if same(wanted, given, comparator, pinned):
            return _Result(Tally(leaves(wanted), leaves(wanted)))
        return _Result(Tally(0, leaves(wanted)), (_wrong(wanted, given, path),))

    def _items(self, wanted: list[Any], given: list[Any], path: Path) -> _Result:
        pairs = zip(wanted, given, strict=False)
        results = [self.value(a, b, (*path, index)) for index, (a, b) in enumerate(pairs)]
        results += [
            _missing(item, (*path, i)) for i, item in enumerate(wanted[len(given) :], len(given))
        ]
        results += [
            self._surplus(item, (*path, i))
            for i, item in enumerate(given[len(wanted) :], len(wanted))
        ]
        return _sum(results)

    def _as_set(self, wanted: list[Any], given: list[Any], path: Path) -> _Result:
        """Order-free and counted: how many items are common, of the longer side."""
        left = [canonical(item) for item in given]
        common = 0
        for item in map(canonical, wanted):
            if item in left:
                left.remove(item)
                common += 1
        share = Tally(common, max(len(wanted), len(given)))
        return _Result(share, () if share.is_full else (_wrong(wanted, given, path),))


def _missing(wanted: Any, path: Path) -> _Result:
    code = "missing_parameter" if len(path) == 1 else "missing_value"
    return _Result(Tally(0, leaves(wanted)), (ValueDifference(code, path, wanted, Absent),))


def _wrong(wanted: Any, given: Any, path: Path) -> ValueDifference:
    code = "wrong_value"
    if isinstance(wanted, Reference) != isinstance(given, Reference):
        code = "literal_for_reference" if isinstance(wanted, Reference) else "reference_for_literal"
    elif isinstance(wanted, Reference):
        code = "wrong_path"
    return ValueDifference(code, path, wanted, given)


def _show(value: Any) -> str:
    text = str(value) if isinstance(value, Reference) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def leaves(value: Any) -> int:
    """How many leaves a value has; an empty object or list is one."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values())) or 1
    if isinstance(value, list):
        return sum(map(leaves, value)) or 1
    return 1


def _nesting(
    wanted: dict[str, Any], given: dict[str, Any], members: dict[str, _Result]
) -> Tally | None:
    """The structure inside arguments, and calls inside calls: the mean over nested parameters of slots in common."""
    nested = [key for key, value in wanted.items() if isinstance(value, dict | list | Reference)]
    if not nested:
        return None
    counted = [key for key in nested if key in members]
    return Tally(
        sum(_overlap(wanted[key], given.get(key, Absent), members[key]) for key in counted),
        len(counted),
    )


def _overlap(wanted: Any, given: Any, result: _Result) -> float:
    if result.share.is_full:
        return 1.0
    due, made = _slots(wanted, ()), _slots(given, ())
    return len(due & made) / len(due | made)


def _slots(value: Any, path: Path) -> set[tuple[Path, str]]:
    if isinstance(value, dict):
        slots = {(path, "object")}
        return slots.union(*(_slots(item, (*path, key)) for key, item in value.items()))
    if isinstance(value, list):
        slots = {(path, "array")}
        return slots.union(*(_slots(item, (*path, index)) for index, item in enumerate(value)))
    return {
        (path, "call" if isinstance(value, Reference) else "absent" if value is Absent else "leaf")
    }
