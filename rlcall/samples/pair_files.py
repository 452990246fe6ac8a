"""Files of pairs, and of right completions: JSON Lines, a row and its texts on each line.

    for pair in read_pairs("pairs.jsonl", "hermes"): ...

What is read is verified again: a line whose chosen completion is wrong by its own row's answer
would teach a mistake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall import wire as wires
from rlcall.data.rows import Row, RowError, load_line, parse_row
from rlcall.data.tool_check import tool_fault
from rlcall.files.whole import whole_file
from rlcall.samples.pairs import CompletionPair, RightCompletion, codes_of
from rlcall.verify import Verdict, verify

KEYS = ("wire", "chosen", "rejected", "completion", "kind", "codes", "reward")
UNKNOWN_KIND = "given"  # the kind of a rejected completion where the file does not say
REMEDY = (
    "Remove the line, or mend its answer; null where you know better than any answer could say."
)


def write_lines(path: Path, items: Iterable[CompletionPair | RightCompletion]) -> None:
    """Write JSON Lines; the file appears only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        for item in items:
            file.write(json.dumps(item.to_json(), ensure_ascii=False) + "\n")


def read_pairs(path: str, wire: str) -> list[CompletionPair]:
    """Read the pairs of a file, all written in `wire`.

    RowError names the first line that is no row, or whose chosen completion is wrong by the row's
    own answer, or whose rejected one is right, or the same.
    """
    return [_pair(line) for line in _lines(path, wire, ["chosen", "rejected"])]


def read_right(path: str, wire: str) -> list[RightCompletion]:
    """Read rows with a `completion` that is right by the row's own answer.

    RowError as for `read_pairs`.
    """
    completions = []
    for line in _lines(path, wire, ["completion"]):
        completions.append(RightCompletion(line.row, wire, line.right_text("completion")))
    return completions


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a file, and how to complain about it."""

    path: str
    number: int
    value: dict[str, Any]
    row: Row
    wire: str

    def error(self, field: str, reason: str, remedy: str = "") -> RowError:
        return RowError(self.path, self.number, field, reason, remedy)

    def verdict(self, field: str) -> Verdict:
        return verify(self.value[field], self.row.tools, self.row.answer, wire=self.wire)

    def right_text(self, field: str) -> str:
        """Return the text under a key.

        Raises RowError where the row's own answer finds it wrong.
        """
        verdict = self.verdict(field)
        if verdict.correct is False:
            reasons = "; ".join(f"{error.code}: {error.message}" for error in verdict.errors[:3])
            raise self.error(field, f"is wrong by the row's own answer ({reasons})", REMEDY)
        return str(self.value[field])


def _lines(path: str, wire: str, text_keys: Sequence[str]) -> Iterator[_Line]:
    """Yield the lines of a file in their form. Raises RowError for a file that has none."""
    try:
        raw_lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise RowError(path, 0, "", f"cannot be read: {error.strerror}") from error
    if not any(raw.strip() for raw in raw_lines):
        remedy = "Is it the right file, and was it written to its end?"
        raise RowError(path, 0, "", "holds no rows", remedy)
    for number, raw in enumerate(raw_lines, 1):
        if raw.strip():
            value = load_line(raw, path, number)
            line = _Line(path, number, value, parse_row(value, path, number, extra=KEYS), wire)
            _check_tools(line)
            _check_texts(line, text_keys)
            yield line


def _check_tools(line: _Line) -> None:
    for tool in line.row.tools:
        if fault := tool_fault(json.dumps(tool, sort_keys=True)):
            raise line.error("tools", fault, "rlcall check shows all such rows.")


def _check_texts(line: _Line, text_keys: Sequence[str]) -> None:
    for key in ("wire", *text_keys):
        if not isinstance(line.value.get(key), str):
            form = f"A line holds a row and, as text, wire, {', '.join(text_keys)}."
            raise line.error(key, "is not text", form)
    wire = line.value["wire"]
    if wire not in wires.NAMES:
        remedy = f"There are {', '.join(wires.NAMES)}."
        raise line.error("wire", f"{wire!r} is not a wire format", remedy)
    if wire != line.wire:
        remedy = f"Set `wire: {wire}`, or make pairs in {line.wire}."
        raise line.error("wire", f"is {wire}, but this run writes {line.wire}", remedy)


def _pair(line: _Line) -> CompletionPair:
    chosen, rejected = line.right_text("chosen"), line.value["rejected"]
    if chosen == rejected:
        remedy = "A pair needs two different completions."
        raise line.error("rejected", "is the same as chosen", remedy)
    verdict = line.verdict("rejected")
    if verdict.correct:
        raise line.error("rejected", "is right by the row's own answer", REMEDY)
    return CompletionPair(
        line.row,
        line.wire,
        chosen,
        rejected,
        kind=str(line.value.get("kind", UNKNOWN_KIND)),
        codes=codes_of(verdict),
        reward=line.value.get("reward"),
    )
