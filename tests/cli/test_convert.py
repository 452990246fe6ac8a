"""`rlcall convert` as a user runs it: what is printed, what is written, and with which exit
status it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli.convert import main
from rlcall.data import formats
from rlcall.data.formats import READERS
from rlcall.data.reading.counts import KINDS, Counts, Reading, gather, read_each
from rlcall.data.reading.records import SourceRecord
from rlcall.data.rows import Row, RowError, read_rows
from rlcall.errors import ConfigError
from tests.support.bfcl_completions import DATA
from tests.support.bfcl_wheel import BFCL
from tests.support.docs import read_pages

PAGES = (
    *("data.md", "data-agents.md", "data-benchmarks.md", "data-conversations.md"),
    "data-writing.md",
)
GOOD = {"messages": [{"role": "user", "content": "é?"}], "tools": [], "answer": {"calls": []}}
BAD = {**GOOD, "answer": {"cals": []}}


def source(tmp_path: Path, *values: Any) -> str:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return str(path)


def convert(*arguments: str) -> int:
    return main(["--from", "rows", *arguments])


def test_rows_are_written_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "out.jsonl"
    assert convert(source(tmp_path, GOOD, {**GOOD, "id": "a"}), str(out)) == 0
    assert capsys.readouterr() == ("2 read, 2 rows, 0 set aside\n", "")
    assert [row.id for row in read_rows(out)] == [None, "a"]
    assert "é" in out.read_text(encoding="utf-8")


def test_what_is_set_aside_is_named_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert convert(source(tmp_path, GOOD, BAD, [1], GOOD), str(out)) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "4 read, 2 rows, 2 set aside"
    assert sorted(printed.out.splitlines()[1:]) == [
        "       1  is not an object",
        "       1  unknown key",
    ]
    first, second = printed.err.splitlines()
    assert first.endswith("in.jsonl, line 2: answer.cals: unknown key. Did you mean 'calls'?")
    assert second.endswith("in.jsonl, line 3: is not an object. It is [1].")
    assert len(read_rows(out)) == 2


def test_strict_stops_at_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("older")
    assert convert("--strict", source(tmp_path, GOOD, BAD, [1]), str(out)) == 1
    printed = capsys.readouterr()
    assert (
        printed.out == "" and "line 2: answer.cals" in printed.err and "line 3" not in printed.err
    )
    assert "nothing was written" in printed.err and out.read_text() == "older"
    assert convert("--strict", source(tmp_path, GOOD), str(out)) == 0
    assert len(read_rows(out)) == 1 and sorted(tmp_path.iterdir()) == [tmp_path / "in.jsonl", out]


def test_no_rows_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    assert convert(source(tmp_path, BAD), str(out)) == 1
    assert "1 read, 0 rows, 1 set aside" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.jsonl", None, "cannot be read: No such file or directory"),
        ("in.txt", b"", ".txt is none of .json, .jsonl, .parquet"),
        (
            "in.json",
            b'[{"a": 1}, {"a": ',
            "is not JSON: an item that begins at character 11 is broken",
        ),
        ("in.json", b'[{"a": 1}', "is not JSON: the list is cut off"),
        ("in.json", b'{"a":\n 1}', "is neither a list of records nor one record a line"),
    ],
)
def test_a_file_that_cannot_be_read(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    message: str,
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert convert(str(tmp_path / name), str(tmp_path / "out.jsonl")) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and f"{tmp_path / name}: {message}" in printed.err
    assert not (tmp_path / "out.jsonl").exists()


def test_where_nothing_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert convert(source(tmp_path, GOOD), str(tmp_path / "file" / "out.jsonl")) == 2
    assert "rlcall convert: " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--from", "bfc"], ["--from", "rows", "--to", "bfcl"], []])
def test_a_form_that_there_is_not(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "a.jsonl", "b.jsonl"])
    assert stopped.value.code == 2 and "--from" in capsys.readouterr().err


def test_a_row_that_the_other_form_cannot_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(row: Row) -> dict[str, Any]:
        if row.id == "b":
            raise RowError("row", 0, "answer", "has no such form", "It is b.")
        return {"only": row.id}

    monkeypatch.setitem(formats.WRITERS, "rows", write)
    out = tmp_path / "out.jsonl"
    assert convert(source(tmp_path, *({**GOOD, "id": id} for id in "abc")), str(out)) == 0
    assert [json.loads(line) for line in out.read_text().splitlines()] == [
        {"only": "a"},
        {"only": "c"},
    ]
    printed = capsys.readouterr()
    assert printed.err.endswith("in.jsonl, line 2: answer: has no such form. It is b.\n")
    assert printed.out == "3 read, 2 rows, 1 set aside\n       1  has no such form\n"


BROKEN = [
    {"enum": 5},
    {"type": ["a", "b"]},
    {"type": 5},
    {"minLength": "x"},
    {"multipleOf": 0},
    {"items": 5},
    "x",
]


@pytest.mark.parametrize("schema", BROKEN, ids=str)
def test_a_tool_that_is_broken_sets_its_row_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], schema: Any
) -> None:
    """Held against such a schema, a completion would make the verifier raise in the middle of a
    run."""
    function = {"name": "f", "parameters": {"type": "object", "properties": {"a": schema}}}
    row = {**GOOD, "tools": [{"type": "function", "function": function}]}
    assert convert(source(tmp_path, row, GOOD), str(tmp_path / "out.jsonl")) == 0
    printed = capsys.readouterr()
    assert "line 1: tools" in printed.err
    assert ": a tool's definition cannot be used. tool 'f': $.properties" in printed.err
    assert printed.out.endswith("1 set aside\n       1  a tool's definition cannot be used\n")


@pytest.mark.parametrize("depth", [400, 900])
def test_what_is_nested_too_deeply_is_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], depth: int
) -> None:
    schema = '{"items": ' * depth + "{}" + "}" * depth
    tools = f'[{{"type": "function", "function": {{"name": "f", "parameters": {schema}}}}}]'
    deep = f'{{"messages": [{{"role": "user", "content": "x"}}], "tools": {tools}, "answer": null}}'
    (tmp_path / "in.jsonl").write_text(f"{deep}\n{json.dumps(GOOD)}\n")
    assert convert(str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")) == 0
    printed = capsys.readouterr()
    assert (
        printed.out.startswith("2 read, 1 rows, 1 set aside") and "nested too deeply" in printed.err
    )


def record(value: dict[str, Any]) -> SourceRecord:
    return SourceRecord(value, "x.json", 7)


def test_a_record_may_give_several_rows_and_errors() -> None:
    def convert(each: SourceRecord, notes: list[str]) -> Any:
        notes.append("seen")
        yield each.row({**GOOD, "id": f"{each.id}.0"})
        yield each.error("turns[1]", "no turn")
        yield each.row(GOOD)
        raise each.error("turns[3]", "no turn", "It is empty.")

    (reading,) = read_each([record({})], convert)
    assert [row.id for row in reading.rows] == ["x-7.0", "x-7"]
    assert [str(error) for error in reading.set_aside] == [
        "x.json[7]: turns[1]: no turn",
        "x.json[7]: turns[3]: no turn. It is empty.",
    ]
    rows, counts = gather([reading])
    assert (
        len(rows) == 2
        and str(counts) == "1 read, 2 rows, 2 set aside\n       2  no turn\n  note: 1 seen"
    )


def test_a_record_that_gives_nothing_is_set_aside() -> None:
    (reading,) = read_each([record({})], lambda each, notes: [])
    assert [error.reason for error in reading.set_aside] == [
        "holds nothing that a row can be made of"
    ]


def test_notes_of_what_gave_no_row_are_not_counted() -> None:
    def convert(each: SourceRecord, notes: list[str]) -> Any:
        notes.append("seen")
        raise each.error("", "bad")

    assert next(read_each([record({})], convert)).notes == ()


def test_counts_take_little_memory_whatever_the_reasons() -> None:
    counts = Counts()
    for number in range(3 * KINDS):
        counts.add(Reading(set_aside=(RowError("x", number, "", f"reason {number}"),)))
    assert counts.set_aside == 3 * KINDS and len(counts.reasons) == KINDS + 1


# Form, its line in the page's table, where its real files are, the records and rows in them
SOURCES = [
    ("nestful", "NESTFUL", DATA / "nestful", 300, 155),
    ("toolrl", "ToolRL, `rlla_sft.json`", DATA / "toolrl" / "rlla_sft.json", 400, 372),
    ("toolrl", "ToolRL, `rlla_test.parquet`", DATA / "toolrl" / "rlla_test.parquet", 80, 72),
    ("bfcl", None, Path(BFCL or "no wheel of bfcl-eval, set BFCL to its path"), 4697, 3470),
]


@pytest.mark.parametrize(("form", "label", "where", "read", "rows"), SOURCES)
def test_the_real_files_and_the_page(
    form: str,
    label: str | None,
    where: Path,
    read: int,
    rows: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What `rlcall convert` prints of them is on docs/data-benchmarks.md, and what it writes can
    be read back."""
    if not where.exists():
        pytest.skip(f"no files: {where}")
    out = tmp_path / "rows.jsonl"
    assert main(["--from", form, str(where), str(out)]) == 0
    printed, page = capsys.readouterr(), read_pages(*PAGES)
    assert printed.out.startswith(f"{read:,} read, {rows:,} rows, {read - rows:,} set aside\n")
    assert len(printed.err.splitlines()) == read - rows
    assert f"\n{printed.out}" in page, f"{PAGES} should hold:\n{printed.out}"
    assert label is None or f"| {label} | {read:,} | {rows:,} | {rows / read:.1%} |" in page
    again, counts = gather(READERS["rows"](str(out)))
    assert len(again) == counts.read == rows


