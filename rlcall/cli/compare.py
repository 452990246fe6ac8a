"""`rlcall compare RUN...`: runs on the same evaluation rows, as tables, plots and one page that opens from disk.

    $ rlcall compare runs/base runs/sft runs/dpo runs/grpo --out runs/page
    $ rlcall compare runs/base runs/seed-*/sft runs/seed-*/grpo --seeds --against runs/seed-0/sft --out runs/page

It reads what `rlcall eval RUN ROWS --out RUN/eval/NAME` has left in each run, and the run's log. Exit status: 0, or 2
where there is nothing that can be compared. docs/compare.md says what every figure is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rlcall.compare.comparison import Comparison, compare
from rlcall.compare.runs import CompareError, read_run
from rlcall.errors import UserError


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        runs = [read_run(Path(run)) for run in arguments.runs]
        _report(
            compare(runs, arguments.seeds, arguments.against, arguments.rewards),
            Path(arguments.out),
        )
    except (UserError, OSError) as error:
        print(f"rlcall compare: {error}", file=sys.stderr)
        return 2
    return 0


def _report(comparison: Comparison, folder: Path) -> None:
    try:
        from rlcall.compare.report import write_report
    except ModuleNotFoundError as error:
        raise CompareError(
            f"plots need {error.name}; pip install 'rlcall[plots]' brings it"
        ) from error
    for file in write_report(comparison, folder):
        print(file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall compare", description="Compare runs on the same evaluation rows."
    )
    add = parser.add_argument
    add(
        "runs",
        nargs="+",
        metavar="RUN",
        help="folders of runs; one with eval/ alone is a model that was not trained",
    )
    add(
        "--seeds",
        action="store_true",
        help="runs of one name that differ in their seed are one method",
    )
    add(
        "--against",
        type=Path,
        metavar="RUN",
        help="what the others are set against (default: SFT on gold answers)",
    )
    add(
        "--rewards",
        metavar="FILE",
        help="the reward of the evaluations, where it is none that is shipped",
    )
    add(
        "--out",
        default="comparison",
        metavar="FOLDER",
        help="where the report goes (default: comparison)",
    )
    return parser
