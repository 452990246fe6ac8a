"""A row: messages, tools and the answer, one JSON object to a line.

    {"messages": [{"role": "user", "content": "Weather in Paris?"}],
     "tools": [{"type": "function", "function": {"name": "weather", "parameters": {...}}}],
     "answer": {"calls": [{"name": "weather", "arguments": {"city": "Paris"}}]}}

`read_rows` returns the rows of a file, or raises a `RowError` with file, line, field, reason and
remedy. The form is the schema `rlcall.data.row_schema.ROW`; docs/rows.md describes it for people.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from rlcall.calls import encode_string
from rlcall.data.row_checks import first_mistake
from rlcall.errors import UserError
from rlcall.files import strict_json
from rlcall.files.whole import whole_file
from rlcall.verifier.answer import Answer, read_answer


@dataclass(frozen=True)
class Row:
    """One line of data.

    `messages` and `tools` are in OpenAI's form; `answer` is as in docs/rows.md, or None where
    nothing is known; `words` are what the data set's assistant wrote beside the calls. The values
    of a row are never changed, so what follows from them is worked out once and kept; it is no part
    of the row's equality, copies or pickles.
    """

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    answer: dict[str, Any] | None
    id: str | None = None
    task: str | None = None
    words: dict[str, str] | None = None

    @cached_property
    def tools_text(self) -> str:
        """The tools as JSON text: a key of the verifier's caches, and a column that Arrow keeps."""
        return json.dumps(self.tools)

    @cached_property
    def answer_text(self) -> str:
        """The answer as JSON text, `null` where nothing is known."""
        return json.dumps(self.answer)

    @cached_property
    def wanted(self) -> Answer:
        """The answer as the verifier reads it. Raises AnswerError where it cannot be read."""
        return read_answer(self.answer_text)

    @property
    def requests(self) -> list[str]:
        """The texts of the user's messages, without those that have none."""
        texts = []
        for message in self.messages:
            if message["role"] == "user":
                texts.append(_text_of(message.get("content")))
        return [text for text in texts if text]

    @property
    def last_request(self) -> str:
        """The text of the user's last message, "" where the user says nothing."""
        return self.requests[-1] if self.requests else ""

    def to_json(self) -> dict[str, Any]:
        """Return the row as its JSON object; `parse_row` is the inverse."""
        names = {"id": self.id, "task": self.task}
        optional = {key: value for key, value in names.items() if value is not None}
        row = {"messages": self.messages, "tools": self.tools, "answer": self.answer}
        return {**optional, **row, **({"words": self.words} if self.words else {})}

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields alone: pickles and copies leave out what is worked out from them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class RowError(UserError):
    """A row, or a file of rows, that cannot be used.

    `line` counts from 1 and is 0 where the whole file is meant; `field` may be "".
    """

    def __init__(
        self, path: str, line: int = 0, field: str = "", reason: str = "", remedy: str = ""
    ) -> None:
        # An exception is pickled by what its base class was given.
        super().__init__(path, line, field, reason, remedy)
        self.path = path
        self.line = line
        self.field = field
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        location = f"{self.path}, line {self.line}" if self.line else self.path
        message = ": ".join(filter(None, (location, self.field, self.reason)))
        return f"{message}. {self.remedy}" if self.remedy else message


def read_rows(path: str | os.PathLike[str], size: int | None = None) -> list[Row]:
    """Read the rows of a JSON Lines file (UTF-8; blank lines are skipped), or the first `size`.

    Raises RowError for the first line that is no row, and for a file without rows.
    """
    rows = list(islice(iter_rows(path), size))
    if not rows:
        remedy = "Is it the right file, and was it written to its end?"
        raise RowError(os.fspath(path), 0, "", "holds no rows", remedy)
    return rows


def iter_rows(path: str | os.PathLike[str]) -> Iterator[Row]:
    """Yield the rows of a file one by one. Raises as `read_rows` does, but a file may be empty."""
    name = os.fspath(path)
    for line, raw in _lines(name):
        if raw.strip():
            yield parse_row(load_line(raw, name, line), name, line)


def parse_row(value: Any, path: str = "row", line: int = 0, extra: Collection[str] = ()) -> Row:
    """Return a JSON value as a Row. Raises RowError, with `path` and `line`, where it is none.

    `extra` names keys that may be there besides the row's own; they are left to the caller.
    """
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key not in extra}
    if mistake := first_mistake(value):
        raise RowError(path, line, *mistake)
    return Row(**value)


def load_line(raw: bytes | str, path: str = "row", line: int = 0) -> Any:
    """Return the value of a line of strict JSON (UTF-8, no key twice, no NaN). Raises RowError."""
    if line == 1 and isinstance(raw, bytes):
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return strict_json.load(raw)
    except ValueError as error:
        remedy = (
            "A row is one JSON object on one line, in UTF-8; a line cut off means a file cut off."
        )
        raise RowError(path, line, "", str(error), remedy) from error


def write_rows(path: str | os.PathLike[str], rows: Iterable[Row]) -> int:
    """Write rows as JSON Lines and return their number.

    The file appears only when it is complete; if `rows` raises, what stood there stays.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with whole_file(path) as file:
        for row in rows:
            count += 1
            file.write(json.dumps(row.to_json(), ensure_ascii=False, allow_nan=False) + "\n")
    return count


def plain(value: Any) -> Any:
    """Return a literal value as an answer writes it: `$` comes before what would be a reference."""
    if isinstance(value, str):
        return "$" + value if value.startswith("$$") or encode_string(value) != value else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _text_of(content: str | list[Any] | None) -> str:
    """Return the text of a message's content, which may be in parts."""
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return content or ""


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers, from 1."""
    try:
        with open(path, "rb") as file:
            yield from enumerate(file, 1)
    except OSError as error:
        remedy = f"Paths count from {os.getcwd()}." if isinstance(error, FileNotFoundError) else ""
        raise RowError(path, 0, "", f"cannot be read: {error.strerror}", remedy) from error
