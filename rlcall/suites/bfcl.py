"""BFCL, the Berkeley Function Calling Leaderboard, from the wheel `bfcl-eval`: entries and checker.

    entries = read_entries("bfcl_eval-2026.3.23-py3-none-any.whl")
    with ast_checker("bfcl_eval-2026.3.23-py3-none-any.whl") as is_right:
        is_valid(entries[0], "[math.factorial(number=5)]", "python", is_right)      # True

`pip download --no-deps bfcl-eval==2026.3.23` gives the wheel. All entries of the Python categories
count, also the 21 of 2,351 whose answer breaks their own tool's schema: the leaderboard counts
them, and our verdict on them is that nothing is known. A model's text is read by our parser and
given to BFCL's checker as data; BFCL's own decoders, which evaluate text, are never called.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall import wire as wires
from rlcall.calls import encode
from rlcall.data.readers import bfcl
from rlcall.data.rows import Row, RowError
from rlcall.verifier.dialects import normalise

NON_LIVE = ("simple_python", "multiple", "parallel", "parallel_multiple")
LIVE = ("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple")
IRRELEVANCE = ("irrelevance", "live_irrelevance")
CATEGORIES = (*NON_LIVE, *LIVE, *IRRELEVANCE, "live_relevance")

_PACKAGE = "bfcl_eval"
_DATA = f"{_PACKAGE}/data"
_REMEDY = (
    "pip download --no-deps bfcl-eval==2026.3.23 gives the wheel; unzipped it will do as well."
)

Definitions = list[dict[str, Any]]
Calls = list[dict[str, Any]]
Checker = Callable[[Definitions, Calls, list[dict[str, Any]], str], bool]
"""Whether calls, [{name: arguments}], to tools in BFCL's words are right by a category's truth."""


@dataclass(frozen=True, slots=True)
class BfclEntry:
    """One task: its row, and its tools and truth in BFCL's words.

    The row has no answer where BFCL's breaks the tool's own schema; `truth` is None where no call
    is due, or any.
    """

    row: Row
    category: str
    functions: Definitions
    truth: list[dict[str, Any]] | None


def read_entries(path: str) -> list[BfclEntry]:
    """Return the entries of the Python categories in order. RowError where there are none."""
    root = _root(path)
    rows: dict[str | None, Row] = {}
    for reading in bfcl.read(path):
        for row in reading.rows:
            rows[row.id] = row
    entries: list[BfclEntry] = []
    for category in CATEGORIES:
        entries += _read_category(root, category, rows)
    return entries


def _root(path: str) -> Any:
    is_wheel = Path(path).is_file() and zipfile.is_zipfile(path)
    root = zipfile.Path(path) if is_wheel else Path(path)
    if not (root / _DATA / f"BFCL_v4_{CATEGORIES[0]}.json").is_file():
        raise RowError(path, 0, "", f"holds no {_DATA}/BFCL_v4_{CATEGORIES[0]}.json", _REMEDY)
    return root


def _read_category(root: Any, category: str, rows: Mapping[str | None, Row]) -> Iterator[BfclEntry]:
    name = f"BFCL_v4_{category}.json"
    truths: dict[str, Any] = {}
    if "relevance" not in category:
        for answer in _read_lines(root / _DATA / "possible_answer" / name):
            truths[answer["id"]] = answer["ground_truth"]
    for entry in _read_lines(root / _DATA / name):
        row = rows.get(entry["id"]) or _unanswered_row(entry, category)
        yield BfclEntry(row, category, entry["function"], truths.get(entry["id"]))


def _read_lines(file: Any) -> Iterator[Any]:
    with file.open("rb") as lines:
        yield from map(json.loads, filter(bytes.strip, lines))


def _unanswered_row(entry: Mapping[str, Any], category: str) -> Row:
    """Return the row of an entry whose answer cannot be right by its own schema."""
    tools = []
    for function in entry["function"]:
        parameters = normalise(function.get("parameters") or {}, [], "$")
        tools.append({"type": "function", "function": {**function, "parameters": parameters}})
    return Row(entry["question"][0], tools, None, id=entry["id"], task=category)


@contextmanager
def ast_checker(path: str) -> Iterator[Checker]:
    """Import BFCL's `ast_checker` alone, for as long as the context lasts.

    This runs code of the wheel that the user names. Of the models' configuration, which would
    import every handler and its packages, the checker needs one boolean, so a stand-in takes its
    place. Nothing of it is left among the imported modules afterwards.
    """
    stand_in: Any = types.ModuleType(f"{_PACKAGE}.constants.model_config")
    stand_in.MODEL_CONFIG_MAPPING = {"plain": types.SimpleNamespace(underscore_to_dot=False)}
    sys.path.insert(0, path)  # a wheel is a zip file, from which Python can import
    sys.modules[stand_in.__name__] = stand_in
    try:
        module = importlib.import_module(f"{_PACKAGE}.eval_checker.ast_eval.ast_checker")
        language = importlib.import_module(f"{_PACKAGE}.constants.enums").Language.PYTHON

        def is_right(
            tools: Definitions, calls: Calls, truth: list[dict[str, Any]], category: str
        ) -> bool:
            verdict = module.ast_checker(tools, calls, truth, language, category, "plain")
            return bool(verdict["valid"])

        yield is_right
    finally:
        sys.path.remove(path)
        for name in list(sys.modules):
            if name.partition(".")[0] == _PACKAGE:
                del sys.modules[name]


def is_valid(entry: BfclEntry, completion: Any, wire: str, is_right: Checker) -> bool:
    """Return BFCL's verdict on a completion, read by our parser.

    Where calls are due, one block that cannot be read makes it invalid. Elsewhere BFCL asks only
    whether calls can be read: what cannot be read counts as abstaining, which is the leaderboard's
    rule and not ours.
    """
    parsed = wires.parse(completion, entry.row.tools, wire)
    if entry.truth is None:
        return bool(parsed.calls) is (entry.category not in IRRELEVANCE)
    if not parsed.calls or any(problem.code in wires.SURPLUS for problem in parsed.problems):
        return False
    calls = [{call.name: encode(call.arguments)} for call in parsed.calls]
    return is_right(entry.functions, calls, entry.truth, entry.category)


def are_valid(
    entries: Sequence[BfclEntry], completions: Sequence[Any], wire: str, path: str
) -> list[bool]:
    """Return BFCL's verdicts on one completion for each entry, by the wheel at `path`."""
    verdicts = []
    with ast_checker(path) as is_right:
        for entry, completion in zip(entries, completions, strict=True):
            verdicts.append(is_valid(entry, completion, wire, is_right))
    return verdicts
