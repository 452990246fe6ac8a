"""`rlcall pairs`: pairs of a right and a wrong completion for DPO, and right completions for SFT.

    $ rlcall pairs phone --n 512 --wire smollm2 --out pairs.jsonl                  # gold against made mistakes
    $ rlcall pairs rows.jsonl --model runs/sft --samples 8 --out pairs.jsonl       # what a model wrote, both ways
    $ rlcall pairs rows.jsonl --model runs/sft --out pairs.jsonl --made-share 0.5 --right right.jsonl
    $ rlcall pairs rows.jsonl --url http://localhost:8000/v1 --model big --wire hermes --out pairs.jsonl

The same arguments give the same bytes (endpoints aside). Exit status: 0, or 2 where nothing could be made.
docs/pairs.md describes the files.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track

from rlcall import wire as wires
from rlcall.cli.options import count
from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError
from rlcall.files.yaml import YamlError, parse_yaml
from rlcall.model.endpoint import KEY_ENV, Endpoint, EndpointError, key_from
from rlcall.reward import Reward, RewardError, load_reward
from rlcall.samples.cost import SamplingCost, write_cost
from rlcall.samples.pair_files import write_lines
from rlcall.samples.pairs import (
    CHOICES,
    CompletionPair,
    LabelledRow,
    RightCompletion,
    label,
    made_pairs,
    mixed,
    sampled_pairs,
)
from rlcall.sources import load_rows
from rlcall.tasks.negatives import NEGATIVES

if TYPE_CHECKING:
    from rlcall.model.sample import Sampler


@dataclass
class Made:
    """What came out, and what there is to say of it."""

    pairs: list[CompletionPair] = field(default_factory=list)
    right: list[RightCompletion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cost: SamplingCost | None = None


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if fault := _fault(arguments):
        parser.error(fault)
    try:
        options = parse_yaml(arguments.rows_options)
        rows, note = load_rows(arguments.rows, arguments.n, arguments.seed, "train", options)
        made = _make(rows, load_reward(arguments.rewards), arguments)
        made.notes[:0] = [note] if note else []
        _write(made, arguments)
    except (ConfigError, EndpointError, OSError, RewardError, RowError, YamlError) as error:
        print(f"rlcall pairs: {error}", file=sys.stderr)
        return 2
    print("\n".join(made.notes))
    return 0


def _fault(arguments: argparse.Namespace) -> str | None:
    """What does not go together on the command line."""
    faults = {
        "nothing to write: give --out, --right or both": not (arguments.out or arguments.right),
        "--right keeps what a model wrote: give --model": arguments.right and not arguments.model,
        "--url needs --model, its name there": arguments.url and not arguments.model,
        "--wire says how calls are to be written: it is needed without a local model": not arguments.wire
        and (arguments.url or not arguments.model),
        "--made-share mixes made pairs into sampled ones: give --model": arguments.made_share
        and not arguments.model,
        "--temperature must not be negative": arguments.temperature < 0,
        "--temperature 0 writes the same text each time: give --samples 1": not arguments.temperature
        and arguments.samples > 1,
    }
    return next((fault for fault, applies in faults.items() if applies), None)


def _make(rows: list[Row], reward: Reward, arguments: argparse.Namespace) -> Made:
    seed, kinds, per_row = arguments.seed, arguments.kinds, arguments.per_row
    if not arguments.model:
        pairs, dropped = made_pairs(rows, arguments.wire, reward, seed, kinds, per_row)
        return Made(pairs, notes=[_rows_note(rows, pairs, dropped)])
    sampler = _open(arguments)
    started = time.monotonic()
    labelled, note = _label(rows, sampler, reward, arguments)
    cost = SamplingCost(arguments.samples * len(rows), round(time.monotonic() - started, 1))
    sampled, dropped = sampled_pairs(labelled, sampler.wire, seed, arguments.choice)
    made = Made(
        sampled,
        notes=[_rows_note(rows, sampled, dropped), note, *filter(None, [sampler.note])],
        cost=cost,
    )
    made.right = [
        RightCompletion(one.row, sampler.wire, text) for one in labelled for text in one.right
    ]
    if arguments.made_share:
        others, _ = made_pairs(rows, sampler.wire, reward, seed, kinds, per_row)
        made.pairs = mixed(sampled, others, arguments.made_share, seed)
        share = (len(made.pairs) - len(sampled)) / max(1, len(made.pairs))
        made.notes.append(
            f"made pairs: {share:.0%} of all, {arguments.made_share:.0%} were asked for"
        )
    return made


def _open(arguments: argparse.Namespace) -> Sampler:
    """The model or the endpoint. Raises ConfigError where there is none of that name."""
    from rlcall.model.runtime import prepare_environment, quieten

    prepare_environment()
    from rlcall.model import sample
    from rlcall.model.load import ModelNotFoundError
    from rlcall.model.prompts import PromptError

    quieten()
    try:
        if arguments.url:
            endpoint = Endpoint(arguments.url, arguments.model, key_from(arguments.key_env))
            return sample.open_endpoint(endpoint, arguments.wire)
        return sample.open_model(arguments.model, arguments.wire, arguments.dtype)
    except (ModelNotFoundError, PromptError) as error:
        raise ConfigError(str(error)) from error


def _label(
    rows: list[Row], sampler: Sampler, reward: Reward, arguments: argparse.Namespace
) -> tuple[list[LabelledRow], str]:
    """The rows with what was written for them, and the counts of it."""
    from rlcall.model.sample import Sampling

    how = Sampling(
        samples=arguments.samples,
        temperature=arguments.temperature,
        max_new_tokens=arguments.max_new_tokens,
        batch_size=arguments.batch_size,
        seed=arguments.seed,
    )
    written = list(_watched(sampler.sample(rows, how), len(rows)))
    labelled = [
        label(row, texts, sampler.wire, reward) for row, texts in zip(rows, written, strict=True)
    ]
    right, wrong = (sum(len(getattr(one, key)) for one in labelled) for key in ("right", "wrong"))
    return (
        labelled,
        f"completions: {sum(map(len, written)):,}; of the different ones {right:,} right, {wrong:,} wrong",
    )


def _watched(texts: Iterator[list[str]], total: int) -> Iterable[list[str]]:
    watched = sys.stderr.isatty()
    return track(
        texts, "sampling", total, console=Console(stderr=True), transient=True, disable=not watched
    )


def _rows_note(rows: list[Row], pairs: list[CompletionPair], dropped: Counter[str]) -> str:
    used = len(rows) - sum(dropped.values())
    reasons = "".join(f"; {count:,} left out: {reason}" for reason, count in dropped.most_common())
    return f"rows: {len(rows):,}, {used:,} of them with pairs{reasons}"


def _write(made: Made, arguments: argparse.Namespace) -> None:
    """RowError where a file would be empty: it would only fail later."""
    for path, items, what in (
        (arguments.out, made.pairs, "pairs"),
        (arguments.right, made.right, "right completions"),
    ):
        if path and not items:
            raise RowError(arguments.rows, 0, "", f"gives no {what}: {'; '.join(made.notes)}")
    for path in filter(None, (arguments.out, arguments.right)):
        write_cost(path, made.cost)
    if arguments.out:
        write_lines(arguments.out, made.pairs)
        kinds = Counter(pair.kind for pair in made.pairs)
        made.notes.append(f"pairs: {len(made.pairs):,} ({_counted(kinds)}): {arguments.out}")
        made.notes.append(
            f"rejected for: {_counted(Counter(code for pair in made.pairs for code in pair.codes))}"
        )
    if arguments.right:
        write_lines(arguments.right, made.right)
        made.notes.append(f"right completions: {len(made.right):,}: {arguments.right}")


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall pairs", description="Make pairs for DPO out of rows."
    )
    add = parser.add_argument
    add(
        "rows",
        metavar="ROWS",
        help="a file of rows, or what `train_rows` takes: phone, worlds, toolrl:FILE, ...",
    )
    add("--n", type=count, metavar="N", help="how many rows")
    add(
        "--seed",
        type=int,
        default=0,
        help="of generated rows and of all that is drawn (default: 0)",
    )
    add(
        "--rows-options",
        default="{}",
        metavar="YAML",
        help="options of the generator: '{tools_shown: [2, 2]}'",
    )
    add("--out", type=Path, metavar="FILE", help="write the pairs here")
    add("--right", type=Path, metavar="FILE", help="write what the verifier accepts here, for SFT")
    add("--wire", choices=wires.NAMES, help="how calls are written (default: the model's own way)")
    add(
        "--rewards",
        default="graded",
        help="what tells how hard a wrong completion is (default: graded)",
    )
    _add_made(parser.add_argument_group("made pairs"))
    _add_sampled(parser.add_argument_group("sampled pairs"))
    return parser


def _add_made(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--kinds", nargs="+", choices=NEGATIVES, metavar="KIND", help=f"of {', '.join(NEGATIVES)}"
    )
    group.add_argument(
        "--per-row", type=count, default=1, metavar="N", help="pairs a row, each of another kind"
    )
    share = "beside sampled pairs: this share of the whole is made"
    group.add_argument("--made-share", type=_share, default=0.0, metavar="P", help=share)


def _add_sampled(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--model",
        metavar="NAME",
        help="a model, a run's folder or a checkpoint; with --url its name there",
    )
    add("--url", help="an OpenAI-compatible endpoint: http://localhost:8000/v1")
    add(
        "--key-env",
        metavar="NAME",
        help=f"the environment variable with the endpoint's key (default: {KEY_ENV})",
    )
    add("--samples", type=count, default=8, metavar="K", help="completions a row (default: 8)")
    add("--temperature", type=float, default=1.0, help="of sampling (default: 1.0)")
    add(
        "--max-new-tokens",
        type=count,
        default=96,
        metavar="N",
        help="the longest completion (default: 96)",
    )
    add(
        "--batch-size",
        type=count,
        default=32,
        metavar="N",
        help="completions at once (default: 32)",
    )
    add(
        "--dtype",
        default="float32",
        choices=("float32", "bfloat16", "float16"),
        help="of the model's weights",
    )
    add(
        "--choice",
        choices=CHOICES,
        default="hardest",
        help="the wrong one of a pair: highest reward, or any",
    )


def _share(text: str) -> float:
    if not 0 <= (value := float(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to below 1")
    return value
