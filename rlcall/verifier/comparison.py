"""A call's values compared with the expected ones: leaf by leaf, with what is accepted.

comparer = ValueComparer(expected, tool)
comparer.value(["a", "b"], ["a", "c"], ("tags",))
# ValueComparison(Tally(right=1, total=2), (ValueDifference("wrong_value", ("tags", 1), "b", "c"),))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from rlcall.calls import Path, Reference
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool
from rlcall.verifier.structure import count_leaves
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
    """A value that is not the expected one; `Absent` on the side that has none.

    Its message is made when it is read.
    """

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


class ValueComparison(NamedTuple):
    """The outcome of comparing one value: its leaves that are right, and the differences."""

    tally: Tally
    errors: tuple[ValueDifference, ...] = ()


_RIGHT = ValueComparison(Tally(1, 1))


@dataclass(frozen=True, slots=True)
class ValueComparer:
    """Compares values at paths below one expected call."""

    expected: ExpectedCall
    tool: Tool | None

    def expects(self, key: str) -> bool:
        """Return whether the answer has the parameter, or accepts a value for it."""
        return key in self.expected.arguments or bool(self.expected.accepted((key,)))

    def members(
        self, wanted: dict[str, Any], emitted: dict[str, Any], path: Path
    ) -> dict[str, ValueComparison]:
        """Compare two objects key by key.

        Keys left out or added with the effect of a default do not count.
        """
        comparisons = {}
        for key in dict.fromkeys([*wanted, *emitted]):
            below = (*path, key)
            comparison = self._member(wanted.get(key, Absent), emitted.get(key, Absent), below)
            if comparison is not None:
                comparisons[key] = comparison
        return comparisons

    def _member(self, wanted: Any, emitted: Any, path: Path) -> ValueComparison | None:
        if emitted is Absent:
            return None if self._may_be_missing(wanted, path) else _missing(wanted, path)
        if wanted is Absent:
            accepted = self.expected.accepted(path)
            if not accepted:
                return None if self._may_be_added(emitted, path) else self._surplus(emitted, path)
            wanted = accepted[0]
        return self.value(wanted, emitted, path)

    def _may_be_missing(self, wanted: Any, path: Path) -> bool:
        if self.expected.may_be_left_out(path):
            return True
        default = self._default(path)
        return default is not Absent and self.value(wanted, default, path).tally.is_full

    def _may_be_added(self, emitted: Any, path: Path) -> bool:
        comparator, is_named = self.expected.comparator(path)
        if is_named and comparator == "ignore":
            return True
        default = self._default(path)
        return default is not Absent and same(default, emitted)

    def _default(self, path: Path) -> Any:
        """Return the default of an optional parameter.

        A required one must be given, default or not.
        """
        if self.tool is None or self.tool.is_required(path):
            return Absent
        return self.tool.default(path)

    def _surplus(self, emitted: Any, path: Path) -> ValueComparison:
        if len(path) > 1:
            code = "surplus_value"
        elif self.tool is not None and self.tool.declares(path):
            code = "surplus_parameter"
        else:
            code = "unknown_parameter"
        difference = ValueDifference(code, path, Absent, emitted)
        return ValueComparison(Tally(0, count_leaves(emitted)), (difference,))

    def value(self, wanted: Any, emitted: Any, path: Path) -> ValueComparison:
        """Compare with the wanted value and what else is accepted at `path`; return the best."""
        if (
            type(wanted) is type(emitted)
            and wanted == emitted
            and not isinstance(wanted, dict | list)
        ):
            return _RIGHT  # under every comparator
        best = self._compare(wanted, emitted, path)
        if best.tally.is_full:
            return best
        for candidate in self.expected.accepted(path):
            other = self._compare(candidate, emitted, path)
            if other.tally.ratio > best.tally.ratio:
                best = other
                if best.tally.is_full:
                    break
        return best

    def _compare(self, wanted: Any, emitted: Any, path: Path) -> ValueComparison:
        comparator, is_named = self.expected.comparator(path)
        if comparator == "ignore":
            return _RIGHT
        if isinstance(wanted, dict) and isinstance(emitted, dict) and wanted and emitted:
            return add_up(self.members(wanted, emitted, path).values())
        if isinstance(wanted, list) and isinstance(emitted, list) and wanted and emitted:
            if comparator == "set":
                return _as_sets(wanted, emitted, path)
            return self._items(wanted, emitted, path)
        # A string that the schema pins is compared as text only where the row says so for its path.
        is_pinned = (
            comparator == "text"
            and not is_named
            and self.tool is not None
            and self.tool.pins_strings(path)
        )
        leaves = count_leaves(wanted)
        if same(wanted, emitted, comparator, is_pinned):
            return ValueComparison(Tally(leaves, leaves))
        return ValueComparison(Tally(0, leaves), (_wrong(wanted, emitted, path),))

    def _items(self, wanted: list[Any], emitted: list[Any], path: Path) -> ValueComparison:
        """Compare two lists item by item; those beyond the other's end are missing or surplus."""
        comparisons = []
        for index in range(max(len(wanted), len(emitted))):
            below = (*path, index)
            if index >= len(emitted):
                comparisons.append(_missing(wanted[index], below))
            elif index >= len(wanted):
                comparisons.append(self._surplus(emitted[index], below))
            else:
                comparisons.append(self.value(wanted[index], emitted[index], below))
        return add_up(comparisons)


def add_up(comparisons: Iterable[ValueComparison]) -> ValueComparison:
    """Add up what the members of one value came to."""
    right: float = 0
    total: float = 0
    errors: list[ValueDifference] = []
    for tally, differences in comparisons:
        right += tally.right
        total += tally.total
        errors += differences
    return ValueComparison(Tally(right, total), tuple(errors))


def _as_sets(wanted: list[Any], emitted: list[Any], path: Path) -> ValueComparison:
    """Compare two lists without order, counted: how many items are common, of the longer side."""
    unmatched = [canonical(item) for item in emitted]
    common = 0
    for item in map(canonical, wanted):
        if item in unmatched:
            unmatched.remove(item)
            common += 1
    tally = Tally(common, max(len(wanted), len(emitted)))
    return ValueComparison(tally, () if tally.is_full else (_wrong(wanted, emitted, path),))


def _missing(wanted: Any, path: Path) -> ValueComparison:
    code = "missing_parameter" if len(path) == 1 else "missing_value"
    difference = ValueDifference(code, path, wanted, Absent)
    return ValueComparison(Tally(0, count_leaves(wanted)), (difference,))


def _wrong(wanted: Any, emitted: Any, path: Path) -> ValueDifference:
    code = "wrong_value"
    if isinstance(wanted, Reference) and isinstance(emitted, Reference):
        code = "wrong_path"
    elif isinstance(wanted, Reference):
        code = "literal_for_reference"
    elif isinstance(emitted, Reference):
        code = "reference_for_literal"
    return ValueDifference(code, path, wanted, emitted)


def _show(value: Any) -> str:
    text = str(value) if isinstance(value, Reference) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
