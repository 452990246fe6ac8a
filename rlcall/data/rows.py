"""A row: messages, tools and the answer, one JSON object a line.

    {"messages": [{"role": "user", "content": "Weather in Paris?"}],
     "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", ...}}}],
     "answer": {"calls": [{"name": "weather", "arguments": {"city": "Paris"}}]}}

`read_rows` gives the rows of a file, or a `RowError` that says file, line, field, reason and remedy. The form is the
table `rlcall.data.row_schema.ROW`; docs/rows.md describes it for people.
"""

from __future__ import annotations

import codecs
import difflib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, cast

import jsonschema

from rlcall.calls import encode_string
from rlcall.data.row_schema import ROW
from rlcall.errors import UserError
from rlcall.files import strict_json
from rlcall.files.whole import whole_file
from rlcall.verifier.answer import Answer, AnswerError, read_answer, read_path
from rlcall.verifier.schema import SchemaError, compile_tools

_VALIDATOR = jsonschema.Draft202012Validator(ROW)


@dataclass(frozen=True)
class Row:
    """One line of data. `messages` and `tools` are in OpenAI's form; `answer` is docs/rows.md's, or None.

    Nobody changes what a row holds: its texts and its read answer are worked out once. They are no
    part of its equality, its copies or its pickles.
    """

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    answer: dict[str, Any] | None
    id: str | None = None
    task: str | None = None

    @cached_property
    def tools_text(self) -> str:
        """The tools as JSON: what the verifier caches by, and what a column of a data set can hold."""
        return json.dumps(self.tools)

    @cached_property
    def answer_text(self) -> str:
        """The answer as JSON, `null` where nothing is known."""
        return json.dumps(self.answer)

    @cached_property
    def wanted(self) -> Answer:
        """The answer as the verifier reads it. AnswerError where it cannot be read."""
        return read_answer(self.answer_text)

    @property
    def requests(self) -> list[str]:
        """What the user says, message by message; messages without any text are left out."""
        messages = [message for message in self.messages if message["role"] == "user"]
        texts = [_text_of(message.get("content")) for message in messages]
        return [text for text in texts if text]

    @property
    def last_request(self) -> str:
        """What the user says last, "" where the user says nothing."""
        return self.requests[-1] if self.requests else ""

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: pickles and copies do not carry what can be worked out again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def to_json(self) -> dict[str, Any]:
        """The row as its JSON object; `parse_row` is the inverse."""
        named = {"id": self.id, "task": self.task}
        given = {key: value for key, value in named.items() if value is not None}
        return {**given, "messages": self.messages, "tools": self.tools, "answer": self.answer}


class RowError(UserError):
    """A row, or a file of rows, that cannot be used. `line` is 0 where the whole file is meant, `field` may be ''."""

    def __init__(
        self, path: str, line: int = 0, field: str = "", reason: str = "", remedy: str = ""
    ) -> None:
        super().__init__(
            path, line, field, reason, remedy
        )  # all of them, so that the error can be pickled
        self.path, self.line, self.field, self.reason, self.remedy = (
            path,
            line,
            field,
            reason,
            remedy,
        )

    def __str__(self) -> str:
        place = f"{self.path}, line {self.line}" if self.line else self.path
        message = ": ".join(filter(None, (place, self.field, self.reason)))
        return f"{message}. {self.remedy}" if self.remedy else message


def read_rows(path: str | os.PathLike[str]) -> list[Row]:
    """Every row of a JSON Lines file (UTF-8; blank lines are skipped). RowError at the first that is wrong."""
    rows = list(iter_rows(path))
    if not rows:
        raise RowError(
            os.fspath(path),
            0,
            "",
            "holds no rows",
            "Is it the right file, and was it written to its end?",
        )
    return rows


def iter_rows(path: str | os.PathLike[str]) -> Iterator[Row]:
    """The rows of a file one by one, in bounded memory. RowError as in `read_rows`, save that a file may be empty."""
    name = os.fspath(path)
    for line, raw in _lines(name):
        if raw.strip():
            yield parse_row(load_line(raw, name, line), name, line)


def parse_row(value: Any, path: str = "row", line: int = 0, extra: Collection[str] = ()) -> Row:
    """A JSON value as a Row. `extra` names keys that may stand beside the row's own, and are left to the caller."""
    own = (
        {key: item for key, item in value.items() if key not in extra}
        if isinstance(value, dict)
        else value
    )
    if errors := list(_VALIDATOR.iter_errors(own)):
        field, reason, remedy = _explain(min(errors, key=_rank))
        raise RowError(path, line, field, reason, remedy)
    answer = own["answer"] or {}
    for field, reason, remedy in chain(
        _repeated(own), _bad_tools(own), _bad_paths(answer), _bad_granular(answer)
    ):
        raise RowError(path, line, field, reason, remedy)
    return Row(own["messages"], own["tools"], own["answer"], own.get("id"), own.get("task"))


