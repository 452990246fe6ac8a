"""Every command that a page, a config or a docstring shows is one that the real parsers take.

    $ rlcall eval big rows.jsonl --url http://localhost:8000/v1 --wire hermes --out runs/big

A line of a code block is parsed whole, one in running text (`rlcall pairs --right`) option by
option.
"""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

import pytest

from rlcall.__main__ import COMMANDS
from rlcall.cli import doctor, experiment
from rlcall.experiment.plan import Plan
from rlcall.train import config
from rlcall.train.methods import METHODS
from rlcall.train.settings import RunConfig

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [
    *PAGES,
    *sorted((ROOT / "launch").glob("*.py")),
    *sorted((ROOT / "rlcall").rglob("*.py")),
    *sorted((ROOT / "configs").rglob("*.yaml")),
]
# `$ rlcall ...`, `accelerate launch ... launch/grpo.py ...`; behind a `#` in a config
LINE = re.compile(r"^[\s#$]*(?:(?:for|until|accelerate launch|rlcall) .*)$", re.MULTILINE)
COMMAND = re.compile(r"(?:\brlcall|launch/) ?(?P<name>[a-z]+)(?:\.py)?(?P<words>(?= |$).*)")
IN_TEXT = re.compile(r"`rlcall ([a-z]+) ([^`]*--[^`]*)`", re.DOTALL)
OPTION = re.compile(r"(?<![\w-])--[A-Za-z][\w-]*")
ALONE = re.compile(r"`(--[A-Za-z][\w-]*)[^`]*`")
NAMES = {name for commands in COMMANDS.values() for name in commands}
ACCELERATE = {"--config_file", "--num_processes", "--machine_rank", "--cpu"}
BENCHMARKS = {"--prompts", "--requests"}  # of tests/bench
OTHERS = ACCELERATE | BENCHMARKS | {"--all"}  # an example of a string that is no number


def command_lines(file: Path) -> list[tuple[str, list[str]]]:
    """Return the commands of a file's lines: name and words. A line that stands for several
    (`[--key value ...]`) is none."""
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    commands = []
    for line in LINE.findall(text):
        for part in re.split(r"; | \|\| ", re.sub(r"\s# .*", "", line)):
            match = COMMAND.search(part)
            if match and match["name"] in NAMES and "..." not in part:
                commands.append((match["name"], shlex.split(match["words"])))
    return commands


LINES = [
    pytest.param(name, words, id=f"{file.relative_to(ROOT)}: {name} {shlex.join(words)}")
    for file in SHOWN
    for name, words in command_lines(file)
]


def spelt(keys: Iterable[str]) -> set[str]:
    return {f"--{key.replace('_', '-')}" for key in keys}


def options_of(name: str) -> set[str]:
    """Return the options of a command as they are spelt, with dashes."""
    if name == "experiment":
        return set(experiment.parser()._option_string_actions) | spelt(Plan.model_fields)
    if name in METHODS or name == "doctor":
        classes = [config.trainer_class(name if name in METHODS else "grpo"), RunConfig]
        keys = {key for fields in classes for key in config.field_types(fields)}
        keys |= {"config", "help"}
        if name == "doctor":
            keys |= {"method", "accelerate_config", "no_steps"}
        return spelt(keys)
    return set(importlib.import_module(f"rlcall.cli.{name}").parser()._option_string_actions)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the configs, and one of the reader's own."""
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    (tmp_path / "my.yaml").write_text("learning_rate: 1e-5\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name,words", LINES)
@pytest.mark.usefixtures("folder")
def test_a_shown_command_parses(name: str, words: list[str]) -> None:
    assert not [word for word in words if re.match(r"--\w+_", word)], "options have dashes"
    if name in METHODS:
        config.parse(name, words)
    elif name == "doctor":
        arguments = doctor.read_doctor_arguments(words)
        config.parse(arguments.method, arguments.run_words)
    elif name == "experiment":
        _, changes = experiment.parser().parse_known_args(words)
        assert experiment.read_changes(changes).keys() <= set(Plan.model_fields)
    else:
        importlib.import_module(f"rlcall.cli.{name}").parser().parse_args(words)


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_options_named_in_text_exist(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name, words in IN_TEXT.findall(text):
        if name in NAMES:
            assert set(OPTION.findall(words)) <= options_of(name), f"rlcall {name} {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_an_option_named_alone_is_one_of_some_command(page: Path) -> None:
    known = set(OTHERS)
    for name in NAMES:
        known |= options_of(name)
    for option in ALONE.findall(page.read_text(encoding="utf-8")):
        assert option in known, option


def test_the_commands_are_seen() -> None:
    """Each command but the trainers' doubles is shown somewhere, so that no pattern above reads
    past them."""
    names = {parameter.values[0] for parameter in LINES}
    assert names == NAMES
    assert len(LINES) > 90
