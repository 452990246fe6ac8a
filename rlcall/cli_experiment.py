"""`rlcall experiment PLAN`: several methods on the same rows from the same warm start, and one page that compares them.

    $ rlcall experiment configs/compare/cpu.yaml
    $ rlcall experiment configs/compare/gpu.yaml --minutes 9       # again and again until it says it is done
    $ rlcall experiment my.yaml --out runs/mine --seeds '[1, 2, 3]'

Any key of the plan can be given on the command line. Exit status: 0 done, 75 out of time (the same command goes on),
2 a mistake, 130 interrupted. docs/experiments.md has plans and what comes out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlcall.yaml_file import YamlError, parse_yaml

OUT_OF_TIME = 75  # EX_TEMPFAIL of sysexits.h


def main(argv: Sequence[str] | None = None) -> int:
    arguments, rest = _parser().parse_known_args(argv)
    try:
        from rlcall.experiment.pieces import pieces
        from rlcall.experiment.plan import PlanError, read_plan
        from rlcall.experiment.run import PieceError, do
    except ImportError as error:
        print(f"rlcall experiment: {error}; pip install 'rlcall[train]' has what it needs", file=sys.stderr)
        return 2
    try:
        plan = read_plan(arguments.plan, _changes(rest))
        if not do(plan, pieces(plan), arguments.minutes):
            print(f"\nout of time; to go on:\n  rlcall experiment {' '.join(sys.argv[2:])}")
            return OUT_OF_TIME
    except (PlanError, PieceError, YamlError, ValueError) as error:
        print(f"rlcall experiment: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    print(f"\ndone: {plan.out / 'page' / 'compare.html'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rlcall experiment", description="Compare methods on the same rows.")
    parser.add_argument("plan", type=Path, help="a YAML file, as in configs/compare/")
    parser.add_argument("--minutes", type=float, help="stop after so many; the same command goes on")
    return parser


def _changes(words: Sequence[str]) -> dict[str, Any]:
    """`["--out", "runs/mine"]` -> `{"out": "runs/mine"}`. YamlError, ValueError."""
    if len(words) % 2 or not all(word.startswith("--") for word in words[::2]):
        raise ValueError(f"the command line has {' '.join(words)} where --key value was expected")
    return {key[2:]: parse_yaml(value) for key, value in zip(words[::2], words[1::2], strict=True)}
