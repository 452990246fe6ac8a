"""The other choices of an answer: what it accepts at each place, and leaving out what may be left out.

mended(expected, tools)     # the call with the first choice that fits its schema, where its own value does not
"""

from __future__ import annotations

import copy
import functools
import operator
from collections.abc import Iterator
from typing import Any, cast

from rlcall.calls import Call, Path
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool, Violation

MAX_CHOICES = 64  # values of one place that are tried
UNDECLARED = "unknown_parameter"


def mended(expected: ExpectedCall, tools: dict[str, Tool]) -> Call | None:
    """The call with every place that breaks the schema at another of its choices; None where some has none left."""
    tool = tools.get(expected.name)
    if tool is None:
        return None
    arguments = copy.deepcopy(expected.arguments)
    for path, values in _choices(expected):
        for place in list(_places(arguments, path)):
            arguments = _settled(tool, arguments, place, values)
    return None if violations(tool, arguments) else Call(expected.name, arguments, expected.label)


def _choices(expected: ExpectedCall) -> Iterator[tuple[Path, list[Any]]]:
    """Every place with a choice, the innermost first, and what else may stand there; Ellipsis for nothing at all."""
    paths = dict.fromkeys([*expected.accept, *expected.optional])
    for path in sorted(paths, key=len, reverse=True):
        left_out = [...] if path in expected.optional else []
        yield path, [*expected.accept.get(path, ())[:MAX_CHOICES], *left_out]


def _places(value: Any, path: Path) -> Iterator[Path]:
    """A path with its `*` steps as the indices that there are."""
    if not path:
        yield ()
        return
    step, below = path[0], path[1:]
    for key in range(len(value)) if step == "*" and isinstance(value, list) else [step]:
        inside = value[key] if (isinstance(value, dict) and key in value) or step == "*" else None
        yield from ((key, *rest) for rest in _places(inside, below))


def _settled(
    tool: Tool, arguments: dict[str, Any], path: Path, values: list[Any]
) -> dict[str, Any]:
    """The arguments with the first value at a place that leaves no fault there; as they are where none does."""
    if _fault_at(tool, arguments, path) is None:
        return arguments
    changed = (_with(arguments, path, value) for value in values)
    return next(
        (one for one in changed if one is not None and _fault_at(tool, one, path) is None),
        arguments,
    )


def _with(arguments: dict[str, Any], path: Path, value: Any) -> dict[str, Any] | None:
    """A copy with a value, or for Ellipsis nothing, at a path. None where there is no such place."""
    changed = copy.deepcopy(arguments)
    *above, last = path
    try:
        parent = functools.reduce(operator.getitem, above, cast(Any, changed))
        if value is ...:
            del parent[last]
        else:
            parent[last] = value
    except (LookupError, TypeError):
        return None
    return changed


def violations(tool: Tool, arguments: dict[str, Any]) -> list[Violation]:
    undeclared = [
        Violation(UNDECLARED, (key,), f"{tool.name} declares no {key!r}")
        for key in arguments
        if not tool.declares((key,))
    ]
    return [*tool.violations(arguments), *undeclared]


def _fault_at(tool: Tool, arguments: dict[str, Any], path: Path) -> Violation | None:
    return next(
        (fault for fault in violations(tool, arguments) if fault.path[: len(path)] == path), None
    )


def ruled_out(
    tool: Tool | None, arguments: dict[str, Any], path: Path, value: Any
) -> Violation | None:
    """How a value at a path breaks the schema, in the place of what stands there; None where it does not."""
    if tool is None:
        return None
    place = next(_places(arguments, path), path)
    changed = _with(arguments, place, value)
    return None if changed is None else _fault_at(tool, changed, place)
