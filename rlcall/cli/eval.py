"""`rlcall eval MODEL ROWS`: what a model writes for rows, verified, and measured with 95 %
intervals.

    $ rlcall eval runs/grpo phone --n 500 --out runs/grpo-eval
    $ rlcall eval smollm2-135m rows.jsonl --samples 8 --temperature 1.0 --out runs/base-8
    $ rlcall eval big rows.jsonl --url http://localhost:8000/v1 --wire hermes --out runs/big
    $ rlcall eval runs/grpo --suite bfcl --bfcl bfcl_eval-2026.3.23-py3-none-any.whl
    $ rlcall eval rows.jsonl --completions written_elsewhere.jsonl

An evaluation that was interrupted goes on in its folder. Exit status: 0, or 2 where nothing could
be evaluated. docs/metrics.md defines every number.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from rlcall.cli.console import open_console, report_mistake
from rlcall.cli.options import (
    CommandParser,
    add_endpoint,
    add_rewards,
    add_row_choice,
    add_sampling,
    add_seed,
    add_wire,
)
from rlcall.cli.samplers import check_sampling, open_source
from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError, UserError
from rlcall.evaluation.folder import EvaluationFolder, digest_of
from rlcall.evaluation.run import bfcl_verdicts, complete, results
from rlcall.evaluation.settings import EvaluationSettings
from rlcall.evaluation.source import CompletionSource, file_source
from rlcall.evaluation.tables import tables
from rlcall.files.yaml import parse_yaml
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.twins import check_twins
from rlcall.reward import Reward, load_reward
from rlcall.rules.presets import digest_of_reward
from rlcall.runs.origin import run_of
from rlcall.runs.versions import versions
from rlcall.show.visible import visible
from rlcall.sources import load_rows
from rlcall.suites.bfcl import CATEGORIES, BfclEntry, read_entries
from rlcall.suites.bfcl_scores import scores

SUITES = ("bfcl",)
WIDTH = 132  # characters a line, of tables that go to a file or another program


@dataclass(frozen=True)
class EvaluationRequest:
    """The rows to evaluate, the model (None: a file of completions), and the entries of a suite."""

    model: str | None
    rows: list[Row]
    entries: list[BfclEntry] | None
    note: str


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate and return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = parser()
    arguments = command.parse_args(words)
    arguments.command = shlex.join(["rlcall", "eval", *words])
    try:
        check_arguments(arguments)
    except ConfigError as error:
        command.error(str(error))
    try:
        _evaluate(arguments, load_reward(arguments.rewards))
    except (UserError, OSError) as error:
        return report_mistake("eval", error)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall eval`."""
    command = CommandParser("eval", "Evaluate a model on rows, or on BFCL.")
    add = command.add_argument
    add(
        "subjects",
        nargs="*",
        metavar="MODEL ROWS",
        help="a run, a checkpoint, a model's folder or name; and rows as `train_rows` takes them",
    )
    add_row_choice(
        command, "how many rows (default: all of a file); with --suite, of each category"
    )
    add("--suite", choices=SUITES, help="a benchmark instead of ROWS")
    add("--bfcl", metavar="WHEEL", help="the wheel bfcl-eval, or the folder it was unzipped to")
    add(
        "--completions",
        metavar="FILE",
        help="what a model wrote elsewhere, instead of MODEL: JSON Lines of id and completion",
    )
    add("--out", metavar="FOLDER", help="keep verdicts and metrics here; go on with what is there")
    add_rewards(command)
    add_seed(command, "samples, generated rows and resamples")
    group = command.add_argument_group("sampling")
    add_wire(group, auto=True, default=None, unset="the model's own")
    add_endpoint(group)
    add_sampling(group, samples=1, temperature=0.0)
    return command


def check_arguments(arguments: argparse.Namespace) -> None:
    """Raise ConfigError where the options contradict each other."""
    subjects = []
    if not arguments.completions:
        subjects.append("MODEL")
    if not arguments.suite:
        subjects.append("ROWS")
    if len(arguments.subjects) != len(subjects):
        raise ConfigError(f"give {' and '.join(subjects) or 'neither MODEL nor ROWS'}")
    if arguments.suite and not arguments.bfcl:
        raise ConfigError("--suite bfcl needs --bfcl, the path of its wheel")
    if arguments.bfcl and not arguments.suite:
        raise ConfigError("--bfcl goes with --suite bfcl")
    if arguments.completions:
        if arguments.samples > 1:
            raise ConfigError("--samples: a file of completions has as many as it has")
        if arguments.url:
            raise ConfigError("--url and --completions exclude each other")
        return
    if arguments.wire == "auto":
        raise ConfigError("--wire auto reads completions; a model has to be told one format")
    check_sampling(arguments)


