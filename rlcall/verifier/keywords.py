"""jsonschema's keywords under a budget, so that no arguments make their check take long.

    validator = limited(jsonschema.Draft202012Validator)(schema, registry=Registry())
    list(validator.evolve(format_checker=Budget()).iter_errors(arguments))     # Overspent where it would take too long

A schema that refers to itself in several branches takes time exponential in the depth of a value, a pattern such as
`(a+)+$` in the length of a text, and long lists take long under any schema. So keywords are counted, with the members
that they look at, and patterns are matched by `regex`, which can be stopped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema
import regex
from jsonschema.protocols import Validator

from rlcall.verifier.values import canonical

MAX_STEPS = 5_000  # of about 5 microseconds
PATTERN_SECONDS = 0.01
ALL_PATTERNS_SECONDS = 0.03

# What looks at every member of a value costs as many steps; following a reference takes three times as long as others.
FOR_MEMBERS = frozenset((
    "items", "additionalItems", "unevaluatedItems", "contains", "uniqueItems", "enum", "const",
    "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames",
))  # fmt: skip
PRICES = {"$ref": 3, "$dynamicRef": 3}

Errors = Iterator[jsonschema.ValidationError]


class Overspent(Exception):
    """A check that takes more than its budget."""


class Budget(jsonschema.FormatChecker):
    """What one check may take. It stands where jsonschema hands its format checker on; `format` is an annotation."""

    def __init__(self) -> None:
        self.steps, self.seconds = MAX_STEPS, ALL_PATTERNS_SECONDS

    def check(self, instance: object, format: str) -> None:
        """Any text is of any format."""

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Overspent(f"the check takes over {MAX_STEPS} steps")

    def finds(self, pattern: str, text: str) -> bool:
        """Whether the pattern is found in the text; TimeoutError where that takes over PATTERN_SECONDS."""
        if self.seconds <= 0:
            raise Overspent(f"the patterns take over {ALL_PATTERNS_SECONDS} s")
        compiled = regex.compile(pattern)  # kept by regex, and not on the text's account
        start = time.thread_time()
        try:
            return _search(compiled, text) is not None
        finally:
            self.seconds -= time.thread_time() - start


def _search(pattern: Any, text: str) -> Any:
    """A search with a limit in processor time: a verdict must not depend on how busy the machine is.

    regex counts by the clock on the wall, so a search that was cut off while it had to wait is begun again.
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
        if not validator.format_checker.finds(pattern, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")
    except TimeoutError:
        yield jsonschema.ValidationError(f"matching {pattern!r} took over {PATTERN_SECONDS} s")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, schema: Any
) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for key in _matching(validator, pattern, instance):
            yield from validator.descend(instance[key], subschema, path=key, schema_path=pattern)


def _matching(validator: Any, pattern: str, instance: dict[str, Any]) -> Iterator[str]:
    for key in instance:
        try:
            if validator.format_checker.finds(pattern, key):
                yield key
        except TimeoutError:
            continue


def _unique(validator: Any, wanted: bool, instance: Any, schema: Any) -> Errors:
    # jsonschema's own check is quadratic on items that cannot be sorted
    if (
        wanted
        and validator.is_type(instance, "array")
        and len({canonical(item) for item in instance}) < len(instance)
    ):
        yield jsonschema.ValidationError("items are not unique")


def _without_patterns(keyword: Any) -> Any:
    """`additionalProperties`, told by name which members `patternProperties` takes."""

    def additional(validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]) -> Any:
        if "patternProperties" in schema and isinstance(instance, dict):
            taken = [
                key
                for pattern in schema["patternProperties"]
                for key in _matching(validator, pattern, instance)
            ]
            schema = {"properties": {**schema.get("properties", {}), **dict.fromkeys(taken, True)}}
        return keyword(validator, allowed, instance, schema)

    return additional


def _counted(name: str, keyword: Any) -> Any:
    price, for_members = PRICES.get(name, 1), name in FOR_MEMBERS

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        counts = for_members and isinstance(instance, dict | list)
        validator.format_checker.spend(price + len(instance) if counts else price)
        return keyword(validator, value, instance, schema)

    return check


@lru_cache(maxsize=8)
def limited(draft: type[Validator]) -> type[Validator]:
    """A draft's validator with its keywords counted. Its `format_checker` must be a Budget."""
    keywords = {
        **draft.VALIDATORS,  # type: ignore[attr-defined]
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique,
        "additionalProperties": _without_patterns(draft.VALIDATORS["additionalProperties"]),  # type: ignore[attr-defined]
    }
    return jsonschema.validators.extend(
        draft, {name: _counted(name, keyword) for name, keyword in keywords.items()}
    )
