"""The other choices of an answer: values that it also accepts, and leaving a value out.

mend_call(expected, tools)      # the call with choices that fit its schema
rule_out(tool, {"city": "Rome"}, ("city",), 7)      # the Violation that 7 would be, or None
"""

from __future__ import annotations

import copy
import functools
import operator
from collections.abc import Iterable, Iterator
from typing import Any, cast

from rlcall.calls import Call, Path
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool
from rlcall.verifier.violations import Violation

MAX_CHOICES = 64  # accepted values of one argument that are tried
UNDECLARED = "unknown_parameter"
LEFT_OUT: Any = ...  # the choice of no value at all


def mend_call(expected: ExpectedCall, tools: dict[str, Tool]) -> Call | None:
    """Return the call with a choice that fits for every value that breaks its tool's schema.

    None where some value has no such choice.
    """
    tool = tools.get(expected.name)
    if tool is None:
        return None
    arguments = copy.deepcopy(expected.arguments)
    for pattern, choices in _choices(expected):
        for path in list(_paths_of(pattern, arguments)):
            if _violation_at(tool, arguments, path) is not None:
                arguments = _with_fitting_choice(tool, arguments, path, choices)
    if violations(tool, arguments):
        return None
    return Call(expected.name, arguments, expected.label)


def _choices(expected: ExpectedCall) -> Iterator[tuple[Path, list[Any]]]:
    """Yield each path that has choices with them, the innermost paths first."""
    paths = dict.fromkeys([*expected.accept, *expected.optional])
    for path in sorted(paths, key=len, reverse=True):
        choices = list(expected.accept.get(path, ())[:MAX_CHOICES])
        if path in expected.optional:
            choices.append(LEFT_OUT)
        yield path, choices


def _paths_of(pattern: Path, value: Any) -> Iterator[Path]:
    """Yield the pattern with its `*` steps replaced by the indices that a value has."""
    if not pattern:
        yield ()
        return
    step, rest = pattern[0], pattern[1:]
    steps: Iterable[str | int] = [step]
    if step == "*":
        steps = range(len(value)) if isinstance(value, list) else ()
    for key in steps:
        for path in _paths_of(rest, _member(value, key)):
            yield (key, *path)


def _member(value: Any, key: str | int) -> Any:
    try:
        return value[key]
    except (LookupError, TypeError):  # nothing is there
        return None


def _with_fitting_choice(
    tool: Tool, arguments: dict[str, Any], path: Path, choices: list[Any]
) -> dict[str, Any]:
    """Return the arguments with the first choice that fits at a path; unchanged where none does."""
    for choice in choices:
        changed = _with_choice(arguments, path, choice)
        if changed is not None and _violation_at(tool, changed, path) is None:
            return changed
    return arguments


def _with_choice(arguments: dict[str, Any], path: Path, choice: Any) -> dict[str, Any] | None:
    """Return a copy with a choice at a path. None where the arguments have no such path."""
    changed = copy.deepcopy(arguments)
    *parents, last = path
    try:
        parent = functools.reduce(operator.getitem, parents, cast(Any, changed))
        if choice is LEFT_OUT:
            del parent[last]
        else:
            parent[last] = choice
    except (LookupError, TypeError):
        return None
    return changed


def violations(tool: Tool, arguments: dict[str, Any]) -> list[Violation]:
    """Return how arguments break their tool's schema, undeclared ones included."""
    result = tool.violations(arguments)
    for key in arguments:
        if not tool.declares((key,)):
            result.append(Violation(UNDECLARED, (key,), f"{tool.name} declares no {key!r}"))
    return result


def _violation_at(tool: Tool, arguments: dict[str, Any], path: Path) -> Violation | None:
    for violation in violations(tool, arguments):
        if violation.path[: len(path)] == path:
            return violation
    return None


def rule_out(
    tool: Tool | None, arguments: dict[str, Any], pattern: Path, value: Any
) -> Violation | None:
    """Return how a value would break the schema instead of the argument's own; None where it fits.

    Of a pattern with `*`, the first path counts.
    """
    if tool is None:
        return None
    path = next(_paths_of(pattern, arguments), pattern)
    changed = _with_choice(arguments, path, value)
    return None if changed is None else _violation_at(tool, changed, path)
