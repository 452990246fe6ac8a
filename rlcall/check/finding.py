"""Findings of the linter, and every code that one can have.

fault = RowFault("ungrounded", "answer.calls[0].arguments.city", "'Paris' is nowhere in ...")
finding = RowFinding.of(fault, Location("rows.jsonl", 7, "r7"))
finding.severity, str(finding.location)         # "warning", "rows.jsonl, line 7 (r7)"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from rlcall.calls import show_path

Severity = Literal["error", "warning"]

# An error is a row that cannot be right, or must not be trained on; a warning asks for a look.
CODES: dict[str, tuple[Severity, str]] = {
    "not_a_row": ("error", "a line that cannot be read as a row"),
    "same_tool_name": ("error", "two tools of a row with one name"),
    "broken_schema": ("error", "a tool's schema that the meta-schema of its draft forbids"),
    "unsatisfiable": ("error", "a schema that no value fits, or no call"),
    "enum_on_array": (
        "error",
        "an `enum` on an array that means its items, so that no array fits",
    ),
    "gold_wrong": (
        "error",
        "an answer whose own calls are not right, though another of its choices is",
    ),
    "gold_impossible": ("error", "an answer of which no choice is right under its tools"),
    "no_format": ("error", "an answer that no wire format can write"),
    "too_long": (
        "error",
        "prompt and completion longer than the configured maximum, in tokens",
    ),
    "not_rendered": ("error", "a row that the model's chat template or wire format cannot take"),
    "broken_history": (
        "error",
        "messages that are not in order: a result without its call, a turn that says nothing",
    ),
    "contradiction": ("error", "the same messages with the same tools and another answer"),
    "in_evaluation": ("error", "a request that is in the evaluation rows or in BFCL"),
    "near_evaluation": (
        "warning",
        "a request that shares much of its text with one of the evaluation rows",
    ),
    "duplicate": ("warning", "a row that is there already: request, tools and answer"),
    "same_request": (
        "warning",
        "a request that is there already, with other tools or other messages around it",
    ),
    "near_duplicate": ("warning", "a request that shares much of its text with another one"),
    "ungrounded": ("warning", "a value of the answer that is nowhere in the messages"),
    "accept_invalid": ("warning", "an accepted value that the tool's schema rules out"),
    "unreachable_enum": ("warning", "an `enum` value that the rest of its schema rules out"),
    "unreachable_branch": ("warning", "a branch of `anyOf` or `oneOf` that no value fits"),
    "default_invalid": ("warning", "a `default` that its own schema rules out"),
    "unknown_type": ("warning", "a type that JSON Schema does not have; it is read as any type"),
    "similar_tool_names": (
        "warning",
        "two tools of a row whose names differ only in case, dots and underscores",
    ),
    "unwritable_name": ("error", "a tool's name that no wire format can write"),
    "few_no_call": ("warning", "a file where under 5 % of the rows ask for no call"),
    "no_answer": ("warning", "rows whose answer is null: nothing verifies them"),
}


class RowFault(NamedTuple):
    """A fault of a row, wherever the row is. `field` is a path such as `tools[0]`."""

    code: str
    field: str
    message: str


RowFaults = Iterator[RowFault]


class Location(NamedTuple):
    """A row's file, its line, counted from 1, and its id. Line 0 stands for the whole file."""

    file: str
    line: int
    row: str | None

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        row = f" ({self.row})" if self.row else ""
        return f"{self.file}{line}{row}"


@dataclass(frozen=True, slots=True)
class RowFinding:
    """A fault with the location of its row, as one line of the report."""

    code: str
    file: str
    line: int
    row: str | None
    field: str
    message: str

    @classmethod
    def of(cls, fault: RowFault, location: Location) -> RowFinding:
        """Return the finding that a row at this location has this fault."""
        return cls(fault.code, *location, fault.field, fault.message)

    @property
    def location(self) -> Location:
        return Location(self.file, self.line, self.row)

    @property
    def severity(self) -> Severity:
        return CODES[self.code][0]

    def to_json(self) -> dict[str, Any]:
        """Return the finding as `rlcall check --out` writes it."""
        return {"code": self.code, "severity": self.severity, **asdict(self)}


def field_path(*path: str | int) -> str:
    """Return the path of a row's field as text: `tools[0].function` for "tools", 0, "function"."""
    return show_path(path).removeprefix("$").removeprefix(".")


def shorten(text: str, length: int = 160) -> str:
    """Return a text as one line for a message, with its beginning and its end."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 43]} … {text[-40:]}"
