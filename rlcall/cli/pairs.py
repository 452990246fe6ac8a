"""`rlcall pairs`: pairs of a right and a wrong completion for DPO, and right completions for SFT.

    $ rlcall pairs phone --n 512 --wire smollm2 --out pairs.jsonl       # gold and made mistakes
    $ rlcall pairs trl_preferences:prefs.jsonl --wire hermes --out pairs.jsonl  # what data gives
    $ rlcall pairs rows.jsonl --model runs/sft --out pairs.jsonl            # what a model wrote
    $ rlcall pairs rows.jsonl --model runs/sft --out pairs.jsonl --right right.jsonl
    $ rlcall pairs rows.jsonl --url http://localhost:8000/v1 --model big --wire hermes --out p.jsonl

The same arguments give the same bytes (endpoints aside). Exit status: 0, or 2 where nothing could
be made. docs/pairs.md describes the files.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rlcall.cli.console import progress, report_mistake
from rlcall.cli.options import (
    CommandParser,
    Group,
    add_endpoint,
    add_out,
    add_rewards,
    add_row_choice,
    add_rows,
    add_sampling,
    add_seed,
    add_wire,
    fraction_below_one,
    positive_integer,
)
from rlcall.cli.samplers import check_sampling, open_sampler
from rlcall.data.reading.preferences import PreferenceRow
from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError, UserError
from rlcall.files.yaml import parse_yaml
from rlcall.reward import Reward, load_reward
from rlcall.samples.cost import SamplingCost, write_cost
from rlcall.samples.given_pairs import given_pairs
from rlcall.samples.pair_files import write_lines
from rlcall.samples.pairs import (
    CHOICES,
    CompletionPair,
    RightCompletion,
    label,
    made_pairs,
    mixed,
    sampled_pairs,
)
from rlcall.show.visible import visible
from rlcall.sources import load_rows
from rlcall.tasks.negatives import NEGATIVES


@dataclass
class PairsOutput:
    """Pairs and right completions, what sampling them cost, and notes for the user."""

    pairs: list[CompletionPair] = field(default_factory=list)
    right: list[RightCompletion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cost: SamplingCost | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Write pairs, right completions or both, and return the exit status."""
    command = parser()
    arguments = command.parse_args(argv)
    try:
        check_arguments(arguments)
    except ConfigError as error:
        command.error(str(error))
    try:
        options = parse_yaml(arguments.rows_options)
        rows, note = load_rows(arguments.rows, arguments.n, arguments.seed, "train", options)
        reward = load_reward(arguments.rewards)
        if arguments.model:
            output = _sample_pairs(rows, reward, arguments)
        else:
            output = _make_pairs(rows, reward, arguments)
        if note:
            output.notes.insert(0, note)
        _write(output, arguments)
    except (UserError, OSError) as error:
        return report_mistake("pairs", error)
    print(*map(visible, output.notes), sep="\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall pairs`."""
    command = CommandParser(
        "pairs", "Make pairs for DPO out of rows, and right completions for SFT."
    )
    add_rows(command)
    add_row_choice(command)
    add_seed(command, "generated rows and everything drawn")
    add_out(command, "write the pairs here")
    command.add_argument(
        "--right",
        type=Path,
        metavar="FILE",
        help="write the completions that are right here, for SFT",
    )
    add_wire(command, auto=False, default=None, unset="the model's own")
    add_rewards(command, "the reward that ranks wrong completions")
    _add_made(command.add_argument_group("made pairs"))
    group = command.add_argument_group("sampled pairs")
    group.add_argument(
        "--model", metavar="MODEL", help="a model, a run or a checkpoint; with --url its name there"
    )
    add_endpoint(group)
    add_sampling(group, samples=8, temperature=1.0)
    group.add_argument(
        "--choice",
        choices=CHOICES,
        default="hardest",
        help="which wrong completion to take: the one with the highest reward (default), or any",
    )
    return command


def _add_made(group: Group) -> None:
    add = group.add_argument
    kinds = ", ".join(NEGATIVES)
    add("--kinds", nargs="+", choices=NEGATIVES, metavar="KIND", help=f"some of {kinds}")
    add(
        "--per-row",
        type=positive_integer,
        default=1,
        metavar="N",
        help="pairs per row, each of another kind (default: 1)",
    )
    add(
        "--made-share",
        type=fraction_below_one,
        default=0.0,
        metavar="P",
        help="mix in made pairs until they are this fraction of all (default: 0)",
    )


def check_arguments(arguments: argparse.Namespace) -> None:
    """Raise ConfigError where the options contradict each other."""
    if not arguments.out and not arguments.right:
        raise ConfigError("nothing to write: give --out, --right or both")
    if not arguments.model:
        if arguments.right:
            raise ConfigError("--right keeps what a model wrote: give --model")
        if arguments.url:
            raise ConfigError("--url needs --model, the model's name there")
        if arguments.made_share:
            raise ConfigError("--made-share mixes made pairs into sampled ones: give --model")
        if not arguments.wire:
            raise ConfigError("--wire is needed without a model: the format of the calls")
    check_sampling(arguments)


def _make_pairs(rows: list[Row], reward: Reward, arguments: argparse.Namespace) -> PairsOutput:
    """Pair gold completions with mistakes that are made; preferences with what they rejected."""
    preferences = [row for row in rows if isinstance(row, PreferenceRow)]
    if preferences:
        pairs, dropped = given_pairs(preferences, arguments.wire, reward)
        return PairsOutput(pairs, notes=[_rows_note(rows, dropped)])
    pairs, dropped = made_pairs(
        rows, arguments.wire, reward, arguments.seed, arguments.kinds, arguments.per_row
    )
    return PairsOutput(pairs, notes=[_rows_note(rows, dropped)])


def _sample_pairs(rows: list[Row], reward: Reward, arguments: argparse.Namespace) -> PairsOutput:
    """Pair right and wrong completions of a model, with made pairs mixed in where asked for."""
    sampler, sampling = open_sampler(arguments)
    started = time.monotonic()
    texts = list(progress(sampler.sample(rows, sampling), "sampling", len(rows)))
    labelled = []
    for row, completions in zip(rows, texts, strict=True):
        labelled.append(label(row, completions, sampler.wire, reward))
    seconds = round(time.monotonic() - started, 1)
    cost = SamplingCost(arguments.samples * len(rows), seconds)
    pairs, dropped = sampled_pairs(labelled, sampler.wire, arguments.seed, arguments.choice)
    right, wrong_count = [], 0
    for entry in labelled:
        right += [RightCompletion(entry.row, sampler.wire, text) for text in entry.right]
        wrong_count += len(entry.wrong)
    completions_note = (
        f"completions: {sum(map(len, texts)):,}; of the distinct ones {len(right):,} right, "
        f"{wrong_count:,} wrong"
    )
    notes = [_rows_note(rows, dropped), completions_note]
    if sampler.note:
        notes.append(sampler.note)
    if arguments.made_share:
        pairs, made_note = _mix_in_made(pairs, rows, sampler.wire, reward, arguments)
        notes.append(made_note)
    return PairsOutput(pairs, right, notes, cost)


def _mix_in_made(
    sampled: list[CompletionPair],
    rows: list[Row],
    wire: str,
    reward: Reward,
    arguments: argparse.Namespace,
) -> tuple[list[CompletionPair], str]:
    """Add made pairs up to the share that was asked for; return all, and a note on them."""
    made, _ = made_pairs(rows, wire, reward, arguments.seed, arguments.kinds, arguments.per_row)
    pairs = mixed(sampled, made, arguments.made_share, arguments.seed)
    share = (len(pairs) - len(sampled)) / max(1, len(pairs))
    return pairs, f"made pairs: {share:.0%} of all; asked for were {arguments.made_share:.0%}"


def _rows_note(rows: list[Row], dropped: Counter[str]) -> str:
    note = f"rows: {len(rows):,}, {len(rows) - dropped.total():,} of them with pairs"
    for reason, count in dropped.most_common():
        note += f"; {count:,} left out: {reason}"
    return note


def _write(output: PairsOutput, arguments: argparse.Namespace) -> None:
    """Write the files. RowError where one would be empty: a run would only fail later."""
    files = [
        (arguments.out, output.pairs, "pairs"),
        (arguments.right, output.right, "right completions"),
    ]
    for path, items, content in files:
        if path and not items:
            reason = f"gives no {content}: {'; '.join(output.notes)}"
            raise RowError(arguments.rows, 0, "", reason)
    if arguments.out:
        write_cost(arguments.out, output.cost)
        write_lines(arguments.out, output.pairs)
        kinds = Counter(pair.kind for pair in output.pairs)
        codes = Counter(code for pair in output.pairs for code in pair.codes)
        output.notes.append(f"pairs: {len(output.pairs):,} ({_join(kinds)}): {arguments.out}")
        output.notes.append(f"rejected for: {_join(codes)}")
    if arguments.right:
        write_cost(arguments.right, output.cost)
        write_lines(arguments.right, output.right)
        output.notes.append(f"right completions: {len(output.right):,}: {arguments.right}")


def _join(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
