"""`rlcall doctor`: what is wrong with a run before hours are spent on it, from versions to two real steps.

    $ rlcall doctor --config configs/grpo.yaml --num_generations 3
    error    batch   TRL refuses these settings: generation_batch_size (32) must be divisible by num_generations (3).
    ok       launch  1 rank, plain PyTorch (no accelerate file needed)

Exit status: 0 where there are warnings at most; 1 where there are errors; 2 for wrong arguments. docs/doctor.md lists
what is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rlcall.doctor.finding import SEVERITIES, Finding, attempt
from rlcall.doctor.versions import check_required
from rlcall.errors import ConfigError
from rlcall.model.runtime import prepare_environment
from rlcall.train.config import parse, read_arguments

PIPED_WIDTH = 160  # characters a line where the output is no terminal
STYLES = {"error": "bold red", "warning": "yellow", "ok": "green"}
METHODS = ("grpo", "sft", "dpo")
USAGE = """\
usage: rlcall doctor [--config FILE] [--method grpo|sft|dpo] [--accelerate_config FILE] [--no-steps] [--key value ...]

Find what is wrong with a run before hours are spent on it, and take two steps of it for real.

  --config FILE             the run's config; configs/<method>.yaml if it is left out
  --method METHOD           grpo, sft or dpo; the config's file name if it is one of them, else grpo
  --accelerate_config FILE  what `accelerate launch --config_file` will be given
  --ranks N                 how many processes, in the place of that file's num_processes
  --no-steps                take no steps
  --key value               any other key of the run, as in `rlcall grpo`
"""


class _Asked(NamedTuple):
    method: str
    accelerate_config: str | None
    steps: bool
    argv: list[str]
    """What is left for the run's own parser."""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--help" in arguments or "-h" in arguments:
        print(USAGE, end="")
        return 0
    try:
        asked = _read_arguments(arguments)
    except ConfigError as wrong:
        print(f"rlcall doctor: {wrong}\n\n{USAGE}", file=sys.stderr, end="")
        return 2
    prepare_environment()
    try:
        with _waiting():
            found = _examine(asked)
    except KeyboardInterrupt:
        print("rlcall doctor: interrupted", file=sys.stderr)
        return 130
    show(asked.method, found)
    return 1 if any(one.severity == "error" for one in found) else 0


def _read_arguments(arguments: list[str]) -> _Asked:
    """Our own options, and the rest. Raises ConfigError for what the command line should not have."""
    rest = [one for one in arguments if one != "--no-steps"]
    path, overrides = read_arguments(METHODS[0], rest)
    method = overrides.pop("method", path.stem if path.stem in METHODS else METHODS[0])
    if method not in METHODS:
        raise ConfigError(f"--method is {method}, but must be one of {', '.join(METHODS)}")
    accelerate_config = overrides.pop("accelerate_config", None)
    own = (
        ["--config", str(path)] if any(one.partition("=")[0] == "--config" for one in rest) else []
    )
    if own and not path.is_file():
        raise ConfigError(f"--config: {path} is no file")
    return _Asked(
        method,
        accelerate_config,
        len(rest) == len(arguments),
        own + [f"--{key}={text}" for key, text in overrides.items()],
    )


def _examine(asked: _Asked) -> list[Finding]:
    if missing := [*check_required()]:
        return missing  # nothing else can be imported
    found: list[Finding] = []
    config = attempt("config", lambda: parse(asked.method, asked.argv), found)
    if config is None:
        return found
    from rlcall.doctor.examine import examine

    return examine(config, asked.accelerate_config, asked.steps)


def _waiting() -> AbstractContextManager[Any]:
    """A sign of life on a terminal."""
    return Console(stderr=True).status("examining") if sys.stderr.isatty() else nullcontext()


def show(method: str, found: Sequence[Finding]) -> None:
    """A line for each finding, errors before warnings, with what to change below it."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in ({"no_wrap": True}, {"no_wrap": True}, {"overflow": "fold"}):
        table.add_column(**column)  # type: ignore[arg-type]
    for severity in SEVERITIES:
        for one in (one for one in found if one.severity == severity):
            told = Text.assemble(
                one.message, *((("\nchange: ", "bold"), one.remedy) if one.remedy else ())
            )
            table.add_row(Text(severity, style=STYLES[severity]), one.about, told)
    console.print(table)
    errors, warnings = (
        sum(one.severity == severity for one in found) for severity in SEVERITIES[:2]
    )
    console.print(
        f"{method}: {errors} error{'s'[: errors != 1]}, {warnings} warning{'s'[: warnings != 1]}."
    )
