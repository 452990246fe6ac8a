"""`rlcall tasks`: generate rows with answers, from the shipped worlds or from one's own tools.

    $ rlcall tasks --n 10000 --seed 1 --split train --out train.jsonl
    $ rlcall tasks --mix configs/tasks/*.yaml --level 2 --twins --n 500 --split test --out twins.jsonl

The same arguments give the same bytes. Exit status: 0, or 2 where something was asked for that cannot be made.
docs/tasks.md describes the tasks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

from rlcall.data.rows import Row, write_rows
from rlcall.tasks.draw import SPLITS
from rlcall.tasks.generate import Made, generate_made
from rlcall.tasks.masking import mask
from rlcall.tasks.mixture import MixtureError, read_mixture, shipped_mixture
from rlcall.tasks.options import LEVELS, level
from rlcall.tasks.twins import twins
from rlcall.tasks.worlds import of_split
from rlcall.tasks.writer import WorldError


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        overrides = level(arguments.level) if arguments.level else {}
        mixture = read_mixture(arguments.mix or shipped_mixture(), arguments.split, overrides)
        made = generate_made(of_split(arguments.split), mixture, arguments.n, arguments.seed)
        count = write_rows(arguments.out, _rows(_watched(made, arguments.n), arguments))
    except (MixtureError, WorldError, OSError) as error:
        print(f"rlcall tasks: {error}", file=sys.stderr)
        return 2
    print(f"{count:,} rows: {arguments.out}")
    return 0


def _rows(made: Iterable[Made], arguments: argparse.Namespace) -> Iterator[Row]:
    """Each row, masked where that was asked for, and followed by its twins."""
    for one in made:
        seed = f"changes {one.row.id}"
        yield _masked(one.row, seed, arguments.mask)
        if arguments.twins:
            shorter = one.shorter()
            masked = shorter and _masked(shorter, seed, arguments.mask)  # the same names as in the row
            yield from twins(_masked(one.row, seed, arguments.mask), Random(seed), shorter=masked)


def _masked(row: Row, seed: str, probability: float) -> Row:
    return mask(row, Random(seed), probability) if probability else row


def _watched(made: Iterable[Made], total: int) -> Iterable[Made]:
    watched = sys.stderr.isatty()
    return track(made, "generating", total, console=Console(stderr=True), transient=True, disable=not watched)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rlcall tasks", description="Generate rows with answers.")
    parser.add_argument("--n", type=_count, required=True, help="how many rows (their twins come on top)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write them, JSON Lines")
    parser.add_argument("--seed", type=int, default=0, help="other rows for another seed (default: 0)")
    parser.add_argument("--split", choices=SPLITS, default="train", help="which worlds (default: train)")
    parser.add_argument(
        "--mix", type=Path, nargs="+", metavar="FILE", help="one YAML file for each task of the mixture"
    )
    parser.add_argument("--level", type=int, choices=LEVELS, help="difficulty, over what the files say")
    parser.add_argument("--mask", type=_share, default=0.0, metavar="P", help="chance of each name to be replaced")
    parser.add_argument("--twins", action="store_true", help="write each row's one-removal twins after it")
    return parser


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1")
    return value


def _share(text: str) -> float:
    if not 0 <= (value := float(text)) <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return value
