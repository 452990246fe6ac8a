"""Options are spelt alike in every command: with dashes or underscores, never abbreviated."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rlcall.__main__ import COMMANDS, METHODS
from rlcall.cli.options import CommandParser, fraction, fraction_below_one, positive_integer
from rlcall.data.rows import Row, write_rows
from tests.support.chat_server import chat, serving

NAMES = [name for commands in COMMANDS.values() for name in commands]
PARSED = [name for name in NAMES if name not in (*METHODS, "doctor")]
ROW = Row(messages=[{"role": "user", "content": "Hello"}], tools=[], answer={"calls": []}, id="r1")


def parser_of(name: str) -> CommandParser:
    return importlib.import_module(f"rlcall.cli.{name}").parser()


@pytest.mark.parametrize("name", PARSED)
def test_options_have_dashes_and_help(name: str) -> None:
    for action in parser_of(name)._actions:
        assert action.help, action.dest
        for option in action.option_strings:
            assert "_" not in option, option


def test_underscores_are_dashes_in_names_and_stay_in_values() -> None:
    words = ["phone", "--max_new_tokens", "7", "--batch_size=3", "--out", "my_file_.jsonl"]
    arguments = parser_of("pairs").parse_args([*words, "--rows_options", "{no_call_share: 0}"])
    assert (arguments.max_new_tokens, arguments.batch_size) == (7, 3)
    assert arguments.out == Path("my_file_.jsonl")
    assert arguments.rows_options == "{no_call_share: 0}"


@pytest.mark.parametrize(
    ("name", "words"), [("eval", ["m", "r", "--see", "1"]), ("audit", ["--ou", "f"])]
)
def test_nothing_is_abbreviated(
    name: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parser_of(name).parse_args(words)
    assert end.value.code == 2
    assert f"unrecognized arguments: {words[-2]}" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", ""])
def test_a_count_is_a_whole_number_from_one(text: str) -> None:
    with pytest.raises(Exception, match="whole number of at least 1"):
        positive_integer(text)


def test_fractions_have_their_limits() -> None:
    assert (fraction("1"), fraction_below_one("0.5")) == (1, 0.5)
    for text in ("1.01", "-0.1", "nan", "half"):
        with pytest.raises(Exception, match="from 0 to 1"):
            fraction(text)
    with pytest.raises(Exception, match="below 1"):
        fraction_below_one("1")


def test_the_list_of_commands_has_headings_and_each_command() -> None:
    done = subprocess.run([sys.executable, "-m", "rlcall"], capture_output=True, text=True)
    headings = re.findall(r"^(\w+):$", done.stdout, re.MULTILINE)
    assert headings == ["rows", "rewards", "runs", "results"]
    assert re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE) == NAMES


def test_an_endpoint_is_evaluated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(tmp_path / "rows.jsonl", [ROW])
    with serving(lambda body: (200, chat("Hello!"))) as server:
        words = ["big", str(tmp_path / "rows.jsonl"), "--url", server.url, "--wire", "hermes"]
        out = tmp_path / "out"
        status = importlib.import_module("rlcall.cli.eval").main([*words, "--out", str(out)])
    assert status == 0, capsys.readouterr().err
    assert (out / "metrics.md").read_text(encoding="utf-8").startswith("# big on ")


def test_an_endpoint_has_to_be_told_a_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        importlib.import_module("rlcall.cli.eval").main(["big", "rows.jsonl", "--url", "http://x"])
    assert "--url needs --wire" in capsys.readouterr().err
