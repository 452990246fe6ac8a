"""jsonschema's keywords under a budget, so that no arguments make their check take long.

    validator = limited(jsonschema.Draft202012Validator)(schema, registry=Registry())
    with Budget():
        list(validator.iter_errors(arguments))      # Overspent where it would take too long

A schema that refers to itself in several branches takes time exponential in the depth of a value, a
pattern such as `(a+)+$` in the length of a text, and long lists take long under any schema. So
keywords are counted, with the members that they look at, and patterns are matched by `regex`, which
can be stopped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextvars import ContextVar, Token
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from types import TracebackType
from typing import Any

import jsonschema
import regex
from jsonschema.protocols import Validator

from rlcall.verifier.values import canonical

MAX_STEPS = 5_000  # of about 5 microseconds
PATTERN_SECONDS = 0.01
ALL_PATTERNS_SECONDS = 0.03

# Keywords that look at every member of a value: each member is a step.
FOR_MEMBERS = frozenset((
    "items", "additionalItems", "unevaluatedItems", "contains", "uniqueItems", "enum", "const",
    "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames",
))  # fmt: skip
# Following a reference takes three times as long as other keywords.
PRICES = {"$ref": 3, "$dynamicRef": 3}

Errors = Iterator[jsonschema.ValidationError]


class Overspent(Exception):
    """A check that takes more than its budget."""


class Budget:
    """What one check may take: steps, and processor seconds for patterns.

    It is in force inside `with budget:`.

    jsonschema calls keywords with nothing of ours, so they find the budget in a context variable.
    One budget can be in force for several checks, one after the other.
    """

    def __init__(self) -> None:
        self.steps, self.seconds = MAX_STEPS, ALL_PATTERNS_SECONDS
        self._token: Token[Budget] | None = None

    def __enter__(self) -> Budget:
        self._token = _in_force.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._token is not None
        _in_force.reset(self._token)

    def spend(self, steps: int) -> None:
        """Take steps off the budget; Overspent where there are not as many."""
        self.steps -= steps
        if self.steps < 0:
            raise Overspent(f"the check takes over {MAX_STEPS} steps")

    def finds(self, pattern: str, text: str) -> bool:
        """Return whether the pattern is found in the text.

        TimeoutError where that takes over PATTERN_SECONDS.
        """
        if self.seconds <= 0:
            raise Overspent(f"the patterns take over {ALL_PATTERNS_SECONDS} s")
        compiled = regex.compile(pattern)  # kept by regex, and not on the text's account
        start = time.thread_time()
        try:
            return _search(compiled, text) is not None
        finally:
            self.seconds -= time.thread_time() - start


_in_force: ContextVar[Budget] = ContextVar("_in_force")


def _search(pattern: Any, text: str) -> Any:
    """Search with a limit in processor time: a verdict must not depend on how busy the machine is.

    regex counts by the clock on the wall, so a search that was cut off while it had to wait is
    begun again.
    """
    start = time.thread_time()
    while True:
        try:
            return pattern.search(text, timeout=PATTERN_SECONDS)
        except TimeoutError:
            if time.thread_time() - start >= PATTERN_SECONDS:
                raise


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Errors:
    if not validator.is_type(instance, "string"):
        return
    try:
        if not _in_force.get().finds(pattern, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")
    except TimeoutError:
        yield jsonschema.ValidationError(f"matching {pattern!r} took over {PATTERN_SECONDS} s")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, schema: Any
) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for key in _matching(pattern, instance):
            yield from validator.descend(instance[key], subschema, path=key, schema_path=pattern)


def _matching(pattern: str, instance: dict[str, Any]) -> Iterator[str]:
    """Yield the keys that match; one whose matching takes too long does not."""
    for key in instance:
        try:
            if _in_force.get().finds(pattern, key):
                yield key
        except TimeoutError:
            continue


def _unique(validator: Any, wanted: bool, instance: Any, schema: Any) -> Errors:
    # jsonschema's own check is quadratic on items that cannot be sorted.
    if not wanted or not validator.is_type(instance, "array"):
        return
    if len({canonical(item) for item in instance}) < len(instance):
        yield jsonschema.ValidationError("items are not unique")


def _multiple_of(validator: Any, step: Any, instance: Any, schema: Any) -> Errors:
    # JSON's numbers are decimal: 19.99 is a multiple of 0.01, though not in binary.
    if not validator.is_type(instance, "number"):
        return
    if not isfinite(instance) or Fraction(repr(instance)) % Fraction(repr(step)):
        yield jsonschema.ValidationError(f"{instance!r} is not a multiple of {step!r}")


def _without_patterns(keyword: Any) -> Any:
    """Wrap `additionalProperties`: it is told which members `patternProperties` takes."""

    def additional(validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]) -> Any:
        if "patternProperties" in schema and isinstance(instance, dict):
            properties = dict(schema.get("properties", {}))
            for pattern in schema["patternProperties"]:
                properties.update(dict.fromkeys(_matching(pattern, instance), True))
            schema = {"properties": properties}
        return keyword(validator, allowed, instance, schema)

    return additional


def _counted(name: str, keyword: Any) -> Any:
    """Wrap a keyword, so that its use is taken off the budget in force."""
    price, for_members = PRICES.get(name, 1), name in FOR_MEMBERS

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        counts = for_members and isinstance(instance, dict | list)
        _in_force.get().spend(price + len(instance) if counts else price)
        return keyword(validator, value, instance, schema)

    return check


@lru_cache(maxsize=8)
def limited(draft: type[Validator]) -> type[Validator]:
    """Return a draft's validator with its keywords counted.

    A Budget must be in force while it checks.
    """
    standard: dict[str, Any] = draft.VALIDATORS  # type: ignore[attr-defined]
    keywords = {
        **standard,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique,
        "multipleOf": _multiple_of,
        "additionalProperties": _without_patterns(standard["additionalProperties"]),
    }
    counted = {name: _counted(name, keyword) for name, keyword in keywords.items()}
    return jsonschema.validators.extend(draft, counted)
