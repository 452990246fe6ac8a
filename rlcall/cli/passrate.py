"""`rlcall passrate MODEL ROWS --out FILE`: keep the rows that a model sometimes gets right, for GRPO to train on.

    $ rlcall passrate runs/sft phone --n 512 --out sometimes.jsonl
    $ rlcall passrate runs/sft rows.jsonl --samples 16 --low 0.1 --high 0.9 --out sometimes.jsonl
    $ rlcall passrate big rows.jsonl --url http://localhost:8000/v1 --wire hermes --out sometimes.jsonl
    $ rlcall grpo --model runs/sft --train_rows sometimes.jsonl --train_size null

What was measured stays in FILE.cache: a call that was killed goes on, and one with other limits asks the model
nothing. Exit status: 0, or 2 where nothing could be kept. docs/groups.md says when this pays.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from rlcall import wire as wires
from rlcall.cli.options import count, share
from rlcall.data.rows import Row, RowError, write_rows
from rlcall.errors import ConfigError
from rlcall.evaluation.source import Source, model_source
from rlcall.files.yaml import YamlError, parse_yaml
from rlcall.model.endpoint import KEY_ENV, Endpoint, EndpointError, key_from
from rlcall.samples.cost import SamplingCost, read_cost, write_cost
from rlcall.samples.pass_rate_cache import PassRate, PassRateCache
from rlcall.samples.pass_rates import buckets, is_within, measure, within
from rlcall.show.table import Cell, Line, Table
from rlcall.sources import load_rows

FREE = ("model", "source", "device", "batch_size")
"""What is said of a local model beside what its completions follow from; its weights stand for its name."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if fault := _fault(arguments):
        parser.error(fault)
    try:
        _filter(arguments)
    except (ConfigError, EndpointError, OSError, RowError, YamlError) as error:
        print(f"rlcall passrate: {error}", file=sys.stderr)
        return 2
    return 0


def _fault(arguments: argparse.Namespace) -> str | None:
    """What does not go together on the command line."""
    faults = {
        "--url needs --wire: how calls are to be written": arguments.url and not arguments.wire,
        "--low must not be above --high": arguments.low > arguments.high,
        "--temperature must be above 0: samples would all be the same": arguments.temperature <= 0,
    }
    return next((fault for fault, applies in faults.items() if applies), None)


def _filter(arguments: argparse.Namespace) -> None:
    rows, note = load_rows(
        arguments.rows,
        arguments.n,
        arguments.seed,
        "train",
        parse_yaml(arguments.rows_options) or {},
    )
    cache = PassRateCache(arguments.cache or arguments.out.with_name(f"{arguments.out.name}.cache"))
    source = _open(arguments)
    settings = {key: value for key, value in source.facts.items() if key not in FREE}
    settings |= {"wire": source.wire, "samples": source.samples}
    piece = max(1, 8 * arguments.batch_size // arguments.samples)
    known, started = len(cache), time.monotonic()
    rates = list(_watched(measure(rows, settings, source.write, cache, piece), len(rows)))
    new = SamplingCost(source.samples * (len(cache) - known), round(time.monotonic() - started, 1))
    print(*filter(None, (note, source.note)), sep="\n", end="\n" if note or source.note else "")
    Console(highlight=False).print(_table(rates, arguments.low, arguments.high).rich())
    _write(rows, rates, arguments)
    if new.completions:
        before = read_cost(arguments.out)
        write_cost(arguments.out, before.plus(new) if before else new)


def _open(arguments: argparse.Namespace) -> Source:
    """The model or the endpoint. Raises ConfigError where there is none of that name."""
    from rlcall.model.runtime import prepare_environment, quieten

    prepare_environment()
    from rlcall.model.load import ModelNotFoundError
    from rlcall.model.prompts import PromptError
    from rlcall.model.sample import Sampling, open_endpoint

    quieten()
    names = ("samples", "temperature", "max_new_tokens", "batch_size", "seed")
    how = Sampling(**{name: getattr(arguments, name) for name in names})
    if not arguments.url:
        try:
            return model_source(arguments.model, arguments.wire, arguments.dtype, how)
        except (ModelNotFoundError, PromptError) as error:
            raise ConfigError(str(error)) from error
    sampler = open_endpoint(
        Endpoint(arguments.url, arguments.model, key_from(arguments.key_env)), arguments.wire
    )
    sampling = {name: getattr(arguments, name) for name in names if name != "batch_size"}
    facts = {"url": arguments.url, "name": arguments.model, **sampling}
    return Source(
        arguments.wire, arguments.samples, facts, lambda rows, _: sampler.sample(rows, how)
    )


def _watched(rates: Iterator[PassRate | None], total: int) -> Iterable[PassRate | None]:
    watched = sys.stderr.isatty()
    return track(
        rates, "sampling", total, console=Console(stderr=True), transient=True, disable=not watched
    )


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
    """RowError where the file would be empty: it would only fail later."""
    kept = within(rows, rates, arguments.low, arguments.high)
    if not kept:
        limits = f"from {arguments.low:g} to {arguments.high:g}"
        remedy = "Take a warmer model, easier rows, more --samples or wider limits."
        raise RowError(arguments.rows, 0, "", f"no row has a pass rate {limits}", remedy)
    write_rows(arguments.out, kept)
    known = [rate.share for rate in rates if rate is not None]
    mean = sum(known) / len(known)
    print(f"rows: {len(kept):,} of {len(rows):,} kept, {mean:.0%} right over all: {arguments.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall passrate", description="Keep the rows that a model sometimes gets right."
    )
    add = parser.add_argument
    add(
        "model",
        metavar="MODEL",
        help="a model, a run's folder or a checkpoint; with --url its name there",
    )
    add(
        "rows",
        metavar="ROWS",
        help="a file of rows, or what `train_rows` takes: phone, worlds, toolrl:FILE, ...",
    )
    add("--out", type=Path, required=True, metavar="FILE", help="write the rows that are kept here")
    add("--n", type=count, metavar="N", help="how many rows")
    add(
        "--low",
        type=share,
        default=0.05,
        metavar="P",
        help="the lowest pass rate that is kept (default: 0.05)",
    )
    add("--high", type=share, default=0.95, metavar="P", help="the highest (default: 0.95)")
    add(
        "--cache",
        type=Path,
        metavar="FILE",
        help="pass rates that are known already (default: the --out FILE.cache)",
    )
    add("--seed", type=int, default=0, help="of generated rows and of samples (default: 0)")
    add(
        "--rows-options",
        default="{}",
        metavar="YAML",
        help="options of the generator: '{tools_shown: [2, 2]}'",
    )
    _add_sampling(parser.add_argument_group("sampling"))
    return parser


def _add_sampling(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--samples", type=count, default=8, metavar="K", help="completions a row (default: 8)")
    add(
        "--temperature", type=float, default=1.0, help="of sampling (default: 1.0, as GRPO samples)"
    )
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
    add("--wire", choices=wires.NAMES, help="how calls are written (default: the model's own way)")
    add("--url", help="an OpenAI-compatible endpoint: http://localhost:8000/v1")
    add(
        "--key-env",
        metavar="NAME",
        help=f"the environment variable with the endpoint's key (default: {KEY_ENV})",
    )
