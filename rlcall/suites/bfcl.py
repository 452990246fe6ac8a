"""BFCL, the Berkeley Function Calling Leaderboard, from the wheel `bfcl-eval`: its entries, its checker, its averages.

    entries = read_entries("bfcl_eval-2026.3.23-py3-none-any.whl")    # pip download --no-deps bfcl-eval==2026.3.23
    with ast_checker("bfcl_eval-2026.3.23-py3-none-any.whl") as is_right:
        is_valid(entries[0], '[math.factorial(number=5)]', "python", is_right)      # True

All entries of the Python categories count, also the 22 of 2,351 whose answer breaks their own tool's schema: the
leaderboard counts them, and our verdict on them is that nothing is known. A model's text is read by our parser and
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One task: its row (without an answer where BFCL's breaks its own schema), tools and truth in BFCL's words."""

    row: Row
    category: str
    functions: Definitions
    truth: list[dict[str, Any]] | None


def read_entries(path: str) -> list[Entry]:
    """Every entry of the Python categories, in BFCL's order. RowError where `path` holds no BFCL."""
    root = _root(path)
    rows = {row.id: row for reading in bfcl.read(path) for row in reading.rows}
    return [entry for category in CATEGORIES for entry in _category(root, category, rows)]


def _category(root: Any, category: str, rows: Mapping[str | None, Row]) -> Iterator[Entry]:
    name = f"BFCL_v4_{category}.json"
    truths: dict[str, Any] = {}
    if "relevance" not in category:
        truths = {
            one["id"]: one["ground_truth"]
            for one in _lines(root / _DATA / "possible_answer" / name)
        }
    for one in _lines(root / _DATA / name):
        row = rows.get(one["id"]) or _unanswered(one, category)
        yield Entry(row, category, one["function"], truths.get(one["id"]))


def _unanswered(entry: Mapping[str, Any], category: str) -> Row:
    """The row of an entry whose answer cannot be right by its own schema."""
    functions = (
        {**f, "parameters": normalise(f.get("parameters") or {}, [], "$")}
        for f in entry["function"]
    )
    tools = [{"type": "function", "function": function} for function in functions]
    return Row(entry["question"][0], tools, None, id=entry["id"], task=category)


def _root(path: str) -> Any:
    root = zipfile.Path(path) if Path(path).is_file() and zipfile.is_zipfile(path) else Path(path)
    if not (root / _DATA / f"BFCL_v4_{CATEGORIES[0]}.json").is_file():
        raise RowError(path, 0, "", f"holds no {_DATA}/BFCL_v4_{CATEGORIES[0]}.json", _REMEDY)
    return root


def _lines(file: Any) -> Iterator[Any]:
    return map(json.loads, filter(str.strip, file.read_text(encoding="utf-8").split("\n")))


@contextmanager
def ast_checker(path: str) -> Iterator[Checker]:
    """BFCL's `ast_checker`, imported alone: whether calls, given tools in its own words, are right by the truth.

    Calls are [{name: arguments}]. This runs code of the wheel that the user names. Of the models' configuration, which
    would import every handler and its packages, the checker needs one boolean, so a stand-in takes its place. Nothing
    of it is left among the imported modules afterwards.
    """
    stand_in = types.ModuleType(f"{_PACKAGE}.constants.model_config")
    stand_in.MODEL_CONFIG_MAPPING = {"plain": types.SimpleNamespace(underscore_to_dot=False)}  # type: ignore[attr-defined]
    sys.path.insert(0, path)  # a wheel is a zip file, from which Python can import
    sys.modules[stand_in.__name__] = stand_in
    try:
        check = importlib.import_module(f"{_PACKAGE}.eval_checker.ast_eval.ast_checker").ast_checker
        python = importlib.import_module(f"{_PACKAGE}.constants.enums").Language.PYTHON
        yield lambda tools, calls, truth, category: bool(
            check(tools, calls, truth, python, category, "plain")["valid"]
        )
    finally:
        sys.path.remove(path)
        for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
            del sys.modules[name]


def is_valid(entry: Entry, completion: Any, wire: str, is_right: Checker) -> bool:
    """BFCL's verdict on a completion, read by our parser.

    Where calls are due, one block that cannot be read makes it invalid. Elsewhere BFCL asks only whether calls can be
    read: what cannot counts as abstaining, which is the leaderboard's rule and not ours.
    """
    parsed = wires.parse(completion, entry.row.tools, wire)
    if entry.truth is None:
        return bool(parsed.calls) is (entry.category not in IRRELEVANCE)
    if not parsed.calls or any(problem.code in wires.SURPLUS for problem in parsed.problems):
        return False
    calls = [{call.name: encode(call.arguments)} for call in parsed.calls]
    return is_right(entry.functions, calls, entry.truth, entry.category)


def valid(entries: Sequence[Entry], completions: Sequence[Any], wire: str, path: str) -> list[bool]:
    """BFCL's verdicts on one completion for each entry."""
    with ast_checker(path) as is_right:
        return [
            is_valid(entry, text, wire, is_right)
            for entry, text in zip(entries, completions, strict=True)
        ]
