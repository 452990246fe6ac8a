"""The first mistake of a row, with the field it is in, the reason and the remedy.

first_mistake({"messages": [...], "tools": [], "anwser": None})
# Mistake("anwser", "unknown key", "Did you mean 'answer'?")
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import jsonschema

from rlcall.data.row_schema import ROW
from rlcall.data.tool_check import BAD_TOOL
from rlcall.verifier.answer import AnswerError, read_answer, read_path
from rlcall.verifier.schema import SchemaError, compile_tool

_VALIDATOR = jsonschema.Draft202012Validator(ROW)
_LONGEST_REASON = 160  # characters; of a longer one the end is shown, which says what is expected


class Mistake(NamedTuple):
    """The fault in a field of a row, and what to write there instead."""

    field: str
    reason: str
    remedy: str


def first_mistake(value: Any) -> Mistake | None:
    """Return the first mistake of a JSON value that should be a row; None of a row."""
    errors = list(_VALIDATOR.iter_errors(value))
    if errors:
        return _explain(min(errors, key=_rank))
    return next(_mistakes(value), None)


def _mistakes(row: dict[str, Any]) -> Iterator[Mistake]:
    """Yield what a schema cannot say of a row that fits it."""
    answer = row["answer"] or {}
    yield from _repeated_names(row["tools"], answer)
    yield from _broken_tools(row["tools"])
    yield from _broken_paths(answer)
    yield from _broken_granular(answer)


# Mistakes that the schema finds


def _rank(error: jsonschema.ValidationError) -> tuple[int, bool]:
    """Put the outermost first, and an unknown key before the missing one that it was meant for."""
    return len(error.absolute_path), error.validator != "additionalProperties"


def _explain(error: jsonschema.ValidationError) -> Mistake:
    """Explain a violation of ROW. The remedy is the schema's own description of the place."""
    field = error.json_path.removeprefix("$").removeprefix(".")
    value = cast(dict[str, Any], error.instance)
    schema = cast(dict[str, Any], error.schema)
    remedy = schema.get("description", "")
    match error.validator:
        case "additionalProperties":
            return _unknown_key(field, value, list(schema["properties"]))
        case "required":
            return _missing_key(field, value, schema)
        case "oneOf" | "anyOf":
            keys = [branch["required"][0] for branch in schema[error.validator]]
            number = "exactly" if error.validator == "oneOf" else "at least"
            return Mistake(field, f"needs {number} one of {', '.join(keys)}", remedy)
    reason = error.message
    if len(reason) > _LONGEST_REASON:
        reason = f"…{reason[-_LONGEST_REASON:]}"
    return Mistake(field, reason, remedy)


def _missing_key(field: str, value: dict[str, Any], schema: dict[str, Any]) -> Mistake:
    missing = next(key for key in schema["required"] if key not in value)
    described = schema.get("properties", {}).get(missing, {})
    remedy = described.get("description", schema.get("description", ""))
    return Mistake(_join(field, missing), "is missing", remedy)


def _unknown_key(field: str, value: dict[str, Any], keys: list[str]) -> Mistake:
    unknown = next(key for key in value if key not in keys)
    near = difflib.get_close_matches(unknown, keys, 1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"The keys here are {', '.join(keys)}."
    return Mistake(_join(field, unknown), "unknown key", remedy)


def _join(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key


# Mistakes that no schema finds


def _repeated_names(tools: list[dict[str, Any]], answer: dict[str, Any]) -> Iterator[Mistake]:
    """Tools are told apart by their names, and the calls of an answer by their labels."""
    calls = answer["calls"] if isinstance(answer.get("calls"), list) else []
    names = {
        "tools": [tool["function"]["name"] for tool in tools],
        "answer.calls": [call["label"] for call in calls if "label" in call],
    }
    for field, items in names.items():
        for name, count in Counter(items).items():
            if count > 1:
                yield Mistake(field, "two have the same name", f"Rename one {name!r}.")


def _broken_tools(tools: list[dict[str, Any]]) -> Iterator[Mistake]:
    remedy = "Its parameters are a JSON Schema of their own, without files or the network."
    for index, tool in enumerate(tools):
        try:
            compile_tool(json.dumps(tool, sort_keys=True))
        except SchemaError as error:
            place = error.path.removeprefix("$")
            is_known = place or error.root != "parameters"
            field = f"tools[{index}].function.{error.root}{place}" if is_known else "tools"
            yield Mistake(field, BAD_TOOL, f"{error}. {remedy}")


def _broken_paths(answer: dict[str, Any]) -> Iterator[Mistake]:
    parts = {"answer": answer}
    if isinstance(answer.get("calls"), list):
        for index, call in enumerate(answer["calls"]):
            parts[f"answer.calls[{index}]"] = call
    for field, part in parts.items():
        for key in ("accept", "optional", "compare"):
            # A comparator for all values is one word, and has no paths.
            paths = () if isinstance(part.get(key), str) else part.get(key, ())
            for path in paths:
                if reason := _path_fault(path):
                    remedy = "Write it like $.city, $.tags[0] or $['a b'][*]."
                    yield Mistake(f"{field}.{key}", reason, remedy)


def _path_fault(path: str) -> str | None:
    if not path.startswith("$"):
        return f"{path!r} does not begin with $, the call's arguments"
    try:
        read_path(path)
    except AnswerError as error:
        return str(error)
    return None


def _broken_granular(answer: dict[str, Any]) -> Iterator[Mistake]:
    if answer and "calls" not in answer:
        try:
            read_answer(json.dumps(answer))
        except AnswerError as error:
            yield Mistake("answer", str(error), "docs/rows.md has the form of each answer.")
