"""Every command line in a fenced block of a page is one that the command's own parser takes."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest

from rlcall.__main__ import COMMANDS, METHODS
from rlcall.train.config import parse, read_arguments

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\s*(?:\$ )?(?:\w+=\S+ )*rlcall ([a-z]+)((?: .*)?)$", re.MULTILINE)
NAMES = {name for commands in COMMANDS.values() for name in commands}


def command_lines() -> list[tuple[str, str, str]]:
    """Return (page, command, its words) for each command line in a fenced block."""
    lines = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            joined = re.sub(r"\\\n\s*", "", block)
            for name, words in COMMAND.findall(joined):
                if name in NAMES:
                    lines.append((str(page.relative_to(ROOT)), name, words))
    return lines


LINES = command_lines()


def test_pages_have_command_lines() -> None:
    assert {name for _, name, _ in LINES} >= NAMES - {*METHODS, "verify"}


@pytest.mark.parametrize(("page", "name", "text"), LINES)
def test_its_parser_takes_it(page: str, name: str, text: str) -> None:
    words = shlex.split(re.split(r" (?:[|>&;]|\d>)", text)[0], comments=True)
    words = [word for word in words if word not in ("...", "--help")]
    if name in METHODS or name == "doctor":
        check_run_keys(name, words)
    else:
        _, unknown = importlib.import_module(f"rlcall.cli.{name}").parser().parse_known_args(words)
        assert name == "experiment" or not unknown


def check_run_keys(name: str, words: list[str]) -> None:
    """Read the keys of a run over the shipped config: pages name files that nobody has."""
    _, overrides = read_arguments("grpo", words)
    method = overrides.pop("method", "grpo") if name == "doctor" else name
    for own in ("accelerate_config", "no_steps"):
        if name == "doctor":
            overrides.pop(own, None)
    parse(method, [f"--{key}={value}" for key, value in overrides.items()])