def test_the_page_names_each_form() -> None:
    page = read_pages(*PAGES)
    for form in {*READERS, *formats.WRITERS}:
        assert f"`{form}`" in page, f"{PAGES} say nothing of {form}"


@pytest.mark.parametrize(
    ("record", "form"),
    [
        (GOOD, "rows"),
        ({"query": "Hi", "tools": "[]", "answers": "[]"}, "xlam"),
        ({"conversations": [{"from": "human", "value": "Hi"}], "tools": "[]"}, "sharegpt"),
        ({"responses_create_params": {"input": "Hi"}}, "responses"),
    ],
)
def test_auto_names_the_form_it_took(
    record: Any, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = source(tmp_path, record)
    main(["--from", "auto", path, str(tmp_path / "out.jsonl")])
    assert f"{path} is read as {form}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"text": "Hi"}, "is in none of the forms that are recognised"),
        ([1], "has no records by which its form could be recognised"),
    ],
)
def test_auto_says_where_there_is_no_form(
    record: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--from", "auto", source(tmp_path, record), str(tmp_path / "out.jsonl")]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("form", ["bfcl", "when2call_test", "mobile_actions_eval"])
def test_a_benchmark_is_not_trained_on(form: str) -> None:
    with pytest.raises(ConfigError, match="is a benchmark"):
        load(f"{form}:data.jsonl", "train")


def load(source: str, split: str) -> tuple[list[Row], str]:
    pytest.importorskip("pydantic", reason="the training extra is not installed")
    from rlcall.sources import load_rows

    return load_rows(source, 2, 0, split, {})


def test_a_run_reads_every_form(tmp_path: Path) -> None:
    rows, note = load(f"rows:{source(tmp_path, BAD, GOOD, GOOD, GOOD)}", "train")
    assert len(rows) == 2 and "until there were 2 rows: 3 read, 2 rows, 1 set aside" in note
    with pytest.raises(RowError, match="gives no rows"):
        load(f"rows:{source(tmp_path, BAD)}", "train")


def test_nobody_trains_on_a_benchmark(tmp_path: Path) -> None:
    from tests.data.test_bfcl import call, write

    folder = write(tmp_path, "simple_python", call(city=["Paris"]))
    with pytest.raises(ValueError, match=r"train_rows: bfcl:.* is a benchmark"):
        load(f"bfcl:{folder}", "train")
    assert load(f"bfcl:{folder}", "test")[0][0].id == "simple_python_0"
