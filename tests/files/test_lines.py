"""JSON Lines files whose last line may be torn: what was written whole is read, and nothing
else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rlcall.files.lines import LineError, append, read_whole, truncate_torn, write

# A high half of a surrogate pair before a low one is the character that they make, in JSON.
TEXTS = st.text(st.characters(exclude_categories=[], max_codepoint=0xDBFF)) | st.text()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=5
)
OBJECTS = st.lists(st.dictionaries(TEXTS, VALUES), max_size=5)


@given(OBJECTS, OBJECTS, st.data())
@example([{"text": "one\u2028two\x85three\rfour\nfive \ud800"}], [{}], None)
def test_a_file_cut_anywhere_holds_its_whole_lines(
    first: list[dict[str, Any]], then: list[dict[str, Any]], data: st.DataObject | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.jsonl"
        append(path, first[:2])
        append(path, first[2:])
        assert read_whole(path) == first
        content = path.read_bytes()
        content.decode()  # is UTF-8 whatever the text
        cut = data.draw(st.integers(0, len(content))) if data else len(content) - 1
        path.write_bytes(content[:cut])
        whole = first[: content[:cut].count(b"\n")]
        assert read_whole(path) == whole
        truncate_torn(path)
        append(path, then)
        assert read_whole(path) == whole + then


def test_where_there_is_no_file(tmp_path: Path) -> None:
    truncate_torn(tmp_path / "no.jsonl")
    assert read_whole(tmp_path / "no.jsonl") == []
    assert not any(tmp_path.iterdir())


def test_a_whole_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a": 1}\n{"a"\n')
    with pytest.raises(LineError, match=r"lines\.jsonl, line 2: is not JSON: .*remove the line"):
        read_whole(path)
    path.write_bytes(b'{"a": "\xff"}\n')
    with pytest.raises(LineError, match="line 1: is not JSON"):
        read_whole(path)


def test_all_lines_are_written_or_none(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    write(path, [{"a": "é"}])
    assert path.read_text(encoding="utf-8") == '{"a": "é"}\n'
    with pytest.raises(TypeError):
        write(path, [{"a": 1}, {"b": object()}])
    with pytest.raises(TypeError):
        append(path, [{"a": 1}, {"b": object()}])
    assert read_whole(path) == [{"a": "é"}]
