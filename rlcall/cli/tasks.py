"""`rlcall tasks`: generate rows with answers, from the shipped worlds or from one's own tools.

    $ rlcall tasks --n 10000 --seed 1 --split train --out train.jsonl
    $ rlcall tasks --mix configs/tasks/*.yaml --level 2 --twins --n 500 --split test --out twins.jsonl
    $ rlcall tasks --tools my_tools.json --n 5000 --out mine.jsonl
    $ rlcall tasks --tools my_tools.json --teacher http://localhost:8000/v1 --teacher_model M --n 5000 --out mine.jsonl

The same arguments give the same bytes, a teacher behind an address aside. Exit status: 0, or 2 where something was
asked for that cannot be made. docs/tasks.md describes the tasks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

from rlcall.check.grounding import ungrounded
from rlcall.cli.options import count, share
from rlcall.data.rows import Row, write_rows
from rlcall.errors import UserError
from rlcall.model.endpoint import KEY_ENV, Endpoint, EndpointError, key_from
from rlcall.tasks.draw import SPLITS
from rlcall.tasks.generate import Component, Draft, generate_drafts
from rlcall.tasks.mixture import MixtureError, read_mixture, shipped_mixture
from rlcall.tasks.options import LEVELS, level
from rlcall.tasks.own.mixture import servable
from rlcall.tasks.own.tools import OwnToolsError, read_definitions, worlds_of
from rlcall.tasks.teacher import BATCH, Ask, Messages, Written, show, taught
from rlcall.tasks.twins.masking import mask
from rlcall.tasks.twins.twins import twins
from rlcall.tasks.world import World
from rlcall.tasks.worlds import of_split
from rlcall.tasks.writer import WorldError

TEACHER_TOKENS = 300  # of one request, at most


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        if not arguments.teacher and (arguments.teacher_model or arguments.teacher_key_env):
            raise TeacherError(
                "--teacher_model and --teacher_key_env say more of a --teacher, and there is none"
            )
        overrides = level(arguments.level) if arguments.level else {}
        mixture = read_mixture(arguments.mix or shipped_mixture(), arguments.split, overrides)
        if arguments.tools and arguments.worlds:
            raise OwnToolsError(
                "--tools stand in the worlds' place; leave out either them or --worlds"
            )
        if arguments.tools:
            worlds, mixture = _own(arguments, mixture)
        else:
            worlds = of_split(arguments.split, arguments.worlds)
        made = _watched(generate_drafts(worlds, mixture, arguments.n, arguments.seed), arguments.n)
        count = _write_taught(made, arguments) if arguments.teacher else _write(made, arguments)
    except (MixtureError, WorldError, OwnToolsError, TeacherError, EndpointError, OSError) as error:
        print(f"rlcall tasks: {error}", file=sys.stderr)
        return 2
    print(f"{count:,} rows: {arguments.out}")
    return 0


def _own(
    arguments: argparse.Namespace, mixture: Sequence[Component]
) -> tuple[list[World], list[Component]]:
    """The user's own tools as worlds, and what of the mixture they can serve; what they cannot is printed."""
    notes: list[str] = []
    definitions = read_definitions(arguments.tools)
    worlds = worlds_of(definitions, arguments.split, notes)
    fitted = servable(worlds, mixture, notes)
    for note in notes:
        print(f"rlcall tasks: {note}", file=sys.stderr)
    used = sum(len(world.tools) for world in worlds)
    print(
        f"{used:,} of {len(definitions):,} tools used, {len(definitions) - used:,} set aside: {arguments.tools}"
    )
    return worlds, fitted


def _write(made: Iterable[Draft], arguments: argparse.Namespace) -> int:
    return write_rows(arguments.out, _rows(made, arguments))


def _write_taught(made: Iterable[Draft], arguments: argparse.Namespace) -> int:
    """Rows in a teacher's words. What it has written stays in FILE.partial until the rows are whole."""
    ask = _endpoint(arguments) if _is_url(arguments.teacher) else _local_model(arguments.teacher)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    teacher = f"{arguments.teacher} {arguments.teacher_model or ''}".strip()
    written = Written(arguments.out.with_name(f"{arguments.out.name}.partial"), teacher)
    counts: Counter[str] = Counter()
    if written.found:
        print(f"{written.found:,} requests were written before: {written.path}", file=sys.stderr)
    try:
        count = _write(
            taught(made, ask, partial(ungrounded, strict=True), counts, written), arguments
        )
    except (EndpointError, KeyboardInterrupt):
        kept = f"{len(written):,} requests are kept in {written.path}: call again with the same arguments to go on"
        print(f"rlcall tasks: {kept}", file=sys.stderr)
        raise
    written.path.unlink(missing_ok=True)
    print(show(counts))
    return count