def load_line(raw: bytes | str, path: str = "row", line: int = 0) -> Any:
    """One line of strict JSON (UTF-8, no key twice, no NaN). RowError where it is not."""
    if line == 1 and isinstance(raw, bytes):
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return strict_json.load(raw)
    except ValueError as error:
        form = (
            "A row is one JSON object on one line, in UTF-8; a line cut off means a file cut off."
        )
        raise RowError(path, line, "", str(error), form) from error


def write_rows(path: str | os.PathLike[str], rows: Iterable[Row]) -> int:
    """Write rows as JSON Lines and return how many. The file appears only when it is whole, also if `rows` raises."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with whole_file(path) as file:
        for row in rows:
            count += 1
            file.write(json.dumps(row.to_json(), ensure_ascii=False, allow_nan=False) + "\n")
    return count


def plain(value: Any) -> Any:
    """A literal value as an answer writes it: a string that would be read as a reference gets a `$` in front."""
    if isinstance(value, str):
        return "$" + value if value.startswith("$$") or encode_string(value) != value else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _text_of(content: str | list[Any] | None) -> str:
    """The text of a message's content, which may be in parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content or ""


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    try:
        with open(path, "rb") as file:
            yield from enumerate(file, 1)
    except OSError as error:
        remedy = f"Paths count from {os.getcwd()}." if isinstance(error, FileNotFoundError) else ""
        raise RowError(path, 0, "", f"cannot be read: {error.strerror}", remedy) from error


def _rank(error: jsonschema.ValidationError) -> tuple[int, bool]:
    """Outermost first; an unknown key before the missing one that it was meant for."""
    return len(error.absolute_path), error.validator != "additionalProperties"


def _explain(error: jsonschema.ValidationError) -> tuple[str, str, str]:
    """(field, reason, remedy) of a violation of ROW. The remedy is the schema's own description of the place."""
    place = error.json_path.removeprefix("$").removeprefix(".")
    found, schema = cast(dict[str, Any], error.instance), cast(dict[str, Any], error.schema)
    form = schema.get("description", "")
    if error.validator == "additionalProperties":
        return _unknown_key(place, found, list(schema["properties"]))
    if error.validator == "required":
        missing = next(key for key in schema["required"] if key not in found)
        described = schema.get("properties", {}).get(missing, {})
        return _join(place, missing), "is missing", described.get("description", form)
    if error.validator in ("oneOf", "anyOf"):
        keys = [branch["required"][0] for branch in schema[error.validator]]
        return (
            place,
            f"needs {'exactly' if error.validator == 'oneOf' else 'at least'} one of {', '.join(keys)}",
            form,
        )
    return place, error.message if len(error.message) <= 160 else f"…{error.message[-160:]}", form


def _unknown_key(place: str, found: dict[str, Any], known: list[str]) -> tuple[str, str, str]:
    key = next(key for key in found if key not in known)
    near = difflib.get_close_matches(key, known, 1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"The keys here are {', '.join(known)}."
    return _join(place, key), "unknown key", remedy


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _repeated(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Names that must tell things apart: of a row's tools, and the labels of an answer's calls."""
    calls = (row["answer"] or {}).get("calls", ())
    labels = [call["label"] for call in calls if "label" in call] if calls != "any" else []
    tools = [tool["function"]["name"] for tool in row["tools"]]
    for field, names in (("tools", tools), ("answer.calls", labels)):
        if twice := next((name for name in names if names.count(name) > 1), None):
            yield field, "two have the same name", f"Rename one {twice!r}."


def _bad_tools(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    try:
        compile_tools(json.dumps(row["tools"]))
    except SchemaError as error:
        yield (
            "tools",
            str(error),
            "Its parameters are a JSON Schema of their own, without files or the network.",
        )


def _bad_paths(answer: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    calls = answer["calls"] if isinstance(answer.get("calls"), list) else ()
    parts = {
        "answer": answer,
        **{f"answer.calls[{index}]": call for index, call in enumerate(calls)},
    }
    for place, part in parts.items():
        for key in ("accept", "optional", "compare"):
            for text in part.get(key, ()) if part.get(key) not in ("exact", "text") else ():
                if reason := _bad_path(text):
                    yield (
                        f"{place}.{key}",
                        reason,
                        "Write it like $.city, $.tags[0] or $['a b'][*].",
                    )


def _bad_granular(answer: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if answer and "calls" not in answer:
        try:
            read_answer(json.dumps(answer))
        except AnswerError as error:
            yield "answer", str(error), "docs/rows.md has the form of each answer."


def _bad_path(text: str) -> str | None:
    if not text.startswith("$"):
        return f"{text!r} does not begin with $, the call's arguments"
    try:
        read_path(text)
    except AnswerError as error:
        return str(error)
    return None
