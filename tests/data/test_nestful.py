"""NESTFUL's chains: right under other labels and in another order; every broken one is caught."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from rlcall import wire
from rlcall.calls import Call, Reference, decode, references
from rlcall.data.readers import nestful
from rlcall.data.reading.answer_check import MISFIT
from rlcall.data.rows import Row, RowError
from rlcall.verify import verify
from tests.rules.test_properties import relabelled, reordered
from tests.support.bfcl_completions import DATA
from tests.support.readings import parted

FOLDER = DATA / "nestful"
FILES = ("executable", "non-executable-glaive", "non-executable-sgd")
PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "nestful.md"
real_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no NESTFUL files at {FOLDER}; set RLCALL_TEST_DATA"
)
each_format = pytest.mark.parametrize("form", ["nestful", "python"])

Chain = tuple[str, list[Call], str, str]  # id, calls, tools and answer as JSON text
Mutation = tuple[list[Call], str]  # a broken chain, and the code that says how


@lru_cache(maxsize=3)
def read(name: str) -> tuple[list[Row], list[RowError]]:
    """The rows of a file, and what is set aside."""
    return parted(nestful.read(str(FOLDER / f"{name}-data.json")))[:2]


def whole() -> Iterator[Chain]:
    """The chains that are in order in every respect, with their tools as specified."""
    for name in FILES:
        for row in read(name)[0]:
            assert row.answer is not None and row.id is not None
            yield row.id, _calls(row.answer["calls"]), row.tools_text, row.answer_text


def open_ended() -> Iterator[Chain]:
    """Yield chains whose tools and references are in order; their tools take and give anything."""
    for name in FILES:
        unusable = {place(error) for error in read(name)[1] if error.reason in UNUSABLE}
        for index, entry in enumerate(
            json.loads((FOLDER / f"{name}-data.json").read_text(encoding="utf-8"))
        ):
            if index not in unusable:
                chain = entry["output"][:-1]
                tools = [tool(called) for called in {call["name"]: None for call in chain}]
                yield (
                    f"{name}-{index}",
                    _calls(chain),
                    json.dumps(tools),
                    json.dumps({"calls": chain}),
                )


UNUSABLE = {nestful._REASONS[code] for code in ("unknown_tool", "same_label", "mention")}


def place(error: RowError) -> int:
    """The index of the entry that an error is about: `...data.json[7]`."""
    return int(error.path.rpartition("[")[2].rstrip("]"))


def _calls(chain: list[dict[str, Any]]) -> list[Call]:
    return [Call(call["name"], decode(call["arguments"]), call["label"]) for call in chain]


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


def writable(form: str, chains: Iterator[Chain]) -> Iterator[Chain]:
    """Yield the chains that a format can write: Python cannot write the tool `Real-Time_Search`."""
    for chain in chains:
        if wire.get(form).can_render(chain[1]):
            yield chain
        else:
            assert form == "python" and any("-" in call.name for call in chain[1]), chain[0]


@real_files
@each_format
@pytest.mark.parametrize(
    ("chains", "least"), [(whole, 150), (open_ended, 260)], ids=["whole", "open"]
)
def test_gold_is_correct_under_any_labels_and_order(form: str, chains: Any, least: int) -> None:
    seen = moved = 0
    for name, calls, tools, answer in writable(form, chains()):
        seen += 1
        for seed in range(3):
            order = reordered(calls, seed)
            moved += order != calls
            new = {
                call.label or "": f"x{seed}{index}" for index, call in enumerate(reversed(calls))
            }
            text = wire.get(form).render(relabelled(order, new))
            for run in (form, "auto"):
                verdict = verify(text, tools, answer, wire=run)
                assert (verdict.correct, verdict.wire, verdict.errors) == (True, form, ()), (
                    name,
                    text,
                )
    assert seen >= least and moved > 50, (seen, moved)


@real_files
@each_format
@pytest.mark.parametrize(
    "kind", ["dangling", "wrong_source", "wrong_path", "literal", "dropped", "doubled"]
)
def test_every_broken_chain_is_caught(kind: str, form: str) -> None:
    made = 0
    for name, calls, tools, answer in writable(form, open_ended()):
        for broken, code in MUTATIONS[kind](calls):
            made += 1
            verdict = verify(wire.get(form).render(broken), tools, answer, wire=form)
            assert verdict.correct is False and verdict.has(code), (name, broken, verdict.errors)
    assert made >= 150


# The schema is asked first: a result that the other tool does not give has no such path there.
SCHEMA_SAYS = ("wrong_path", "wrong_type", "not_in_enum")


@real_files
@pytest.mark.parametrize(
    "kind", ["dangling", "wrong_source", "wrong_path", "literal", "dropped", "doubled"]
)
def test_every_broken_chain_is_caught_with_the_tools_as_specified(kind: str) -> None:
    made = 0
    for name, calls, tools, answer in whole():
        for broken, code in MUTATIONS[kind](calls):
            made += 1
            verdict = verify(wire.get("nestful").render(broken), tools, answer, wire="nestful")
            codes = (code, *SCHEMA_SAYS) if kind in ("wrong_source", "literal") else (code,)
            assert verdict.correct is False and verdict.has(*codes), (name, broken, verdict.errors)
    assert made >= 70


def dangling(calls: list[Call]) -> Iterator[Mutation]:
    for broken in _replaced(calls, lambda _, reference: [Reference("var99", reference.path)]):
        yield broken, "dangling_reference"


def wrong_source(calls: list[Call]) -> Iterator[Mutation]:
    def others(index: int, reference: Reference) -> list[Reference]:
        right = next(call for call in calls if call.label == reference.label)
        unlike = [
            call
            for call in calls[:index]
            if (call.name, call.arguments) != (right.name, right.arguments)
        ]
        return [Reference(call.label or "", reference.path) for call in unlike]

    for broken in _replaced(calls, others):
        yield broken, "wrong_source"


def wrong_path(calls: list[Call]) -> Iterator[Mutation]:
    for broken in _replaced(
        calls, lambda _, reference: [Reference(reference.label, (*reference.path, "more"))]
    ):
        yield broken, "wrong_path"


def literal(calls: list[Call]) -> Iterator[Mutation]:
    for broken in _replaced(calls, lambda _, reference: [f"${reference.label}", {"id": 7}]):
        yield broken, "literal_for_reference"


def dropped(calls: list[Call]) -> Iterator[Mutation]:
    for index in range(len(calls)):
        yield [*calls[:index], *calls[index + 1 :]], "missing_call"


def doubled(calls: list[Call]) -> Iterator[Mutation]:
    """The same call once more, before itself and at the end."""
    for index, call in enumerate(calls):
        again = Call(call.name, call.arguments, "again")
        yield [*calls[:index], again, *calls[index:]], "duplicate_call"
        yield [*calls, again], "duplicate_call"


MUTATIONS: dict[str, Callable[[list[Call]], Iterator[Mutation]]] = {
    "dangling": dangling,
    "wrong_source": wrong_source,
    "wrong_path": wrong_path,
    "literal": literal,
    "dropped": dropped,
    "doubled": doubled,
}


def _replaced(
    calls: list[Call], values: Callable[[int, Reference], list[Any]]
) -> Iterator[list[Call]]:
    """The chain once for every reference in it and every value to put in that reference's place."""
    for index, call in enumerate(calls):
        for path, reference in references(call.arguments):
            for value in values(index, reference):
                changed = Call(call.name, _with(call.arguments, path, value), call.label)
                yield [*calls[:index], changed, *calls[index + 1 :]]


