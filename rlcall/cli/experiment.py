"""`rlcall experiment PLAN`: several methods on the same rows from the same weights, and one page that compares them.

    $ rlcall experiment configs/compare/cpu.yaml
    $ rlcall experiment configs/compare/gpu.yaml --minutes 9       # again and again until it says it is done
    $ rlcall experiment my.yaml --out runs/mine --seeds '[1, 2, 3]'

Any key of the plan can be given on the command line. Exit status: 0 done, 75 out of time (the same command goes on),
2 a mistake, 130 interrupted. docs/experiments.md has plans and what comes out.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rlcall.cli import compare as cli_compare
from rlcall.cli import eval as cli_eval
from rlcall.cli import pairs as cli_pairs
from rlcall.cli import passrate as cli_passrate
from rlcall.cli import tasks as cli_tasks
from rlcall.files.yaml import YamlError, parse_yaml

OUT_OF_TIME = 75  # EX_TEMPFAIL of sysexits.h
NEEDED = ("trl", "pydantic", "matplotlib")
METHODS = ("sft", "dpo", "grpo")
PARSERS = {
    "tasks": cli_tasks._parser,
    "pairs": cli_pairs._parser,
    "passrate": cli_passrate._parser,
    "eval": cli_eval._parser,
    "compare": cli_compare._parser,
}


def main(argv: Sequence[str] | None = None) -> int:
    arguments, rest = _parser().parse_known_args(argv)
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        print(
            f"rlcall experiment: needs {missing[0]}; pip install 'rlcall[train,plots]' has it",
            file=sys.stderr,
        )
        return 2
    from rlcall.experiment.pieces import drafts, pieces
    from rlcall.experiment.plan import keep_plan, read_plan
    from rlcall.experiment.run import PieceError, do
    from rlcall.experiment.tuning import TRIES

    try:
        plan = read_plan(arguments.plan, _changes(rest))
        for command in drafts(plan):
            _understand(command)
        keep_plan(plan)
        if not do(plan, pieces(plan), arguments.minutes):
            words = sys.argv[2:] if argv is None else argv
            print(f"\nout of time; to go on:\n  rlcall experiment {shlex.join(words)}")
            return OUT_OF_TIME
    except (PieceError, YamlError, ValueError) as error:
        print(f"rlcall experiment: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    made = plan.out / "page" / "compare.html" if plan.seeds else plan.out / "tuning" / TRIES
    print(f"\ndone: {made}")
    return 0


def _understand(command: list[str]) -> None:
    """Have the parser of a command read it, which says what is wrong. ConfigError, SystemExit."""
    from rlcall.train.config import parse

    name, *rest = command[command.index("rlcall") + 1 :]
    if name in METHODS:
        parse(name, rest)
    else:
        PARSERS[name]().parse_args(rest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall experiment", description="Compare methods on the same rows."
    )
    parser.add_argument("plan", type=Path, help="a YAML file, as in configs/compare/")
    parser.add_argument(
        "--minutes", type=float, help="stop after so many; the same command goes on"
    )
    return parser


def _changes(words: Sequence[str]) -> dict[str, Any]:
    """`["--out", "runs/mine"]` -> `{"out": "runs/mine"}`. YamlError, ValueError."""
    if len(words) % 2 or not all(word.startswith("--") for word in words[::2]):
        raise ValueError(f"the command line has {' '.join(words)} where --key value was expected")
    return {key[2:]: parse_yaml(value) for key, value in zip(words[::2], words[1::2], strict=True)}