class TeacherError(UserError):
    """A teacher that cannot be used; the message says why."""


def _is_url(teacher: str) -> bool:
    return teacher.startswith(("http://", "https://"))


def _endpoint(arguments: argparse.Namespace) -> Ask:
    """Asks an endpoint for a batch at a time, at once."""
    if not arguments.teacher_model:
        raise TeacherError(
            "--teacher with an address needs --teacher_model, the model's name there"
        )
    endpoint = Endpoint(
        arguments.teacher, arguments.teacher_model, key_from(arguments.teacher_key_env)
    )

    def complete(prompt: Messages) -> str:
        return endpoint.complete(
            prompt, temperature=0.7, max_tokens=TEACHER_TOKENS, seed=arguments.seed
        )[0]

    def ask(prompts: Sequence[Messages]) -> list[str]:
        with ThreadPoolExecutor(BATCH) as pool:
            return list(pool.map(complete, prompts))

    return ask


def _local_model(name: str) -> Ask:
    """Asks a model on this machine, greedily, so that equal prompts get equal answers."""
    import torch

    from rlcall.model import load as models
    from rlcall.model.generate import generate
    from rlcall.model.prompts import render_prompt

    try:
        tokenizer = models.load_tokenizer(name)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = models.load_model(name, dtype="auto").to(device)  # type: ignore[arg-type]
    except models.ModelNotFoundError as error:
        raise TeacherError(str(error)) from error

    def ask(prompts: Sequence[Messages]) -> list[str]:
        texts = [
            render_prompt(Row(prompt, [], {"names": []}), tokenizer, "hermes") for prompt in prompts
        ]
        return generate(model, tokenizer, texts, max_new_tokens=TEACHER_TOKENS, batch_size=BATCH)

    return ask


def _rows(made: Iterable[Draft], arguments: argparse.Namespace) -> Iterator[Row]:
    """Each row, masked where that was asked for, and followed by its twins."""
    for one in made:
        seed = f"changes {one.row.id}"
        yield _masked(one.row, seed, arguments.mask)
        if arguments.twins:
            shorter = one.shorter()
            masked = shorter and _masked(
                shorter, seed, arguments.mask
            )  # the same names as in the row
            yield from twins(_masked(one.row, seed, arguments.mask), Random(seed), shorter=masked)


def _masked(row: Row, seed: str, probability: float) -> Row:
    return mask(row, Random(seed), probability) if probability else row


def _watched(made: Iterable[Draft], total: int) -> Iterable[Draft]:
    watched = sys.stderr.isatty()
    return track(
        made, "generating", total, console=Console(stderr=True), transient=True, disable=not watched
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rlcall tasks", description="Generate rows with answers.")
    parser.add_argument(
        "--n", type=count, required=True, help="how many rows (their twins come on top)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where to write them, JSON Lines"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="other rows for another seed (default: 0)"
    )
    parser.add_argument(
        "--split", choices=SPLITS, default="train", help="which worlds (default: train)"
    )
    parser.add_argument(
        "--worlds",
        nargs="+",
        metavar="NAME",
        help="these of them alone (default: all of the split)",
    )
    parser.add_argument(
        "--mix",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="one YAML file for each task of the mixture",
    )
    parser.add_argument(
        "--level", type=int, choices=LEVELS, help="difficulty, over what the files say"
    )
    parser.add_argument(
        "--mask", type=share, default=0.0, metavar="P", help="chance of each name to be replaced"
    )
    parser.add_argument(
        "--tools",
        type=Path,
        metavar="FILE",
        help="your own tools, OpenAI form, in the worlds' place",
    )
    parser.add_argument(
        "--teacher",
        metavar="MODEL",
        help="who words the requests: a model's name, or http://.../v1",
    )
    parser.add_argument("--teacher_model", metavar="NAME", help="the model behind that address")
    parser.add_argument(
        "--teacher_key_env",
        metavar="VARIABLE",
        help=f"where its key is in the environment (default: {KEY_ENV})",
    )
    parser.add_argument(
        "--twins", action="store_true", help="write each row's one-removal twins after it"
    )
    return parser
