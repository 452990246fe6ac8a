"""`rlcall doctor`: what is wrong with a run before hours are spent on it, from versions to two real
steps.

    $ rlcall doctor --config configs/grpo.yaml --num-generations 3
    error    batch   TRL refuses these settings: generation_batch_size (32) must be ...
    ok       launch  1 rank, plain PyTorch (no accelerate file needed)

Exit status: 0 where there are only warnings; 1 where there are errors; 2 where an argument is
wrong. docs/doctor.md lists what is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rlcall.cli.console import open_console
from rlcall.doctor.finding import SEVERITIES, RunFinding, attempt
from rlcall.doctor.versions import check_required
from rlcall.errors import ConfigError
from rlcall.model.runtime import prepare_environment
from rlcall.show.visible import visible
from rlcall.train.config import parse, read_arguments
from rlcall.train.methods import METHODS

STYLES = {"error": "bold red", "warning": "yellow", "ok": "green"}
DEFAULT_METHOD = "grpo"
USAGE = """\
usage: rlcall doctor [--config FILE] [--method METHOD] [--accelerate-config FILE] [--no-steps]
                     [--key value ...]

Find what is wrong with a run before hours are spent on it, and take two steps of it for real.

  --config FILE             the run's config (default: configs/<method>.yaml)
  --method METHOD           grpo, sft or dpo (default: the config's name if it is one, else grpo)
  --accelerate-config FILE  the file that `accelerate launch --config_file` will be given
  --ranks N                 how many processes, instead of that file's num_processes
  --no-steps                take no steps
  --key value               any other key of the run, as in `rlcall grpo`
"""


class DoctorArguments(NamedTuple):
    """The doctor's own options, and the words that are left for the run's parser."""

    method: str
    accelerate_config: str | None
    takes_steps: bool
    run_words: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Examine a run and return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if "--help" in words or "-h" in words:
        print(USAGE, end="")
        return 0
    try:
        arguments = read_doctor_arguments(words)
    except ConfigError as error:
        print(visible(f"rlcall doctor: {error}\n\n{USAGE}"), file=sys.stderr, end="")
        return 2
    prepare_environment()
    try:
        with _waiting():
            findings = _examine(arguments)
    except KeyboardInterrupt:
        print("rlcall doctor: interrupted", file=sys.stderr)
        return 130
    show(arguments.method, findings)
    return 1 if any(finding.severity == "error" for finding in findings) else 0


def read_doctor_arguments(words: list[str]) -> DoctorArguments:
    """Part the doctor's options from the run's. ConfigError for what the command line should not
    have."""
    options = [word for word in words if word not in ("--no-steps", "--no_steps")]
    path, overrides = read_arguments(DEFAULT_METHOD, options)
    method = overrides.pop("method", path.stem if path.stem in METHODS else DEFAULT_METHOD)
    if method not in METHODS:
        raise ConfigError(f"--method is {method}, but must be one of {', '.join(METHODS)}")
    accelerate_config = overrides.pop("accelerate_config", None)
    run_words = [f"--{key}={text}" for key, text in overrides.items()]
    if any(word.partition("=")[0] == "--config" for word in options):
        if not path.is_file():
            raise ConfigError(f"--config: {path} is not a file")
        run_words = ["--config", str(path), *run_words]
    return DoctorArguments(method, accelerate_config, len(options) == len(words), run_words)


def _examine(arguments: DoctorArguments) -> list[RunFinding]:
    missing = list(check_required())
    if missing:
        return missing  # nothing else can be imported
    findings: list[RunFinding] = []
    config = attempt("config", lambda: parse(arguments.method, arguments.run_words), findings)
    if config is None:
        return findings
    from rlcall.doctor.examine import examine

    return examine(config, arguments.accelerate_config, arguments.takes_steps)


def _waiting() -> AbstractContextManager[Any]:
    """Show a sign of life on a terminal."""
    return Console(stderr=True).status("examining") if sys.stderr.isatty() else nullcontext()


def show(method: str, findings: Sequence[RunFinding]) -> None:
    """Print a line for each finding, errors before warnings, with what to change below it."""
    console = open_console()
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    counts = dict.fromkeys(SEVERITIES, 0)
    for severity in SEVERITIES:
        for finding in findings:
            if finding.severity != severity:
                continue
            counts[severity] += 1
            text = Text(visible(finding.message))
            if finding.remedy:
                text.append("\nchange: ", style="bold").append(visible(finding.remedy))
            table.add_row(Text(severity, style=STYLES[severity]), finding.about, text)
    console.print(table)
    errors, warnings = counts["error"], counts["warning"]
    console.print(f"{method}: {_count(errors, 'error')}, {_count(warnings, 'warning')}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
