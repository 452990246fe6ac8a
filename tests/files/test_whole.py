"""Files and folders that appear only when they are whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rlcall.files.whole import move_whole, whole_file, whole_folder, write_whole


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_whole(path, '{"a": 1}')
    with pytest.raises(OSError, match="No space"), whole_file(path) as file:
        file.write('{"a"')
        raise OSError(28, "No space left on device")
    assert path.read_text() == '{"a": 1}'
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize("content", ["é\n\r\n", b"\x89PNG\r\n"])
def test_text_and_bytes_are_written_as_they_are(tmp_path: Path, content: str | bytes) -> None:
    write_whole(tmp_path / "file", content)
    expected = content.encode() if isinstance(content, str) else content
    assert (tmp_path / "file").read_bytes() == expected


def test_a_folder_takes_the_place_of_the_old_one_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "model"
    for text in ("one", "two"):
        with whole_folder(target) as part:
            (part / text).write_text(text)
            assert not (target / text).exists()
    assert [path.name for path in target.iterdir()] == ["two"]
    assert [path.name for path in target.parent.iterdir()] == ["model"]


def test_a_folder_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "model"
    target.mkdir()
    (tmp_path / ".model.part").mkdir()
    (tmp_path / ".model.part" / "torn").write_text("of a program that was killed")
    with pytest.raises(OSError, match="No space"), whole_folder(target) as part:
        assert not any(part.iterdir())
        raise OSError(28, "No space left on device")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_moves_into_place_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, flushed = tmp_path / ".part", []
    (part / "inner").mkdir(parents=True)
    (part / "inner" / "model.safetensors").write_bytes(b"weights")
    due = {
        path.stat().st_ino
        for path in (tmp_path, part, part / "inner", part / "inner" / "model.safetensors")
    }
    monkeypatch.setattr(
        "rlcall.files.whole.os.fsync",
        lambda number: flushed.append(os.fstat(number).st_ino),
    )
    move_whole(part, tmp_path / "best")
    assert set(flushed) == due
    assert (tmp_path / "best" / "inner" / "model.safetensors").read_bytes() == b"weights"
