"""Records as they are in a file or on the hub, before anything is known of what they mean.

    for record in records("rlla_test.parquet"):     # or JSON, JSON Lines, "hf:owner/name"
        record.value                                # {"prompt": [...], "reward_model": {...}}
        record.error("prompt", "is no list")        # RowError: rlla_test.parquet[0]: prompt: is ...

A few records are held at a time, however many there are. One that cannot be read, such as a line
that is not JSON, comes as a RowError in its place, and the next one follows; a file that cannot be
read as a whole raises one.
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

Item = tuple[int, Any]
"""A line or 0, and the value there; a ValueError for a value that says why it cannot be read."""

NOT_JSON = "is text that is not JSON"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One object of a file. `index` counts from 0; `line` from 1, and is 0 where there are none."""

    value: dict[str, Any]
    path: str
    index: int
    line: int = 0

    @property
    def id(self) -> str:
        """An id for what is made of the record, of the file's name and the index: `rlla_sft-7`."""
        return f"{Path(self.path).stem}-{self.index}"

    @property
    def location(self) -> str:
        """The path, with the index where there are no lines: `rlla_test.parquet[0]`."""
        return self.path if self.line else f"{self.path}[{self.index}]"

    def error(self, field: str, reason: str, detail: str = "") -> RowError:
        """Return what is wrong with the record.

        Reasons are counted, so there should be few of them; `detail` is a sentence about this one.
        """
        return RowError(self.location, self.line, field, reason, detail)

    def parse_json(self, field: str, text: str, reason: str = NOT_JSON) -> Any:
        """Return the JSON value of a text in the record, or raise the record's error."""
        try:
            return strict_json.load(text)
        except ValueError as error:
            raise self.error(field, reason, f"It {error}.") from error

    def row(self, value: dict[str, Any]) -> Row:
        """Return the Row of a value made of this record, under its own id or the record's.

        Raises RowError where the value is no row, or one of its tools is broken.
        """
        row = parse_row({"id": self.id, **value}, self.location, self.line)
        self.check_tools(row.tools)
        return row

    def check_tools(self, tools: Iterable[Mapping[str, Any]]) -> None:
        """Raise RowError where a tool (OpenAI form) is broken: no value can be held against it."""
        for tool in tools:
            if fault := tool_fault(json.dumps(tool, sort_keys=True)):
                raise self.error("tools", BAD_TOOL, f"{fault}.")


def beginning(value: Any) -> str:
    """Return a detail for an error: how a value begins."""
    return f"It begins {str(value)[:80]!r}."


def records(path: str) -> Iterator[SourceRecord | RowError]:
    """Yield the records of a file, by its suffix, or of a data set of the hub, `hf:owner/name`."""
    yield from _records(path, _items(path))


def line_records(file: Iterable[bytes], path: str) -> Iterator[SourceRecord | RowError]:
    """Yield the records of JSON Lines that are open already, such as a file inside a zip file.

    `path` is the file's name in messages.
    """
    yield from _records(path, _lines(file))


def _records(path: str, items: Iterable[Item]) -> Iterator[SourceRecord | RowError]:
    for index, (line, value) in enumerate(items):
        location = path if line else f"{path}[{index}]"
        if isinstance(value, ValueError):
            yield RowError(location, line, "", str(value))
        elif not isinstance(value, dict):
            yield RowError(location, line, "", "is not an object", f"It is {value!r:.80}.")
        else:
            yield SourceRecord(value, path, index, line)


def _items(path: str) -> Iterator[Item]:
    if path.startswith(hub.PREFIX):
        for value in hub.stream(path):
            yield 0, _as_json(value)
        return
    suffix = Path(path).suffix
    if suffix not in _SUFFIXES:
        reason = f"{suffix or 'no suffix'} is none of {', '.join(_SUFFIXES)}"
        remedy = f"Convert it; or write {hub.PREFIX}owner/name for a data set of the hub."
        raise RowError(path, 0, "", reason, remedy)
    try:
        yield from _SUFFIXES[suffix](path)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        remedy = f"Paths count from {os.getcwd()}." if isinstance(error, FileNotFoundError) else ""
        raise RowError(path, 0, "", reason, remedy) from error


def _json(path: str) -> Iterator[Item]:
    """Read a list of records, or one record a line: both kinds of file are called .json."""
    with open(path, "rb") as file:
        if file.read(json_list.BLOCK).removeprefix(BOM).lstrip().startswith(b"["):
            yield from _json_list(path)
            return
        file.seek(0)
        first = next((line for line in file if line.strip()), b"null")
    if isinstance(_value(first.removeprefix(BOM)), ValueError):
        reason = "is neither a list of records nor one record a line"
        raise RowError(path, 0, "", reason, "Which other form is it?")
    yield from _json_lines(path)


def _json_list(path: str) -> Iterator[Item]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for text in json_list.items(file):
                yield 0, _value(text)
    except UnicodeDecodeError as error:
        raise RowError(path, 0, "", f"is not UTF-8: {error.reason}") from error
    except ValueError as error:
        raise RowError(path, 0, "", str(error)) from error


def _json_lines(path: str) -> Iterator[Item]:
    with open(path, "rb") as file:
        yield from _lines(file)


def _lines(file: Iterable[bytes]) -> Iterator[Item]:
    for line, raw in enumerate(file, 1):
        if raw.strip():
            yield line, _value(raw.removeprefix(BOM) if line == 1 else raw)


def _parquet(path: str) -> Iterator[Item]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        reason = "is Parquet, which needs pyarrow"
        raise RowError(path, 0, "", reason, "pip install 'rlcall[data]'") from error
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(256):
            for value in batch.to_pylist():
                yield 0, _as_json(value)
    except pyarrow.ArrowException as error:
        raise RowError(path, 0, "", f"is not Parquet: {error}") from error


def _value(raw: bytes | str) -> Any:
    try:
        return strict_json.load(raw)
    except ValueError as error:
        return error


def _as_json(value: Any) -> Any:
    """Return a value that has a JSON form; bytes, dates and NaN have none, and a row is JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        return ValueError(f"holds what JSON has no form for: {error}")
    return value


_SUFFIXES = {".json": _json, ".jsonl": _json_lines, ".parquet": _parquet}
