"""`rlcall compare RUN...`: runs on the same evaluation rows, as tables, plots and one page that
opens from disk.

    $ rlcall compare runs/base runs/sft runs/dpo runs/grpo --out runs/page
    $ rlcall compare runs/seed-*/sft runs/seed-*/grpo --seeds --against runs/seed-0/sft

It reads what `rlcall eval RUN ROWS --out RUN/eval/NAME` has left in each run, and the run's log.
Exit status: 0, or 2 where there is nothing that can be compared. docs/compare.md explains every
figure.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rlcall.cli.console import report_mistake
from rlcall.cli.options import CommandParser
from rlcall.errors import UserError


def main(argv: Sequence[str] | None = None) -> int:
    """Write the report of a comparison and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        files = _compare(arguments)
    except (UserError, OSError) as error:
        return report_mistake("compare", error)
    print(*files, sep="\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall compare`."""
    command = CommandParser("compare", "Compare runs on the same evaluation rows.")
    add = command.add_argument
    add(
        "runs",
        nargs="+",
        type=Path,
        metavar="RUN",
        help="folders of runs; a folder with only eval/ in it is a model that was not trained",
    )
    add(
        "--seeds",
        action="store_true",
        help="treat runs of one name that differ in their seed as one method",
    )
    add(
        "--against",
        type=Path,
        metavar="RUN",
        help="the run that the others are compared with (default: SFT on gold answers)",
    )
    add(
        "--rewards",
        metavar="FILE",
        help="the reward of the evaluations, where it is not one of the presets",
    )
    add(
        "--out",
        type=Path,
        default=Path("comparison"),
        metavar="FOLDER",
        help="where the report goes (default: comparison)",
    )
    return command


def _compare(arguments: argparse.Namespace) -> list[Path]:
    """Return the files that were written."""
    from rlcall.compare.comparison import compare
    from rlcall.compare.runs import CompareError, read_run

    runs = [read_run(run) for run in arguments.runs]
    comparison = compare(runs, arguments.seeds, arguments.against, arguments.rewards)
    try:
        from rlcall.compare.report import write_report
    except ModuleNotFoundError as error:
        remedy = "pip install 'rlcall[plots]' brings it"
        raise CompareError(f"plots need {error.name}; {remedy}") from error
    return list(write_report(comparison, arguments.out))
