"""`rlcall tasks`: generate rows with answers, from the shipped worlds or from your own tools.

    $ rlcall tasks --n 10000 --seed 1 --split train --out train.jsonl
    $ rlcall tasks --mix configs/tasks/*.yaml --level 2 --twins --n 500 --out twins.jsonl
    $ rlcall tasks --tools my_tools.json --n 5000 --out mine.jsonl
    $ rlcall tasks --tools my_tools.json --teacher runs/big --n 5000 --out mine.jsonl

The same arguments give the same bytes, except with a teacher behind an address. Exit status: 0, or
2 where something was asked for that cannot be made. docs/tasks.md describes the tasks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random

from rlcall.check.grounding import ungrounded
from rlcall.cli.console import progress, report_mistake
from rlcall.cli.options import CommandParser, add_out, add_seed, fraction, positive_integer
from rlcall.cli.teachers import open_teacher
from rlcall.data.rows import Row, write_rows
from rlcall.errors import ConfigError, UserError
from rlcall.model.endpoint import KEY_ENV, EndpointError
from rlcall.show.visible import visible
from rlcall.tasks.draw import SPLITS
from rlcall.tasks.generate import Component, Draft, generate_drafts
from rlcall.tasks.mixture import read_mixture, shipped_mixture
from rlcall.tasks.options import LEVELS, level
from rlcall.tasks.teacher import reword, summary
from rlcall.tasks.teacher_cache import TeacherCache
from rlcall.tasks.twins.masking import mask
from rlcall.tasks.twins.twins import twins
from rlcall.tasks.world import World
from rlcall.tasks.worlds import of_split


def main(argv: Sequence[str] | None = None) -> int:
    """Write the rows and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        _check(arguments)
        worlds, mixture = _worlds_and_mixture(arguments)
        drafts = generate_drafts(worlds, mixture, arguments.n, arguments.seed)
        watched = progress(drafts, "generating", arguments.n)
        if arguments.teacher:
            count = _write_taught(watched, arguments)
        else:
            count = write_rows(arguments.out, _rows(watched, arguments))
    except (UserError, OSError) as error:
        return report_mistake("tasks", error)
    print(f"{count:,} rows: {arguments.out}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall tasks`."""
    command = CommandParser("tasks", "Generate rows with answers.")
    add = command.add_argument
    add(
        "--n",
        type=positive_integer,
        required=True,
        metavar="N",
        help="how many rows (their twins come on top)",
    )
    add_out(command, "where to write them, JSON Lines", required=True)
    add_seed(command, "everything drawn")
    add("--split", choices=SPLITS, default="train", help="whose worlds to use (default: train)")
    add(
        "--worlds",
        nargs="+",
        metavar="NAME",
        help="only these worlds of the split (default: all of it)",
    )
    add(
        "--mix",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="YAML files, one for each task of the mixture (default: the shipped ones)",
    )
    add("--level", type=int, choices=LEVELS, help="difficulty, overriding what the files say")
    add("--mask", type=fraction, default=0.0, metavar="P", help="chance that a name is masked")
    add(
        "--tools",
        type=Path,
        metavar="FILE",
        help="your own tools in OpenAI form, instead of the shipped worlds",
    )
    add(
        "--teacher",
        metavar="MODEL",
        help="a model that puts the requests into other words: a name, a run, or http://.../v1",
    )
    add("--teacher-model", metavar="NAME", help="the model's name behind that address")
    add(
        "--teacher-key-env",
        metavar="VARIABLE",
        help=f"environment variable that holds the teacher's key (default: {KEY_ENV})",
    )
    add("--twins", action="store_true", help="write each row's one-removal twins after it")
    return command


def _check(arguments: argparse.Namespace) -> None:
    """Raise ConfigError where the options contradict each other."""
    if not arguments.teacher and (arguments.teacher_model or arguments.teacher_key_env):
        raise ConfigError("--teacher-model and --teacher-key-env need a --teacher")
    if arguments.tools and arguments.worlds:
        raise ConfigError("--tools replaces the shipped worlds; leave out --tools or --worlds")


def _worlds_and_mixture(arguments: argparse.Namespace) -> tuple[list[World], list[Component]]:
    """Return the worlds to draw from and the tasks that they can serve; print what they cannot."""
    overrides = level(arguments.level) if arguments.level else {}
    mixture = read_mixture(arguments.mix or shipped_mixture(), arguments.split, overrides)
    if not arguments.tools:
        return list(of_split(arguments.split, arguments.worlds)), list(mixture)
    # Imported here: `rlcall tasks --help` need not wait for numpy.
    from rlcall.tasks.own.definitions import read_definitions
    from rlcall.tasks.own.mixture import servable
    from rlcall.tasks.own.tools import worlds_of

    notes: list[str] = []
    definitions = read_definitions(arguments.tools)
    worlds = worlds_of(definitions, arguments.split, notes)
    served = servable(worlds, mixture, notes)
    for note in notes:
        print(f"rlcall tasks: {visible(note)}", file=sys.stderr)
    used = sum(len(world.tools) for world in worlds)
    set_aside = len(definitions) - used
    print(
        f"{used:,} of {len(definitions):,} tools used, {set_aside:,} set aside: {arguments.tools}"
    )
    return worlds, served


def _write_taught(drafts: Iterable[Draft], arguments: argparse.Namespace) -> int:
    """Write rows in a teacher's words. What it wrote stays in FILE.partial until the rows are
    whole."""
    ask = open_teacher(
        arguments.teacher, arguments.teacher_model, arguments.teacher_key_env, arguments.seed
    )
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    teacher = f"{arguments.teacher} {arguments.teacher_model or ''}".strip()
    cache = TeacherCache(arguments.out.with_name(f"{arguments.out.name}.partial"), teacher)
    counts: Counter[str] = Counter()
    if len(cache):
        print(f"{len(cache):,} requests were written before: {cache.path}", file=sys.stderr)
    worded = reword(drafts, ask, partial(ungrounded, strict=True), counts, cache)
    try:
        count = write_rows(arguments.out, _rows(worded, arguments))
    except (EndpointError, KeyboardInterrupt):
        print(
            f"rlcall tasks: {len(cache):,} requests are kept in {cache.path}: "
            "the same command goes on",
            file=sys.stderr,
        )
        raise
    cache.path.unlink(missing_ok=True)
    print(summary(counts))
    return count


def _rows(drafts: Iterable[Draft], arguments: argparse.Namespace) -> Iterator[Row]:
    """Yield each row, masked where that was asked for, and followed by its twins."""
    for draft in drafts:
        seed = f"changes {draft.row.id}"
        row = _masked(draft.row, seed, arguments.mask)
        yield row
        if arguments.twins:
            shorter = draft.shorter()
            if shorter:  # with the same masked names as the row
                shorter = _masked(shorter, seed, arguments.mask)
            yield from twins(row, Random(seed), shorter=shorter)


def _masked(row: Row, seed: str, probability: float) -> Row:
    return mask(row, Random(seed), probability) if probability else row
