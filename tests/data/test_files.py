"""Records of files: every kind of file, in little memory; an error instead of what is broken."""

from __future__ import annotations

import datetime
import io
import json
import math
import sys
import tracemalloc
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import RowError
from rlcall.files import json_list
from rlcall.files.json_list import items

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Dribble(io.StringIO):
    """A file that gives a few characters at a time, whatever is asked for."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(text)
        self.size = size

    def read(self, size: int | None = -1) -> str:
        return super().read(self.size)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 0, 2]), st.booleans(), st.integers(1, 7))
def test_the_items_of_a_list_are_its_items(
    values: list[Any], indent: int | None, ascii: bool, size: int
) -> None:
    text = f" {json.dumps(values, indent=indent, ensure_ascii=ascii)}\n"
    assert [json.loads(item) for item in items(Dribble(text, size))] == values


@given(st.lists(JSON, min_size=1, max_size=3), st.data(), st.integers(1, 7))
def test_a_list_that_is_cut_off_is_no_list(
    values: list[Any], data: st.DataObject, size: int
) -> None:
    text = json.dumps(values)
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError, match="is not"):
        list(items(Dribble(text[:cut], size)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "is not a list of records"),
        ("[{}] {}", "more follows the end of the list"),
        ("[{} {}]", "'{' is where a comma should be"),
        ("[{},]", "an item that begins at character 4 is broken"),
        ('[{"a": 1, "b": oops}]', "an item that begins at character 1 is broken"),
        ("[" * 100_000, "is broken"),
    ],
)
def test_what_is_wrong_with_a_list(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(items(io.StringIO(text)))


def test_a_quote_that_never_closes_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_list, "LONGEST", 1 << 17)
    file = io.StringIO('[{"a": "' + " " * 10_000_000)
    with pytest.raises(ValueError, match="is broken"):
        list(items(file))
    assert file.tell() < 1_000_000


def found(path: Path) -> list[Any]:
    """Each record's value with its place, and the text of each error."""
    return [
        (each.value, each.index, each.line)
        if isinstance(each, SourceRecord)
        else str(each).replace(f"{path.parent}/", "")
        for each in records(str(path))
    ]


FORMS = {
    "lines": ("a.jsonl", b'{"a": 1}\n\n{"a": 2}', [({"a": 1}, 0, 1), ({"a": 2}, 1, 3)]),
    "marked lines": ("a.jsonl", b'\xef\xbb\xbf{"a": 1}\r\n', [({"a": 1}, 0, 1)]),
    "lines called json": (
        "a.json",
        b'\n{"a": 1}\n{"a": 2}\n',
        [({"a": 1}, 0, 2), ({"a": 2}, 1, 3)],
    ),
    "list": ("a.json", b'\n[{"a": 1},\n {"a": 2}]', [({"a": 1}, 0, 0), ({"a": 2}, 1, 0)]),
    "marked list": ("a.json", b"\xef\xbb\xbf[]", []),
    "no lines": ("a.jsonl", b"", []),
}


@pytest.mark.parametrize(("name", "content", "expected"), FORMS.values(), ids=FORMS)
def test_the_forms_of_a_file(tmp_path: Path, name: str, content: bytes, expected: Any) -> None:
    (tmp_path / name).write_bytes(content)
    assert found(tmp_path / name) == expected


@pytest.mark.parametrize(
    ("name", "content", "errors"),
    [
        (
            "a.jsonl",
            b'{"a": 1\n[1]\n{"a": 1}\n',
            ["a.jsonl, line 1: is not JSON", "a.jsonl, line 2: is not an object"],
        ),
        (
            "a.jsonl",
            b'\xff\n{"a": NaN}\n{"a": 1}\n',
            ["line 1: is not UTF-8", "line 2: is not JSON: NaN is not a number"],
        ),
        (
            "a.json",
            b'[{"a": 1, "a": 2}, 5, {"a": 1}]',
            ["a.json[0]: is not JSON: the key 'a' is given twice", "a.json[1]"],
        ),
    ],
)
def test_what_is_no_record_comes_in_its_place(
    tmp_path: Path, name: str, content: bytes, errors: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    first, second, last = found(tmp_path / name)
    assert errors[0] in first and errors[1] in second
    assert last[0] == {"a": 1} and last[1] == 2


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_long_file_takes_little_memory(tmp_path: Path, name: str) -> None:
    line = json.dumps({"text": "x" * 1000})
    text = f"[{','.join([line] * 20_000)}]" if name == "a.json" else f"{line}\n" * 20_000
    (tmp_path / name).write_text(text)
    tracemalloc.start()
    count = sum(isinstance(each, SourceRecord) for each in records(str(tmp_path / name)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000 and peak < 2_000_000 < len(text) / 10


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the data extra is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "plain": [{"a": 1}, {"a": None}],
        "nan": [1.0, math.nan],
        "day": [datetime.date(2026, 1, 1)] * 2,
        "raw": [b"x", b"y"],
    }
    for name, values in columns.items():
        parquet.write_table(arrow.table({name: values}), tmp_path / f"{name}.parquet")
    assert found(tmp_path / "plain.parquet") == [
        ({"plain": {"a": 1}}, 0, 0),
        ({"plain": {"a": None}}, 1, 0),
    ]
    assert found(tmp_path / "nan.parquet")[0] == ({"nan": 1.0}, 0, 0)
    for name in ("nan", "day", "raw"):
        assert (
            f"{name}.parquet[1]: holds what JSON has no form for"
            in found(tmp_path / f"{name}.parquet")[1]
        )


def no_hub(*_: Any, **__: Any) -> Iterator[Any]:
    raise ConnectionError("no network")


def hub_of(load: Any) -> types.ModuleType:
    """A stand-in for the library `datasets`."""
    module = types.ModuleType("datasets")
    module.load_dataset = load  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("hf:owner/a-name_1.0", ("owner/a-name_1.0", None, "train")),
        ("hf:owner/name:test", ("owner/name", None, "test")),
        ("hf:owner/name/part:test", ("owner/name", "part", "test")),
    ],
)
def test_a_name_of_the_hub(monkeypatch: pytest.MonkeyPatch, name: str, asked: Any) -> None:
    seen = []

    def load(path: str, configuration: str | None, *, split: str, streaming: bool) -> Iterator[Any]:
        seen.append((path, configuration, split))
        assert streaming, "a large data set is not downloaded whole"
        return iter([{"a": 1}, {"a": b"bytes"}])

    monkeypatch.setitem(sys.modules, "datasets", hub_of(load))
    first, second = records(name)
    assert isinstance(first, SourceRecord) and (first.value, first.location) == (
        {"a": 1},
        f"{name}[0]",
    )
    assert isinstance(second, RowError) and seen == [asked]


@pytest.mark.parametrize(
    ("name", "library", "message"),
    [
        ("hf:owner", hub_of(no_hub), "is not the name of a data set"),
        ("hf:../name", hub_of(no_hub), "is not the name of a data set"),
        (
            "hf:owner/name",
            hub_of(no_hub),
            r"cannot be read from the hub\. ConnectionError: no network",
        ),
        ("hf:owner/name", None, r"pip install 'rlcall\[data\]'"),
        ("owner/name", hub_of(no_hub), "hf:owner/name for a data set of the hub"),
    ],
)
def test_a_hub_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, name: str, library: Any, message: str
) -> None:
    monkeypatch.setitem(sys.modules, "datasets", library)
    with pytest.raises(RowError, match=message):
        list(records(name))


def test_files_ask_no_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "datasets", hub_of(no_hub))
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    assert len(found(tmp_path / "a.jsonl")) == 1