def _evaluate(arguments: argparse.Namespace, reward: Reward) -> None:
    request = _read_request(arguments)
    console = open_console(WIDTH)
    source = _open_completions(request, arguments)
    folder = EvaluationFolder(Path(arguments.out)) if arguments.out else None
    settings = _settings(request, source, arguments)
    done = folder.begin(settings, request.rows) if folder else []
    for note in (request.note, source.note):
        if note:
            console.print(visible(note), markup=False)
    if done:
        console.print(f"{len(done)} completions are there already")
    records = _complete(request.rows, source, reward, folder, done, console)
    failures = sum(bool(record.failures) for record in records)
    if failures:
        console.print(
            f"a rule failed on {failures} completions, which its mean leaves out; "
            "`failures` in verdicts.jsonl says why"
        )
    figures = results(request.rows, records, source.wire, reward, arguments.seed)
    if request.entries:
        judged = bfcl_verdicts(
            request.entries, records, source.wire, arguments.bfcl, arguments.seed
        )
        suite_scores = {}
        for name, verdicts in judged.items():
            suite_scores[name] = scores(request.rows, verdicts, arguments.seed)
        figures = replace(figures, bfcl=suite_scores)
        if folder:
            folder.write_bfcl(request.rows, judged)
    result_tables = tables(figures, request.model or arguments.completions)
    for table in result_tables:
        console.print(table.rich())
    if folder:
        folder.write_results(settings, figures.to_json(), result_tables)
        files = f"metrics.json, metrics.md, {folder.verdicts.name}"
        console.print(f"{folder.path}: {files}", markup=False)


def _complete(
    rows: Sequence[Row],
    source: CompletionSource,
    reward: Reward,
    folder: EvaluationFolder | None,
    done: list[JudgedCompletion],
    console: Console,
) -> list[JudgedCompletion]:
    """Return all completions with their verdicts, with a bar on a terminal while they come."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("rows", total=len(rows))

        def advance(count: int) -> None:
            bar.update(task, completed=count)

        return complete(rows, source, reward, folder, done, advance)


def _read_request(arguments: argparse.Namespace) -> EvaluationRequest:
    model = None if arguments.completions else arguments.subjects[0]
    if arguments.suite:
        entries = _first_of_each(read_entries(arguments.bfcl), arguments.n)
        note = _refuse_overlap(model, entries) if model else ""
        return EvaluationRequest(model, [entry.row for entry in entries], entries, note)
    source = arguments.subjects[-1]
    options = parse_yaml(arguments.rows_options)
    rows, note = load_rows(source, arguments.n, arguments.seed, "test", options)
    try:
        check_twins(rows)
    except ValueError as error:
        raise RowError(source, 0, "id", str(error)) from error
    return EvaluationRequest(model, rows, None, note)


def _first_of_each(entries: Sequence[BfclEntry], count: int | None) -> list[BfclEntry]:
    """Return at most `count` entries of each category."""
    chosen: list[BfclEntry] = []
    for name in CATEGORIES:
        group = [entry for entry in entries if entry.category == name]
        chosen += group[:count]
    return chosen


def _refuse_overlap(model: str, entries: Sequence[BfclEntry]) -> str:
    """Raise ConfigError for a run that was trained on the benchmark; return a note where nobody
    knows."""
    from rlcall.check.contamination import certain_repeats
    from rlcall.train.row_sets import rows_trained_on

    run = run_of(model)
    if not run:
        return ""
    trained = rows_trained_on(run)
    if trained is None:
        return (
            f"{run.path}: its training rows can no longer be read, so nobody can say whether "
            "BFCL is among them"
        )
    repeats = certain_repeats(trained, [entry.row for entry in entries])
    if repeats:
        first = repeats[0].id
        raise ConfigError(
            f"{run.path}: was trained on {len(repeats)} of BFCL's requests, row {first!r} the first"
        )
    return ""


def _open_completions(
    request: EvaluationRequest, arguments: argparse.Namespace
) -> CompletionSource:
    if request.model is None:
        return file_source(arguments.completions, request.rows, arguments.wire or "auto")
    return open_source(arguments, request.model)


def _settings(
    request: EvaluationRequest, source: CompletionSource, arguments: argparse.Namespace
) -> EvaluationSettings:
    """Return what tells this evaluation from others, and how it was made."""
    return replace(
        source.settings,
        rows=arguments.suite or arguments.subjects[-1],
        rows_count=len(request.rows),
        rows_digest=digest_of(request.rows),
        seed=arguments.seed,
        rewards=arguments.rewards,
        rewards_digest=digest_of_reward(arguments.rewards),
        command=arguments.command,
        versions=versions(),
    )
