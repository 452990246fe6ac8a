"""BFCL, the Berkeley Function Calling Leaderboard (Patil et al., Apache-2.0): the wheel `bfcl-eval` or a checkout.

    for reading in bfcl.read("bfcl_eval-2026.3.23-py3-none-any.whl"):    # as it is; or unzipped, or one question file
        reading.rows, reading.set_aside                                 # a Row, or a RowError that says why not

A row's `task` is the category, its id BFCL's. How an entry is read:

- Tools: `dict`, `float`, `tuple`, `any` are JSON Schema's words or none. Defaults and enums stand as they are.
- Gold: bfcl_answers.py. Where no call is due there is no answer file: in `irrelevance` none is right, in `relevance`
  any valid call.
- Accepted values that the tool's own schema rules out are left out, since no call with them is valid, and so are
  optional arguments that it does not declare. An entry of which nothing then remains is set aside: its answer is wrong.
- Categories of another kind are set aside with the reason: Java and JavaScript, several turns, memory and web search.

It is a benchmark: rows for evaluation. A run that is told to train on it refuses.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rlcall.data.reading.answer_check import BAD_DEFAULT, check_gold
from rlcall.data.reading.bfcl_answers import answer_of, fitted
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, line_records
from rlcall.data.rows import Row, RowError
from rlcall.verifier.dialects import normalise
from rlcall.verifier.schema import compile_tools

File = Path | zipfile.Path

_QUESTIONS = re.compile(r"BFCL_v\d+_(\w+)\.json")
_FOLDERS = (".", "data", "bfcl_eval/data", "berkeley-function-call-leaderboard/bfcl_eval/data")
_JAVA = "the answer is literals of Java or JavaScript in text, not JSON"
_ANSWERED_IN_TEXT = "the answer is text, found by tools that BFCL runs"
# The first letters of a category -> why its entries give no row
_OUTSIDE = {
    "simple_java": _JAVA,
    "java": _JAVA,
    "multi_turn": "several turns, judged by what BFCL's own classes then hold",
    "memory": _ANSWERED_IN_TEXT,
    "web_search": _ANSWERED_IN_TEXT,
}
_SAME_AGAIN = (
    "format_sensitivity",
)  # no entries of their own: ids of other categories, to be put in other prompts

_ENTRY = {
    "type": "object",
    "required": ["id", "question", "function"],
    "properties": {
        "id": {"type": "string"},
        "question": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "array"}},
        "function": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}},
            },
        },
    },
}
_ACCEPTED = {"type": "object", "additionalProperties": {"type": "array"}}
_TRUTH = {"type": "array", "items": {"type": "object", "additionalProperties": _ACCEPTED}}


def read(path: str) -> Iterator[Reading]:
    """A Reading for each entry of every category. RowError where `path` holds no BFCL, or lacks an answer file."""
    for file, category in _question_files(path):
        if category in _SAME_AGAIN:
            reason = "the questions of other categories once more, under other prompts"
            yield Reading(set_aside=(RowError(str(file), 0, "", reason),))
            continue
        convert = partial(_rows, category, _answers(file, category))
        with file.open("rb") as lines:
            yield from read_each(line_records(lines, str(file)), convert)


def _question_files(path: str) -> list[tuple[File, str]]:
    """The question files with their categories, by name."""
    where = Path(path)
    folders: list[File] = [where / name for name in _FOLDERS]
    if where.is_file() and zipfile.is_zipfile(where):
        folders = [zipfile.Path(path, f"{name}/") for name in _FOLDERS]
    files: list[File] = [where] if where.is_file() else []
    for folder in folders:
        files += sorted(folder.iterdir(), key=_name) if folder.is_dir() else []
    found = [(file, named[1]) for file in files if (named := _QUESTIONS.fullmatch(file.name))]
    if not found:
        remedy = (
            f"pip download --no-deps bfcl-eval gives the wheel. Paths count from {os.getcwd()}."
        )
        raise RowError(path, 0, "", "holds no questions of BFCL, BFCL_v4_*.json", remedy)
    return found


def _name(file: File) -> str:
    return file.name


def _answers(file: File, category: str) -> dict[str, Any]:
    """Id -> BFCL's `ground_truth`, for the categories that have an answer file."""
    if "relevance" in category or category.startswith(tuple(_OUTSIDE)):
        return {}
    answers: File = file.parent / "possible_answer" / file.name  # type: ignore[operator]  # zipfile's is typed as less
    if not answers.is_file():
        raise RowError(
            str(answers),
            0,
            "",
            "is not there",
            "The answers stand in possible_answer/ beside the questions.",
        )
    truths: dict[str, Any] = {}
    with answers.open("rb") as lines:
        for record in line_records(lines, str(answers)):
            if isinstance(record, RowError):
                raise record
            truths[str(record.value.get("id"))] = record.value.get("ground_truth")
    return truths


def _rows(
    category: str, answers: Mapping[str, Any], record: SourceRecord, notes: list[str]
) -> Iterator[Row]:
    entry = record.value
    for start, reason in _OUTSIDE.items():
        if category.startswith(start):
            raise record.error(category, reason)
    if not fits(entry, _ENTRY):
        raise record.error(
            "", "is no entry of BFCL", "One has id, question (one turn of messages) and function."
        )
    tools = [_tool(function, notes) for function in entry["function"]]
    record.check_tools(tools)
    notes += [BAD_DEFAULT] * sum(map(_bad_defaults, tools))
    answer = _answer(record, category, answers, tools, notes)
    messages = entry["question"][0]
    yield record.row(
        {
            "id": entry["id"],
            "task": category,
            "messages": messages,
            "tools": tools,
            "answer": answer,
        }
    )


def _tool(function: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    changes: list[str] = []
    tool = {**function, "parameters": normalise(function.get("parameters") or {}, changes, "$")}
    notes.extend(change.partition(": ")[2] for change in changes)
    return {"type": "function", "function": tool}


def _bad_defaults(tool: dict[str, Any]) -> int:
    properties = tool["function"]["parameters"].get("properties", {}).values()
    schemas = [schema for schema in properties if isinstance(schema, dict)]
    return sum("default" in schema and not fits(schema["default"], schema) for schema in schemas)


def _answer(
    record: SourceRecord,
    category: str,
    answers: Mapping[str, Any],
    tools: list[dict[str, Any]],
    notes: list[str],
) -> dict[str, Any]:
    if "relevance" in category:
        return {"calls": [] if "irrelevance" in category else "any"}
    truth = answers.get(record.value["id"])
    if truth is None or not fits(truth, _TRUTH):
        reason = "has no answer of BFCL's form in possible_answer"
        raise record.error("ground_truth", reason, "It is a list of {tool: {parameter: [values]}}.")
    try:
        answer, compiled = answer_of(truth), compile_tools(json.dumps(tools))
    except ValueError as error:
        raise record.error(
            "ground_truth", "the accepted values have no form in a row", f"{error}."
        ) from error
    answer["calls"] = [fitted(call, compiled.get(call["name"]), notes) for call in answer["calls"]]
    check_gold(record, tools, answer["calls"], f"{record.value['id']}.ground_truth")
    return answer
