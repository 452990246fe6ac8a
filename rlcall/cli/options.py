"""Options that several commands share, spelt and explained once.

parser = CommandParser("passrate", "Keep the rows that a model sometimes gets right.")
add_rows(parser)
add_sampling(parser, samples=8, temperature=1.0)
arguments = parser.parse_args(["rows.jsonl", "--max_new_tokens", "64"])   # dashes or underscores
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlcall import wire as wires
from rlcall.model.endpoint import KEY_ENV

Group = argparse.ArgumentParser | argparse._ArgumentGroup


class CommandParser(argparse.ArgumentParser):
    """A parser without abbreviations, in which `--max_length` is `--max-length`."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(prog=f"rlcall {command}", description=description, allow_abbrev=False)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> Any:
        """Read underscores in the names of options as dashes; values are left as they are."""
        words = list(sys.argv[1:] if args is None else args)
        end_of_options = words.index("--") if "--" in words else len(words)
        for index, word in enumerate(words[:end_of_options]):
            name, equals, value = word.partition("=")
            if name.startswith("--"):
                words[index] = name.replace("_", "-") + equals + value
        return super().parse_known_args(words, namespace)


def positive_integer(text: str) -> int:
    """Return a whole number of at least 1, for argparse's `type`."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return value


def fraction(text: str) -> float:
    """Return a number from 0 to 1, for argparse's `type`."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to 1")
    return value


def fraction_below_one(text: str) -> float:
    """Return a number from 0 to below 1, for argparse's `type`."""
    value = _number(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to below 1")
    return value


def _number(text: str) -> float:
    """Return the number, or one that is in no range."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def add_rows(parser: Group, **options: Any) -> None:
    """Add ROWS: a file, or whatever `train_rows` in a config takes."""
    text = "a file of rows, or what `train_rows` takes: phone, worlds, toolrl:FILE, ..."
    parser.add_argument("rows", metavar="ROWS", help=text, **options)


def add_row_choice(parser: Group, count: str = "how many rows to take (default: all)") -> None:
    """Add --n and --rows-options: how many rows, and what a generator is told."""
    parser.add_argument("--n", type=positive_integer, metavar="N", help=count)
    parser.add_argument(
        "--rows-options",
        default="{}",
        metavar="YAML",
        help="options for a generator of rows, such as '{tools_shown: [2, 2]}'",
    )


def add_seed(parser: Group, use: str) -> None:
    """Add --seed; `use` says what it is for."""
    text = f"seed for {use} (default: 0)"
    parser.add_argument("--seed", type=int, default=0, metavar="SEED", help=text)


def add_wire(parser: Group, *, auto: bool, default: str | None, unset: str) -> None:
    """Add --wire; `unset` says what happens without it."""
    names = ["auto", *wires.NAMES] if auto else list(wires.NAMES)
    text = f"wire format of the calls, a name from docs/wire.md (default: {unset})"
    parser.add_argument("--wire", choices=names, default=default, metavar="WIRE", help=text)


def add_rewards(parser: Group, use: str = "the reward") -> None:
    """Add --rewards: a preset or a file."""
    text = f"{use}: a preset or a YAML file (default: graded)"
    parser.add_argument("--rewards", default="graded", metavar="REWARDS", help=text)


def add_endpoint(parser: Group) -> None:
    """Add --url and --key-env: a model behind an address that speaks OpenAI's chat completions."""
    parser.add_argument(
        "--url", help="an OpenAI-compatible endpoint, such as http://localhost:8000/v1"
    )
    parser.add_argument(
        "--key-env",
        metavar="VARIABLE",
        help=f"environment variable that holds the endpoint's key (default: {KEY_ENV})",
    )


def add_sampling(parser: Group, *, samples: int, temperature: float) -> None:
    """Add how completions are sampled; the two numbers are the defaults."""
    add = parser.add_argument
    add(
        "--samples",
        type=positive_integer,
        default=samples,
        metavar="K",
        help=f"completions per row (default: {samples})",
    )
    add(
        "--temperature",
        type=float,
        default=temperature,
        metavar="T",
        help=f"sampling temperature; 0 is greedy (default: {temperature:g})",
    )
    add(
        "--max-new-tokens",
        type=positive_integer,
        default=96,
        metavar="N",
        help="longest completion, in tokens (default: 96)",
    )
    add(
        "--batch-size",
        type=positive_integer,
        default=32,
        metavar="N",
        help="completions generated at once (default: 32)",
    )
    add(
        "--dtype",
        default="float32",
        choices=("float32", "bfloat16", "float16", "auto"),
        help="type of the model's weights (default: float32)",
    )


def add_out(parser: Group, text: str, **options: Any) -> None:
    """Add --out, a file."""
    parser.add_argument("--out", type=Path, metavar="FILE", help=text, **options)
