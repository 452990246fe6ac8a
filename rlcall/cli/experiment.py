"""`rlcall experiment PLAN`: several methods on the same rows from the same weights, and one page
that compares them.

    $ rlcall experiment configs/compare/cpu.yaml
    $ rlcall experiment configs/compare/gpu.yaml --minutes 9   # again until it says it is done
    $ rlcall experiment my.yaml --out runs/mine --seeds '[1, 2, 3]'

Any key of the plan can be given on the command line. Exit status: 0 done, 75 out of time (the same
command goes on), 2 a mistake, 130 interrupted. docs/experiments.md explains plans and what comes
out.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rlcall.cli.console import report_mistake
from rlcall.cli.options import CommandParser
from rlcall.errors import ConfigError, UserError
from rlcall.files.yaml import parse_yaml
from rlcall.train.methods import METHODS

OUT_OF_TIME = 75  # EX_TEMPFAIL of sysexits.h
REQUIRED = ("trl", "matplotlib")


def main(argv: Sequence[str] | None = None) -> int:
    """Do what a plan says, for as long as there is time, and return the exit status."""
    arguments, changes = parser().parse_known_args(argv)
    for name in REQUIRED:
        if find_spec(name) is None:
            error = ConfigError(f"needs {name}; pip install 'rlcall[train,plots]' has it")
            return report_mistake("experiment", error)
    from rlcall.experiment.plan import keep_plan, read_plan
    from rlcall.experiment.run import do
    from rlcall.experiment.steps import draft_commands, steps
    from rlcall.experiment.tuning import TRIES

    try:
        plan = read_plan(arguments.plan, read_changes(changes))
        for command in draft_commands(plan):
            _check_command(command)
        keep_plan(plan)
        if not do(plan, steps(plan), arguments.minutes):
            words = sys.argv[2:] if argv is None else argv
            print(f"\nout of time; to go on:\n  rlcall experiment {shlex.join(words)}")
            return OUT_OF_TIME
    except UserError as error:
        return report_mistake("experiment", error)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    result = plan.out / "page" / "compare.html" if plan.seeds else plan.out / "tuning" / TRIES
    print(f"\ndone: {result}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall experiment`; keys of the plan are not among its options."""
    command = CommandParser("experiment", "Compare methods on the same rows.")
    command.add_argument("plan", type=Path, help="a YAML file, as in configs/compare/")
    command.add_argument(
        "--minutes", type=float, help="stop after this many; the same command goes on"
    )
    return command


def _check_command(command: list[str]) -> None:
    """Have the parser of a command read it, which says what is wrong. ConfigError, SystemExit."""
    from rlcall.cli import compare, eval, pairs, passrate, tasks
    from rlcall.train.config import parse

    commands = {
        "tasks": tasks,
        "pairs": pairs,
        "passrate": passrate,
        "eval": eval,
        "compare": compare,
    }
    name, *words = command[command.index("rlcall") + 1 :]
    if name in METHODS:
        parse(name, words)
    else:
        commands[name].parser().parse_args(words)


def read_changes(words: Sequence[str]) -> dict[str, Any]:
    """`["--out", "runs/mine"]` -> `{"out": "runs/mine"}`. YamlError, ConfigError."""
    keys, values = words[::2], words[1::2]
    if len(keys) != len(values) or not all(key.startswith("--") for key in keys):
        shown = " ".join(words)
        raise ConfigError(f"the command line has {shown} where --key value was expected")
    changes = {}
    for key, value in zip(keys, values, strict=True):
        changes[key[2:].replace("-", "_")] = parse_yaml(value)
    return changes
