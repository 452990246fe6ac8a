"""`rlcall passrate MODEL ROWS --out FILE`: keep the rows that a model sometimes gets right, for
GRPO to train on.

    $ rlcall passrate runs/sft phone --n 512 --out sometimes.jsonl
    $ rlcall passrate runs/sft rows.jsonl --samples 16 --low 0.1 --high 0.9 --out sometimes.jsonl
    $ rlcall passrate big rows.jsonl --url http://localhost:8000/v1 --wire hermes --out some.jsonl
    $ rlcall grpo --model runs/sft --train-rows sometimes.jsonl --train-size null

What was measured stays in FILE.cache: a command that was killed goes on, and one with other limits
asks the model nothing. Exit status: 0, or 2 where nothing could be kept. docs/curricula.md says
when this pays.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from rlcall.cli.console import open_console, progress, report_mistake
from rlcall.cli.options import (
    CommandParser,
    add_endpoint,
    add_out,
    add_row_choice,
    add_rows,
    add_sampling,
    add_seed,
    add_wire,
    fraction,
)
from rlcall.cli.samplers import check_sampling, open_source
from rlcall.data.rows import Row, RowError, write_rows
from rlcall.errors import ConfigError, UserError
from rlcall.files.yaml import parse_yaml
from rlcall.samples.cost import SamplingCost, read_cost, write_cost
from rlcall.samples.pass_rate_cache import PassRate, PassRateCache
from rlcall.samples.pass_rates import buckets, is_within, measure, within
from rlcall.show.table import Cell, Line, Table
from rlcall.show.visible import visible
from rlcall.sources import load_rows


def main(argv: Sequence[str] | None = None) -> int:
    """Write the rows that are kept and return the exit status."""
    command = parser()
    arguments = command.parse_args(argv)
    try:
        check_arguments(arguments)
    except ConfigError as error:
        command.error(str(error))
    try:
        _filter(arguments)
    except (UserError, OSError) as error:
        return report_mistake("passrate", error)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall passrate`."""
    command = CommandParser("passrate", "Keep the rows that a model sometimes gets right.")
    command.add_argument(
        "model", metavar="MODEL", help="a model, a run or a checkpoint; with --url its name there"
    )
    add_rows(command)
    add_out(command, "write the rows that are kept here", required=True)
    add_row_choice(command)
    add = command.add_argument
    add("--low", type=fraction, default=0.05, metavar="P", help="lowest pass rate (default: 0.05)")
    add(
        "--high", type=fraction, default=0.95, metavar="P", help="highest pass rate (default: 0.95)"
    )
    add(
        "--cache",
        type=Path,
        metavar="FILE",
        help="pass rates that have been measured already (default: the --out FILE.cache)",
    )
    add_seed(command, "generated rows and samples")
    group = command.add_argument_group("sampling")
    add_wire(group, auto=False, default=None, unset="the model's own")
    add_endpoint(group)
    add_sampling(group, samples=8, temperature=1.0)
    return command


def check_arguments(arguments: argparse.Namespace) -> None:
    """Raise ConfigError where the options contradict each other."""
    if arguments.low > arguments.high:
        raise ConfigError("--low must not be above --high")
    if arguments.temperature <= 0:
        raise ConfigError("--temperature must be above 0: samples would all be the same")
    check_sampling(arguments)


def _filter(arguments: argparse.Namespace) -> None:
    options = parse_yaml(arguments.rows_options) or {}
    rows, note = load_rows(arguments.rows, arguments.n, arguments.seed, "train", options)
    cache = PassRateCache(arguments.cache or arguments.out.with_name(f"{arguments.out.name}.cache"))
    source = open_source(arguments, arguments.model)
    settings = source.settings.sampled_from()
    chunk = max(1, 8 * arguments.batch_size // arguments.samples)
    rates_before, started = len(cache), time.monotonic()
    measured = measure(rows, settings, source.write, cache, chunk)
    rates = list(progress(measured, "sampling", len(rows)))
    seconds = round(time.monotonic() - started, 1)
    cost = SamplingCost(source.samples * (len(cache) - rates_before), seconds)
    for text in (note, source.note):
        if text:
            print(visible(text))
    open_console().print(_table(rates, arguments.low, arguments.high).rich())
    _write(rows, rates, arguments)
    if cost.completions:
        before = read_cost(arguments.out)
        write_cost(arguments.out, before.plus(cost) if before else cost)


def _table(rates: Sequence[PassRate | None], low: float, high: float) -> Table:
    lines = []
    for name, bucket in buckets(rates).items():
        if bucket or name != "no answer":
            kept = sum(is_within(rate, low, high) for rate in bucket)
            lines.append(Line(name, [Cell(f"{len(bucket):,}"), Cell(f"{kept:,}")]))
    title = f"pass rates of {len(rates):,} rows, kept from {low:g} to {high:g}"
    return Table(title, "", ["right", "rows", "kept"], lines)


def _write(
    rows: Sequence[Row], rates: Sequence[PassRate | None], arguments: argparse.Namespace
) -> None:
    """Write the rows within the limits. RowError where there are none: a run would only fail
    later."""
    kept = within(rows, rates, arguments.low, arguments.high)
    if not kept:
        limits = f"from {arguments.low:g} to {arguments.high:g}"
        remedy = "Use a higher temperature, easier rows, more --samples or wider limits."
        raise RowError(arguments.rows, 0, "", f"no row has a pass rate {limits}", remedy)
    write_rows(arguments.out, kept)
    fractions = [rate.share for rate in rates if rate is not None]
    mean = sum(fractions) / len(fractions)
    print(f"rows: {len(kept):,} of {len(rows):,} kept, {mean:.0%} right over all: {arguments.out}")
