"""Records, before anything is known of what they mean: from JSON, JSON Lines or Parquet, or from a hub if asked to.

for record in records("rlla_test.parquet"):     # or "hf:owner/name"
    record.value                                # {"prompt": [...], "reward_model": {...}}
    record.error("prompt", "is no list")        # RowError: rlla_test.parquet[0]: prompt: is no list

A few records are held at a time, however many there are. One that cannot be read, such as a line that is not JSON,
comes as a RowError in its place, and the next one follows; a file that cannot be read as a whole raises one.
"""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8 as BOM
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.reading import hub
from rlcall.data.rows import Row, RowError, parse_row
from rlcall.data.tool_check import BAD_TOOL, tool_fault
from rlcall.files import json_list, strict_json

Found = tuple[
    int, Any
]  # line or 0, and the value, or the ValueError that says why it cannot be read


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One object of a file. `index` counts records from 0, `line` lines from 1; it is 0 where there are none."""

    value: dict[str, Any]
    path: str
    index: int
    line: int = 0

    @property
    def id(self) -> str:
        """An id for what is made of it, from the file's name and the index: `rlla_sft-7`."""
        return f"{Path(self.path).stem}-{self.index}"

    @property
    def place(self) -> str:
        return self.path if self.line else f"{self.path}[{self.index}]"

    def error(self, field: str, reason: str, detail: str = "") -> RowError:
        """What is wrong with it. Reasons are counted, so there are few; `detail` is a sentence about this one."""
        return RowError(self.place, self.line, field, reason, detail)

    def row(self, value: dict[str, Any]) -> Row:
        """The Row of a value made of this record; it has the record's id, or its own. RowError where it is none."""
        row = parse_row({"id": self.id, **value}, self.place, self.line)
        self.check_tools(row.tools)
        return row

    def check_tools(self, tools: Iterable[Mapping[str, Any]]) -> None:
        """RowError where the definition of a tool (OpenAI form) is broken, so that no value can be held against it."""
        for tool in tools:
            if fault := tool_fault(json.dumps(tool, sort_keys=True)):
                raise self.error("tools", BAD_TOOL, f"{fault}.")


def records(path: str) -> Iterator[SourceRecord | RowError]:
    """The records of a file, by its suffix, or of a data set of the hub, `hf:owner/name`."""
    yield from _each(path, _found(path))


def line_records(file: Iterable[bytes], path: str) -> Iterator[SourceRecord | RowError]:
    """The records of JSON Lines that are open already, such as a file inside a zip file; `path` is for messages."""
    yield from _each(path, _lines(file))


def _each(path: str, values: Iterable[Found]) -> Iterator[SourceRecord | RowError]:
    for index, (line, found) in enumerate(values):
        place = path if line else f"{path}[{index}]"
        if isinstance(found, ValueError):
            yield RowError(place, line, "", str(found))
        elif not isinstance(found, dict):
            yield RowError(place, line, "", "is not an object", f"It is {found!r:.80}.")
        else:
            yield SourceRecord(found, path, index, line)


def _found(path: str) -> Iterator[Found]:
    suffix = Path(path).suffix
    if path.startswith(hub.PREFIX):
        yield from ((0, _as_json(value)) for value in hub.stream(path))
    elif suffix not in _READERS:
        remedy = f"Convert it; or write {hub.PREFIX}owner/name for a data set of the hub."
        raise RowError(
            path, 0, "", f"{suffix or 'no suffix'} is none of {', '.join(_READERS)}", remedy
        )
    else:
        try:
            yield from _READERS[suffix](path)
        except OSError as error:
            remedy = (
                f"Paths count from {os.getcwd()}." if isinstance(error, FileNotFoundError) else ""
            )
            raise RowError(
                path, 0, "", f"cannot be read: {error.strerror or error}", remedy
            ) from error


def _json(path: str) -> Iterator[Found]:
    """A list of records, or one a line: both are called .json."""
    with open(path, "rb") as file:
        is_list = file.read(json_list.BLOCK).removeprefix(BOM).lstrip().startswith(b"[")
        file.seek(0)
        first = None if is_list else next((line for line in file if line.strip()), b"null")
    if first is None:
        yield from _json_list(path)
    elif isinstance(_value(first.removeprefix(BOM)), ValueError):
        raise RowError(
            path,
            0,
            "",
            "is neither a list of records nor one record a line",
            "Which other form is it?",
        )
    else:
        yield from _json_lines(path)


def _json_list(path: str) -> Iterator[Found]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            yield from ((0, _value(text)) for text in json_list.items(file))
    except UnicodeDecodeError as error:
        raise RowError(path, 0, "", f"is not UTF-8: {error.reason}") from error
    except ValueError as error:
        raise RowError(path, 0, "", str(error)) from error


def _json_lines(path: str) -> Iterator[Found]:
    with open(path, "rb") as file:
        yield from _lines(file)


def _lines(file: Iterable[bytes]) -> Iterator[Found]:
    for line, raw in enumerate(file, 1):
        if raw.strip():
            yield line, _value(raw.removeprefix(BOM) if line == 1 else raw)


def _value(raw: bytes | str) -> Any:
    try:
        return strict_json.load(raw)
    except ValueError as error:
        return error


def _as_json(value: Any) -> Any:
    """Bytes, dates and NaN have no JSON, and a row is JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        return ValueError(f"holds what JSON has no form for: {error}")
    return value


def _parquet(path: str) -> Iterator[Found]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise RowError(
            path, 0, "", "is Parquet, which needs pyarrow", "pip install 'rlcall[data]'"
        ) from error
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(256):
            yield from ((0, _as_json(value)) for value in batch.to_pylist())
    except pyarrow.ArrowException as error:
        raise RowError(path, 0, "", f"is not Parquet: {error}") from error


_READERS = {".json": _json, ".jsonl": _json_lines, ".parquet": _parquet}
