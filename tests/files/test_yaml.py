"""YAML as the project reads it, and what it writes, read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rlcall.files.yaml import YamlError, dump_yaml, parse_yaml, read_yaml

TEXTS = st.text(st.characters(exclude_categories=[]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8
)
ODD = st.text(st.sampled_from("ab:- \n\t#'\"[]{},&*!|>%@`01.eE_<?=~\x00\u2028é"))


def test_words_and_numbers_are_those_of_yaml_1_2() -> None:
    text = "a: no\nb: 1e-6\nc: on\nd: true\ne: 1.5\nf: 3\nh: null\ni: .5\nj: 1_000\nk: 1e0\nl: 010"
    assert parse_yaml(text) == {
        "a": "no",
        "b": 1e-6,
        "c": "on",
        "d": True,
        "e": 1.5,
        "f": 3,
        "h": None,
        "i": 0.5,
        "j": 1000,
        "k": 1.0,
        "l": 10,
    }


def test_anchors_and_merged_keys() -> None:
    text = "base: &base {lr: 1, size: 2}\nlong: {<<: *base, size: 3}\nlonger: {<<: *base, size: 4}"
    values = parse_yaml(text)
    assert values["long"] == {"lr": 1, "size": 3}
    assert values["longer"] == {"lr": 1, "size": 4}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("values: 1\nnames: 2\nvalues: 3\n", 3),
        ("a: {values: 1, values: 1}", 1),
        ("a: &a {values: 1}\nb: {<<: *a, values: 2,\n values: 3}", 3),
    ],
)
def test_a_key_given_twice_is_named_with_file_and_line(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(YamlError) as raised:
        read_yaml(path)
    assert str(raised.value) == f"{path}: line {line}: the key 'values' is given twice"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "holds list"),
        ("", "holds NoneType"),
        ("a: [b", "line 1: "),
        ("a: 1\nb: !!python/object:os.system {}", "line 2: could not determine a constructor"),
        ("[" * 1000, "nested too deeply"),
        ("a: 2026-13-45", "month must be in 1..12"),
        ("a: 1\n--- \nb: 2", "another document"),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(YamlError) as raised:
        read_yaml(path)
    assert message in str(raised.value)
    assert str(raised.value).startswith(f"{path}: ")


def test_missing_files_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(YamlError, match=r"no\.yaml: cannot be read: No such file"):
        read_yaml(tmp_path / "no.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9")
    with pytest.raises(YamlError, match=r"latin\.yaml: .*utf-8"):
        read_yaml(tmp_path / "latin.yaml")


@given(ODD)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_yaml(text)
    except YamlError as error:
        assert str(error)


@given(st.dictionaries(TEXTS, VALUES))
@example({"save_strategy": "no", "rate": 1e-6, "text": "1e-6", "time": "1:30", "n": "long " * 50})
def test_what_is_written_is_read_back_exactly(values: dict[str, Any]) -> None:
    text = dump_yaml(values)
    assert repr(parse_yaml(text)) == repr(values)  # keeps 1 and 1.0 and True apart, and the order


@given(st.dictionaries(TEXTS, VALUES))
@example({"save_strategy": "no", "rate": 1e-6, "text": "1e-6", "time": "1:30", "y": "=", "n": "~"})
def test_what_is_written_says_the_same_to_yaml_1_1(values: dict[str, Any]) -> None:
    yaml = pytest.importorskip("yaml")
    assert repr(yaml.safe_load(dump_yaml(values))) == repr(values)


def test_each_key_has_a_line_in_the_order_given() -> None:
    values = {"b": "no", "a": 1e-6, "rewards": {"my.py:f": 1.0}, "none": None, "empty": {}}
    assert dump_yaml(values).splitlines() == [
        'b: "no"',
        "a: 1.0e-06",
        "rewards:",
        '  "my.py:f": 1.0',
        "none: null",
        "empty: {}",
    ]