def _with(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(copy[path[0]], path[1:], new)
    return copy


@real_files
@pytest.mark.parametrize("name", FILES)
def test_the_page_lists_what_is_set_aside(name: str) -> None:
    rows, errors = read(name)
    by_reason = defaultdict(list)
    for error in errors:
        by_reason[error.reason].append(str(place(error)))
    head = f"`{name}`: {len(rows) + len(errors)} read, {len(rows)} rows, {len(errors)} set aside"
    table = [
        f"| {reason} | {len(which)} | {', '.join(which)} |"
        for reason, which in sorted(by_reason.items())
    ]
    for line in (head, *table):
        assert line in PAGE.read_text(encoding="utf-8"), f"{PAGE} should hold:\n" + "\n".join(
            (head, *table)
        )


SPEC = {
    "name": "find",
    "description": "Find a place.",
    "query_parameters": {
        "query": {"type": "String", "required": True, "description": "What to find."},
        "kind": {"type": "Enum", "allowed_values": ["city", "street"], "default": "city"},
        "near": {"type": "Number", "required": False},
    },
    "output_parameters": {
        "id": {"type": "Number"},
        "area": {"type": "object", "properties": {"name": "string"}},
    },
}


def small(tmp_path: Path, *calls: dict[str, Any]) -> tuple[list[Row], list[RowError]]:
    entry = {
        "input": "Where is it?",
        "output": [*calls, {"name": "var_result", "arguments": {"it": "$var1$"}}],
    }
    for kind, value in (("data", [entry]), ("spec", [SPEC, SPEC])):
        (tmp_path / f"x-{kind}.json").write_text(json.dumps(value))
    return parted(nestful.read(str(tmp_path)))[:2]


def call(label: str = "var1", name: str = "find", **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments, "label": label}


def test_an_entry_becomes_a_row(tmp_path: Path) -> None:
    chain = [call(query="$5 menu$"), call("var2", query="$var1.area.name$", near="$var1.id$")]
    rows, errors = small(tmp_path, *chain)
    properties = {
        "query": {"description": "What to find.", "type": "string"},
        "kind": {"enum": ["city", "street"], "default": "city"},
        "near": {"type": "number"},
    }
    area = {"type": "object", "properties": {"name": {"type": "string"}}}
    function = {
        "name": "find",
        "description": "Find a place.",
        "parameters": {"type": "object", "properties": properties, "required": ["query"]},
        "returns": {"type": "object", "properties": {"id": {"type": "number"}, "area": area}},
    }
    assert rows[0].to_json() == {
        "id": "x-data-0",
        "messages": [{"role": "user", "content": "Where is it?"}],
        "tools": [{"type": "function", "function": function}],
        "answer": {"calls": chain},
    }
    assert errors == []


@pytest.mark.parametrize(
    ("chain", "field", "code"),
    [
        ([call(name="look", query="x")], "output[0].arguments", "unknown_tool"),
        ([call(query="x"), call(query="y")], "output[1].arguments", "same_label"),
        (
            [call(query="x"), call("var2", query="in $var1.id$!")],
            "output[1].arguments.query",
            "mention",
        ),
        ([call(query="$var7.id$")], "output[0].arguments.query", "dangling_reference"),
        ([call(query="$var1.id$")], "output[0].arguments.query", "forward_reference"),
        ([call(query="x", where="y")], "output[0].arguments.where", "unknown_parameter"),
        ([call(kind="city")], "output[0].arguments.query", "missing_parameter"),
        ([call(query=5)], "output[0].arguments.query", "misfit"),
        ([call(query="x", kind="City")], "output[0].arguments.kind", "misfit"),
        (
            [call(query="x"), call("var2", query="$var1.name$")],
            "output[1].arguments.query",
            "wrong_path",
        ),
        (
            [call(query="x"), call("var2", query="$var1.id$")],
            "output[1].arguments.query",
            "wrong_result",
        ),
    ],
)
def test_a_chain_that_cannot_be_right_is_set_aside(
    tmp_path: Path, chain: Any, field: str, code: str
) -> None:
    rows, errors = small(tmp_path, *chain)
    (error,) = errors
    assert rows == [] and error.path.endswith("x-data.json[0]")
    assert (error.field, error.reason) == (field, nestful._REASONS.get(code, MISFIT))


@pytest.mark.parametrize(
    ("data", "spec", "reason"),
    [
        ([], [{"name": "find"}], "is not a tool"),
        ([], [SPEC, {**SPEC, "arguments": {}, "description": "Another."}], "two different tools"),
    ],
)
def test_a_specification_of_another_form_is_refused(
    tmp_path: Path, data: Any, spec: Any, reason: str
) -> None:
    (tmp_path / "x-data.json").write_text(json.dumps(data))
    (tmp_path / "x-spec.json").write_text(json.dumps(spec))
    with pytest.raises(RowError, match=reason):
        list(nestful.read(str(tmp_path / "x-data.json")))


def test_an_entry_of_another_form_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "x-data.json").write_text(json.dumps([{"input": "x"}, 7]))
    (tmp_path / "x-spec.json").write_text(json.dumps([SPEC]))
    rows, errors, _ = parted(nestful.read(str(tmp_path)))
    assert rows == [] and [error.reason for error in errors] == [
        "is not an entry of NESTFUL",
        "is not an object",
    ]


def test_a_folder_without_nestfuls_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RowError, match=r"Give a \*-data.json"):
        list(nestful.read(str(tmp_path)))
