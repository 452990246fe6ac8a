"""What the linter finds, and every code that a finding can have.

Finding("ungrounded", "rows.jsonl", 7, "r7", "answer.calls[0].arguments.city", "'Paris' stands in no message ...")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from rlcall.calls import Path, show_path

Severity = Literal["error", "warning"]

# An error is a row that cannot be right, or must not be trained on; a warning asks for a look.
CODES: dict[str, tuple[Severity, str]] = {
    "not_a_row": ("error", "a line that cannot be read as a row"),
    "same_tool_name": ("error", "two tools of a row with one name"),
    "broken_schema": ("error", "a tool's schema that the meta-schema of its draft forbids"),
    "unsatisfiable": ("error", "a schema that no value fits, or no call"),
    "enum_on_array": ("error", "an `enum` on an array that means its items, so that no array fits"),
    "gold_wrong": ("error", "an answer whose own calls are not right, though another of its choices is"),
    "gold_impossible": ("error", "an answer of which no choice is right under its tools"),
    "no_format": ("error", "an answer that no wire format can write"),
    "too_long": ("error", "prompt and completion longer than the configured maximum, in tokens"),
    "not_rendered": ("error", "a row that the model's chat template or wire format cannot take"),
    "contradiction": ("error", "the same messages with the same tools and another answer"),
    "in_evaluation": ("error", "a request that stands in the evaluation rows"),
    "near_evaluation": ("warning", "a request that shares much of its text with one of the evaluation rows"),
    "duplicate": ("warning", "a row that is there already: request, tools and answer"),
    "same_request": ("warning", "a request that is there already, with other tools or other messages around it"),
    "near_duplicate": ("warning", "a request that shares much of its text with another one"),
    "ungrounded": ("warning", "a value in the answer that stands nowhere in the request"),
    "accept_invalid": ("warning", "an accepted value that the tool's schema rules out"),
    "unreachable_enum": ("warning", "an `enum` value that the rest of its schema rules out"),
    "default_invalid": ("warning", "a `default` that its own schema rules out"),
    "unknown_type": ("warning", "a type that JSON Schema does not have; it is read as any"),
    "similar_tool_names": ("warning", "two tools of a row whose names differ in case, dots and underscores only"),
    "unwritable_name": ("error", "a tool's name that no wire format can write"),
    "few_no_call": ("warning", "a file where under 5 % of the rows ask for no call"),
    "no_answer": ("warning", "rows whose answer is null: nothing verifies them"),
}  # fmt: skip


class Fault(NamedTuple):
    """What is wrong with a row, before it is known where the row stands. `field` is a path such as `tools[0]`."""

    code: str
    field: str
    message: str


Faults = Iterator[Fault]


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault and its place: `line` counts from 1, and is 0 where the whole file is meant."""

    code: str
    file: str
    line: int
    row: str | None
    field: str
    message: str

    @property
    def severity(self) -> Severity:
        return CODES[self.code][0]

    def to_json(self) -> dict[str, Any]:
        """The finding as `rlcall check --out` writes it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "row": self.row,
            "field": self.field,
            "message": self.message,
        }


def at(*path: str | int) -> str:
    """A place in a row: `at("tools", 0, "function")` is `tools[0].function`."""
    steps: Path = path
    return show_path(steps).removeprefix("$").removeprefix(".")


def shortened(text: str, length: int = 160) -> str:
    """A text of one line for a message, with its beginning and its end."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 43]} … {text[-40:]}"
