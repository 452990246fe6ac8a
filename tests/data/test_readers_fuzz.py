"""Whatever a file holds, a reader gives rows or reasons; every row is right by its own answer."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlcall import wire
from rlcall.data.readers import bfcl, nestful, toolrl
from rlcall.data.reading.counts import Reading
from rlcall.data.rows import Row, RowError
from rlcall.verify import verify
from tests.data import test_bfcl, test_nestful, test_toolrl
from tests.support.readings import parted

# What data sets hold where something else should stand
ODD: list[Any] = [
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    "$var1$",
    "$$",
    "a: b",
    '{"a": 1}',
    "[{",
    [],
    [None],
    [[]],
    [1],
    {},
]
ODD += [
    {"a": 1},
    {"type": "string"},
    {"type": 5},
    {"type": ["x"]},
    {"enum": 5},
    {"$ref": "#"},
    {"required": "a"},
]
KEYS = ("type", "enum", "required", "properties", "items", "default", "x")


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value in which one to three places are changed, taken away or added to."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        if not (places := list(_places(value))):
            break
        parent, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["change", "take", "add"])):
            case "change":
                parent[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
            case "take":
                del parent[key]
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(ODD)))
            case "add":
                parent.insert(0, copy.deepcopy(draw(st.sampled_from(ODD))))
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in (
        list(value)
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    ):
        yield value, key
        yield from _places(value[key])


def read_toolrl(folder: Path, record: Any) -> Iterator[Reading]:
    """Tools and calls stand as JSON inside text, where they are damaged too."""
    path = folder / "rlla.jsonl"
    parameters = json.dumps(record["parameters"])
    tool = f"1. Name: Get News\nDescription: Fetch news.\nParameters: {parameters}"
    instruction = test_toolrl.INSTRUCTION.format(tools=tool)
    output = f"<tool_call>\n{json.dumps(record['call'])}\n</tool_call>"
    path.write_text(json.dumps({**record, "instruction": instruction, "output": output}))
    return toolrl.read(str(path))


def read_nestful(folder: Path, record: Any) -> Iterator[Reading]:
    for kind in ("data", "spec"):
        (folder / f"x-{kind}.json").write_text(json.dumps(record[kind]))
    return nestful.read(str(folder))


def read_bfcl(folder: Path, record: Any) -> Iterator[Reading]:
    data = test_bfcl.write(folder, "simple_python", None) / "bfcl_eval" / "data"
    for name in (".", "possible_answer"):
        (data / name / "BFCL_v4_simple_python.json").write_text(json.dumps(record[name]))
    return bfcl.read(str(folder))


TOOLRL = {
    "parameters": {
        "q": {"type": "str", "default": ""},
        "n": {"type": "List[int], optional", "default": "[1]"},
    },
    "call": {"name": "Get News", "parameters": {"q": "cats", "n": "[3]"}},
    "input": "<user> Go! </user>",
}
CHAIN = [
    test_nestful.call(query="$5 menu$", kind="city"),
    test_nestful.call("var2", query="$var1.area.name$", near="$var1.id$"),
]
NESTFUL = {"data": [{"input": "Where is it?", "output": CHAIN}], "spec": [test_nestful.SPEC]}
TRUTH = test_bfcl.call(
    city=["Paris", "$5$"],
    days=[2, ""],
    who=[{"name": ["Ann", "Bo"], "age": [7, ""]}],
    unit=["", "F"],
)
QUESTION = {
    "id": "a",
    "question": [[{"role": "user", "content": "?"}]],
    "function": [test_bfcl.TOOL],
}
BFCL = {".": QUESTION, "possible_answer": {"id": "a", "ground_truth": TRUTH}}

Read = Callable[[Path, Any], Iterator[Reading]]
FORMS: dict[
    str, tuple[Read, Any, tuple[str, ...]]
] = {  # reader, record, and the keys whose loss breaks the whole file
    "toolrl": (read_toolrl, TOOLRL, ("parameters", "call")),
    "nestful": (read_nestful, NESTFUL, ("data", "spec")),
    "bfcl": (read_bfcl, BFCL, (".", "possible_answer")),
}


def is_right(row: Row) -> bool:
    calls = row.wanted.gold_calls()
    text = wire.get("nestful").render(calls) if calls else ""
    return verify(text, row.tools, row.answer, wire="nestful").correct is True


@pytest.mark.parametrize("form", FORMS)
def test_the_record_as_it_should_be_gives_a_row(form: str, tmp_path: Path) -> None:
    read, record, _ = FORMS[form]
    (row,), errors, _ = parted(read(tmp_path, record))
    assert is_right(row) and not errors


@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_record_gives_a_right_row_or_a_reason(
    form: str, data: st.DataObject, tmp_path: Path
) -> None:
    read, record, kept = FORMS[form]
    changed = data.draw(damaged(record))
    try:
        rows, errors, _ = parted(read(tmp_path, {**{key: record[key] for key in kept}, **changed}))
    except RowError as error:
        assert error.path.startswith(str(tmp_path)) and error.reason
        return
    assert all(map(is_right, rows)) and all(error.reason for error in errors)
