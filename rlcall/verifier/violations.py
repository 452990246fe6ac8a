"""Violations: the ways in which arguments break their tool's schema, with reason codes and paths.

list(read_violations(validator.iter_errors({"a": True})))
# [Violation("wrong_type", ("a",), "True is not of type 'integer'")]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema

from rlcall.calls import Path, Reference

LIMITS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
# jsonschema keyword -> reason code; everything else is `schema_violation`
KEYWORD_CODES = {
    "type": "wrong_type",
    "required": "missing_parameter",
    "dependentRequired": "missing_parameter",
    "additionalProperties": "unknown_parameter",
    "unevaluatedProperties": "unknown_parameter",
    "enum": "not_in_enum",
    "const": "not_in_enum",
    "pattern": "pattern_mismatch",
    **dict.fromkeys(LIMITS, "out_of_range"),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which arguments break their schema."""

    code: str
    path: Path
    message: str


def read_violations(errors: Iterable[jsonschema.ValidationError]) -> Iterator[Violation]:
    """Yield a violation for each of jsonschema's errors that no reference's result could mend."""
    for error in errors:
        if not _about_a_reference(error):
            yield _violation(error)


def _about_a_reference(error: jsonschema.ValidationError) -> bool:
    """Return whether an error vanishes once a reference's result is there, whatever that is."""
    if isinstance(error.instance, Reference):
        return True
    branches: dict[Any, list[jsonschema.ValidationError]] = defaultdict(list)
    for child in error.context or ():
        # a branch that is false fails as a whole: its error has no path
        branch = child.schema_path[0] if child.schema_path else id(child)
        branches[branch].append(child)
    return any(all(map(_about_a_reference, branch)) for branch in branches.values())


def _violation(error: jsonschema.ValidationError) -> Violation:
    code = KEYWORD_CODES.get(str(error.validator), "schema_violation")
    path = tuple(error.absolute_path)
    message = error.message if len(error.message) <= 200 else error.message[:200] + "..."
    if code == "missing_parameter" and isinstance(error.validator_value, list):
        # jsonschema reports one missing name per error, in its message only.
        missing = next((name for name in error.validator_value if repr(name) in message), None)
        if missing is not None:
            path = (*path, missing)
        if len(path) > 1:
            code = "missing_value"
    return Violation(code, path, message)
