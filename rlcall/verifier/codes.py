"""Reason codes: the closed list of what can be wrong with a completion.

Error("wrong_value", call=0, path="$.city", message="expected 'Paris', got 'London'")
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rlcall.wire import PROBLEMS

CODES = {
    **PROBLEMS,
    "no_call": "a call is due and none was made",
    "call_not_due": "no call is due and one was made or tried",
    "missing_call": "an expected call was not made",
    "surplus_call": "a call that no expected call answers to",
    "duplicate_call": "a surplus call equal to another one",
    "wrong_name": "another tool than the expected one",
    "unknown_tool": "a tool that the row does not have",
    "missing_parameter": "a parameter that must be given is not",
    "unknown_parameter": "a parameter that the tool does not declare",
    "surplus_parameter": "a declared parameter that the answer does not have, "
    "at another value than its default",
    "wrong_type": "a value of another JSON type than the schema asks for",
    "not_in_enum": "a value outside `enum` or `const`",
    "out_of_range": "a number, length or count outside the schema's limits",
    "pattern_mismatch": "a string that its `pattern` does not match, "
    "or whose check ran out of time",
    "schema_violation": "any other violation of the schema",
    "wrong_value": "a value that is valid and not right",
    "missing_value": "a key or item inside an argument that should be there",
    "surplus_value": "a key or item inside an argument that should not be there",
    "literal_for_reference": "a literal where the result of another call is due",
    "reference_for_literal": "a reference where a literal is due",
    "dangling_reference": "a reference to a label that no call has",
    "forward_reference": "a reference to the call itself or to a later one",
    "cyclic_reference": "calls that wait for one another",
    "wrong_source": "a reference to the result of another call than the right one",
    "wrong_path": "a reference to the right result at another place inside it",
    "wrong_order": "calls or names in another order than the row's `sequence`",
    "wrong_form": "not the list of names, object of arguments or reply in words "
    "that the row asks for",
    "missing_name": "a name that should be in the list and is not",
    "surplus_name": "a tool's name more often in the list than it should be",
    "missing_slot": "a value that the reply must hold and does not",
    "surplus_detail": "a number in a reply that nothing in the answer permits, "
    "or a value that it says to avoid",
    "too_long": "a reply longer than its answer allows",
}


@dataclass(frozen=True, slots=True)
class Error:
    """One thing that is wrong.

    `call` is the index of the emitted call, `path` a JSONPath below its arguments.
    """

    code: str
    message: str
    call: int | None = None
    path: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def without_repeats(errors: list[Error]) -> list[Error]:
    """Return one error for each argument of a call, the first.

    The schema's come first, and a value that breaks the schema is not said to be wrong as well.
    """
    seen: set[tuple[int, str]] = set()
    unique = []
    for error in errors:
        if error.call is not None and error.path is not None:
            argument = (error.call, error.path)
            if argument in seen:
                continue
            seen.add(argument)
        unique.append(error)
    return unique
