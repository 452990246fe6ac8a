"""Files of pairs, and of right completions: JSON Lines, one row a line with its texts beside it.

    for pair in read_pairs("pairs.jsonl", "hermes"): ...

What is read is verified again: a line whose chosen completion is wrong by its own row's answer would teach a mistake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rlcall import wire as wires
from rlcall.data.rows import Row, RowError, load_line, parse_row
from rlcall.data.tool_check import tool_fault
from rlcall.files.whole import whole_file
from rlcall.samples.pairs import Pair, Right, codes_of
from rlcall.verify import Verdict, verify

KEYS = ("wire", "chosen", "rejected", "completion", "kind", "codes", "reward")
GIVEN = "given"  # the kind of a rejected completion where the file does not say
REMEDY = (
    "Take the line out, or mend its answer; null where you know better than any answer could say."
)
Item = TypeVar("Item")


def write_lines(path: Path, items: Iterable[Pair | Right]) -> None:
    """JSON Lines; the file appears only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.writelines(json.dumps(item.to_json(), ensure_ascii=False) + "\n" for item in items)


def read_pairs(path: str, wire: str) -> list[Pair]:
    """The pairs of a file, all written in `wire`.

    RowError names the first line that is no row, or whose chosen completion is wrong by the row's own answer, or whose
    rejected one is right, or the same.
    """
    return _read(path, wire, ["chosen", "rejected"], _pair)


def read_right(path: str, wire: str) -> list[Right]:
    """Rows with a `completion` that is right by the row's own answer. RowError as for `read_pairs`."""
    return _read(
        path, wire, ["completion"], lambda line: Right(line.row, wire, line.right("completion"))
    )


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

    def right(self, field: str) -> str:
        """The text under a key, which the row's own answer must not find wrong."""
        verdict = self.verdict(field)
        if verdict.correct is False:
            why = "; ".join(f"{error.code}: {error.message}" for error in verdict.errors[:3])
            raise self.error(field, f"is wrong by the row's own answer ({why})", REMEDY)
        return str(self.value[field])


def _read(path: str, wire: str, texts: list[str], make: Callable[[_Line], Item]) -> list[Item]:
    made = [make(line) for line in _lines(path, wire, texts)]
    if not made:
        raise RowError(
            path, 0, "", "holds no rows", "Is it the right file, and was it written to its end?"
        )
    return made


def _lines(path: str, wire: str, texts: list[str]) -> Iterator[_Line]:
    try:
        raws = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise RowError(path, 0, "", f"cannot be read: {error.strerror}") from error
    for number, raw in enumerate(raws, 1):
        if raw.strip():
            value = load_line(raw, path, number)
            line = _Line(path, number, value, parse_row(value, path, number, extra=KEYS), wire)
            _check_form(line, texts)
            yield line


def _check_form(line: _Line, texts: list[str]) -> None:
    if fault := next(
        filter(None, (tool_fault(json.dumps(tool, sort_keys=True)) for tool in line.row.tools)), ""
    ):
        raise line.error("tools", fault, "rlcall check shows all such rows.")
    for key in ("wire", *texts):
        if not isinstance(line.value.get(key), str):
            raise line.error(
                key, "is no text", f"A line holds a row and, as text, wire, {', '.join(texts)}."
            )
    written = line.value["wire"]
    if written not in wires.NAMES:
        raise line.error(
            "wire", f"{written!r} is no wire format", f"There are {', '.join(wires.NAMES)}."
        )
    if written != line.wire:
        remedy = f"Set `wire: {written}`, or make pairs in {line.wire}."
        raise line.error("wire", f"is {written}, but this run writes {line.wire}", remedy)


def _pair(line: _Line) -> Pair:
    chosen, rejected = line.right("chosen"), line.value["rejected"]
    if chosen == rejected:
        raise line.error(
            "rejected", "is the same as chosen", "A pair needs two different completions."
        )
    verdict = line.verdict("rejected")
    if verdict.correct:
        raise line.error("rejected", "is right by the row's own answer", REMEDY)
    reward = line.value.get("reward")
    return Pair(
        line.row,
        line.wire,
        chosen,
        rejected,
        str(line.value.get("kind", GIVEN)),
        codes_of(verdict),
        reward,
    )
