"""BFCL, the Berkeley Function Calling Leaderboard (Patil et al., Apache-2.0): wheel or checkout.

    {"id": "simple_python_0", "question": [[{"role": "user", "content": "Weather in Paris?"}]],
     "function": [{"name": "weather", "parameters": {"type": "dict", "properties": {...}}}]}
    {"id": "simple_python_0", "ground_truth": [{"weather": {"city": ["Paris"], "unit": ["C", ""]}}]}

    for reading in read("bfcl_eval-2026.3.23-py3-none-any.whl"): ...    # or unzipped, or one file

A row's `task` is the category, its id BFCL's. How an entry is read:

- Tools: BFCL's words become JSON Schema's (`dict`, `float`, `tuple`), `any` is no type. Defaults
  and enums stay as they are.
- Gold: `rlcall.data.reading.bfcl_answers`. Where no call is due there is no answer file: in
  `irrelevance` none is right, in `relevance` any valid call.
- Accepted values that the tool's own schema rules out are left out, since no call with them is
  valid, and so are optional arguments that it does not declare. An entry of which nothing then
  remains is set aside: its answer is wrong.
- Categories of another kind are set aside with the reason: Java and JavaScript, several turns,
  memory and web search.

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

from rlcall.data.reading.answer_check import check_calls
from rlcall.data.reading.bfcl_answers import answer_of, fitted
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import BAD_DEFAULT, fits, normal_schema
from rlcall.data.reading.records import SourceRecord, line_records
from rlcall.data.rows import Row, RowError
from rlcall.verifier.schema import compile_tools

File = Path | zipfile.Path

BENCHMARK = True
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
    "format_sensitivity"  # no entries: ids of other categories, to be put in other prompts
)

_FUNCTION = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
_ENTRY = {
    "type": "object",
    "required": ["id", "question", "function"],
    "properties": {
        "id": {"type": "string"},
        "question": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "array"}},
        "function": {"type": "array", "items": _FUNCTION},
    },
}
_ACCEPTED = {"type": "object", "additionalProperties": {"type": "array"}}
_TRUTH = {"type": "array", "items": {"type": "object", "additionalProperties": _ACCEPTED}}


def read(path: str) -> Iterator[Reading]:
    """Read each entry of every category. RowError where `path` holds no BFCL, or no answer file."""
    for file, category in _question_files(path):
        if category == _SAME_AGAIN:
            reason = "the questions of other categories once more, under other prompts"
            yield Reading(set_aside=(RowError(str(file), 0, "", reason),))
            continue
        convert = partial(_rows, category, _answers(file, category))
        with file.open("rb") as lines:
            yield from read_each(line_records(lines, str(file)), convert)


def _question_files(path: str) -> list[tuple[File, str]]:
    """Return the question files with their categories, by name."""
    root = Path(path)
    files: list[File] = []
    if root.is_file() and zipfile.is_zipfile(root):
        folders: list[File] = [zipfile.Path(path, f"{name}/") for name in _FOLDERS]
    else:
        folders = [root / name for name in _FOLDERS]
        files += [root] if root.is_file() else []
    for folder in folders:
        if folder.is_dir():
            files += sorted(folder.iterdir(), key=_name)
    questions = []
    for file in files:
        if name := _QUESTIONS.fullmatch(file.name):
            questions.append((file, name[1]))
    if not questions:
        remedy = (
            f"pip download --no-deps bfcl-eval gives the wheel. Paths count from {os.getcwd()}."
        )
        raise RowError(path, 0, "", "holds no questions of BFCL, BFCL_v4_*.json", remedy)
    return questions


def _name(file: File) -> str:
    return file.name


def _answers(file: File, category: str) -> dict[str, Any]:
    """Return BFCL's `ground_truth` by id, for the categories that have an answer file."""
    if "relevance" in category or category.startswith(tuple(_OUTSIDE)):
        return {}
    # zipfile's paths are typed as less than they are.
    answers: File = file.parent / "possible_answer" / file.name  # type: ignore[operator]
    if not answers.is_file():
        remedy = "The answers are expected in possible_answer/ next to the questions."
        raise RowError(str(answers), 0, "", "is not there", remedy)
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
        detail = "One has id, question (one turn of messages) and function."
        raise record.error("", "is not an entry of BFCL", detail)
    tools = [_tool(function, notes) for function in entry["function"]]
    record.check_tools(tools)
    for tool in tools:
        notes += [BAD_DEFAULT] * _bad_defaults(tool)
    yield record.row(
        {
            "id": entry["id"],
            "task": category,
            "messages": entry["question"][0],
            "tools": tools,
            "answer": _answer(record, category, answers, tools, notes),
        }
    )


def _tool(function: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    parameters = normal_schema(function.get("parameters") or {}, notes)
    return {"type": "function", "function": {**function, "parameters": parameters}}


def _bad_defaults(tool: dict[str, Any]) -> int:
    """Return how many parameters have a default that does not fit them."""
    properties = tool["function"]["parameters"].get("properties", {}).values()
    count = 0
    for schema in properties:
        if isinstance(schema, dict) and "default" in schema:
            count += not fits(schema["default"], schema)
    return count


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
        answer = answer_of(truth)
        compiled = compile_tools(json.dumps(tools))
    except ValueError as error:
        reason = "the accepted values have no form in a row"
        raise record.error("ground_truth", reason, f"{error}.") from error
    answer["calls"] = [fitted(call, compiled.get(call["name"]), notes) for call in answer["calls"]]
    check_calls(record, tools, answer["calls"], f"{record.value['id']}.ground_truth")
    return answer
