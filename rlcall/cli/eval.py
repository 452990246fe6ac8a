"""`rlcall eval MODEL ROWS`: what a model writes for rows, verified, and measured with 95 % intervals.

    $ rlcall eval runs/grpo phone --n 500 --out runs/grpo-eval
    $ rlcall eval smollm2-135m rows.jsonl --samples 8 --temperature 1.0 --out runs/base-8
    $ rlcall eval runs/grpo --suite bfcl --bfcl bfcl_eval-2026.3.23-py3-none-any.whl --out runs/grpo-bfcl
    $ rlcall eval rows.jsonl --completions written_elsewhere.jsonl

An evaluation that was interrupted goes on in its folder. Exit status: 0, or 2 where nothing could be evaluated.
docs/metrics.md defines every number.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from rlcall import wire as wires
from rlcall.check.contamination import certain_repeats
from rlcall.cli.options import count
from rlcall.data.rows import Row, RowError
from rlcall.errors import ConfigError
from rlcall.evaluation.folder import EvalFolder, EvalFolderError, digest_of
from rlcall.evaluation.run import bfcl_verdicts, complete, results
from rlcall.evaluation.source import Source, file_source, model_source
from rlcall.evaluation.tables import tables
from rlcall.files.yaml import YamlError, parse_yaml
from rlcall.metrics.measure import as_json
from rlcall.metrics.twins import check_twins
from rlcall.reward import Reward, RewardError, RuleError, load_reward
from rlcall.rules.load import rule_file
from rlcall.rules.presets import read_preset
from rlcall.runs.origin import run_of
from rlcall.runs.versions import versions
from rlcall.show.table import Table
from rlcall.sources import load_rows
from rlcall.suites.bfcl import CATEGORIES, Entry, read_entries
from rlcall.suites.bfcl_scores import scores
from rlcall.train.row_sets import rows_trained_on

SUITES = ("bfcl",)
WIDTH = 132  # of tables that go to a file or another program


@dataclass(frozen=True)
class Asked:
    """What the command line asks for: `model` or completions from a file, `rows` or the entries of a suite."""

    model: str | None
    rows: list[Row]
    entries: list[Entry] | None
    note: str


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    words = sys.argv[1:] if argv is None else argv
    arguments = parser.parse_args(
        words, argparse.Namespace(command=shlex.join(["rlcall", "eval", *words]))
    )
    if fault := _fault(arguments):
        parser.error(fault)
    try:
        _evaluate(arguments, load_reward(arguments.rewards))
    except (
        ConfigError,
        EvalFolderError,
        OSError,
        RewardError,
        RowError,
        RuleError,
        YamlError,
    ) as error:
        print(f"rlcall eval: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall eval", description="Evaluate a model on rows, or on BFCL."
    )
    add = parser.add_argument
    add(
        "what",
        nargs="*",
        metavar="MODEL ROWS",
        help="a run, a model's folder or name; and rows as a config has them",
    )
    add(
        "--n",
        type=count,
        help="how many rows (default: all of a file); with --suite, of each category",
    )
    add("--samples", type=count, default=1, help="completions per row (default: 1)")
    add("--temperature", type=float, default=0.0, help="0 (default) is greedy")
    add("--suite", choices=SUITES, help="a benchmark, in the place of ROWS")
    add("--bfcl", metavar="WHEEL", help="the wheel bfcl-eval, or the folder it was unzipped to")
    add(
        "--completions",
        metavar="FILE",
        help="what a model wrote elsewhere, in the place of MODEL: id and completion",
    )
    add("--out", metavar="FOLDER", help="keep verdicts and metrics here; go on with what is there")
    add(
        "--wire",
        choices=["auto", *wires.NAMES],
        help="how calls are to be written (default: the model's own way)",
    )
    add("--rewards", default="graded", help="a preset or a YAML file (default: graded)")
    add("--max-new-tokens", type=count, default=96, help="the longest completion (default: 96)")
    add("--batch-size", type=count, default=32, help="completions under way at once (default: 32)")
    add("--dtype", default="float32", help="type of the weights as loaded (default: float32)")
    add(
        "--seed",
        type=int,
        default=0,
        help="of samples, of generated rows and of resamples (default: 0)",
    )
    add(
        "--rows-options",
        default="{}",
        help="options of a generator of rows: '{no_call_share: 0.2}'",
    )
    return parser


def _fault(arguments: argparse.Namespace) -> str | None:
    """What does not go together on the command line."""
    wanted = [
        name
        for name, other in (("MODEL", arguments.completions), ("ROWS", arguments.suite))
        if not other
    ]
    faults = {
        f"give {' and '.join(wanted) or 'neither MODEL nor ROWS'}": len(arguments.what)
        != len(wanted),
        "--suite bfcl needs --bfcl, the path of its wheel": arguments.suite and not arguments.bfcl,
        "--bfcl goes with --suite bfcl": arguments.bfcl and not arguments.suite,
        "--temperature must not be negative": arguments.temperature < 0,
        "--temperature 0 writes the same text each time: leave --samples at 1": not arguments.temperature
        and arguments.samples > 1,
        "--samples: a file of completions has as many as it has": arguments.completions
        and arguments.samples > 1,
        "--wire auto reads completions; a model has to be told one format": arguments.wire == "auto"
        and not arguments.completions,
    }
    return next((fault for fault, applies in faults.items() if applies), None)


def _evaluate(arguments: argparse.Namespace, reward: Reward) -> None:
    asked, console = _asked(arguments), Console(highlight=False)
    console.width = console.width if console.is_terminal else WIDTH
    source = _source(asked, arguments)
    folder = EvalFolder(Path(arguments.out)) if arguments.out else None
    settings = _settings(asked, source, arguments)
    done = folder.begin(settings, asked.rows) if folder else []
    for note in filter(
        None,
        (asked.note, source.note, f"{len(done)} completions are there already" if done else ""),
    ):
        console.print(note, markup=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("rows", total=len(asked.rows))
        records = complete(
            asked.rows, source, reward, folder, done, lambda rows: bar.update(task, completed=rows)
        )
    if failed := sum(bool(record.failures) for record in records):
        console.print(
            f"a rule failed on {failed} completions: what it gave is not in its mean; `failures` says why"
        )
    found = results(asked.rows, records, source.wire, reward, arguments.seed)
    if asked.entries:
        judged = bfcl_verdicts(asked.entries, records, source.wire, arguments.bfcl, arguments.seed)
        found["bfcl"] = {
            name: scores(asked.rows, verdicts, arguments.seed) for name, verdicts in judged.items()
        }
        if folder:
            folder.write_bfcl(asked.rows, judged)
    shown = tables(found, asked.model or arguments.completions)
    for table in shown:
        console.print(table.rich())
    if folder:
        _write(folder, settings, found, shown)
        console.print(
            f"{folder.path}: metrics.json, metrics.md, {folder.verdicts.name}", markup=False
        )


def _asked(arguments: argparse.Namespace) -> Asked:
    model = None if arguments.completions else arguments.what[0]
    if arguments.suite:
        entries = _first_of_each(read_entries(arguments.bfcl), arguments.n)
        note = _refuse_overlap(model, entries) if model else ""
        return Asked(model, [entry.row for entry in entries], entries, note)
    options = parse_yaml(arguments.rows_options)
    rows, note = load_rows(arguments.what[-1], arguments.n, arguments.seed, "test", options)
    try:
        check_twins(rows)
    except ValueError as error:
        raise RowError(arguments.what[-1], 0, "id", str(error)) from error
    return Asked(model, rows, None, note)


def _first_of_each(entries: Sequence[Entry], n: int | None) -> list[Entry]:
    """At most `n` entries of each category."""
    groups = {name: [entry for entry in entries if entry.category == name] for name in CATEGORIES}
    return [entry for group in groups.values() for entry in group[:n]]


def _refuse_overlap(model: str, entries: Sequence[Entry]) -> str:
    """A note where it cannot be known on what a run was trained; ConfigError where that was the benchmark."""
    if not (run := run_of(model)):
        return ""
    trained = rows_trained_on(run)
    if trained is None:
        return f"{run.path}: its training rows are not to be had any more, so that nobody can say whether BFCL is among them"
    if both := certain_repeats(trained, [entry.row for entry in entries]):
        raise ConfigError(
            f"{run.path}: was trained on {len(both)} of BFCL's requests, row {both[0].id!r} the first of them"
        )
    return ""


def _source(asked: Asked, arguments: argparse.Namespace) -> Source:
    if asked.model is None:
        return file_source(arguments.completions, asked.rows, arguments.wire or "auto")
    from rlcall.model.runtime import prepare_environment, quieten

    prepare_environment()
    from rlcall.model.load import ModelNotFoundError
    from rlcall.model.prompts import PromptError
    from rlcall.model.sample import Sampling

    quieten()
    how = {
        key: getattr(arguments, key)
        for key in ("samples", "temperature", "max_new_tokens", "batch_size", "seed")
    }
    try:
        return model_source(asked.model, arguments.wire, arguments.dtype, Sampling(**how))
    except (ModelNotFoundError, PromptError) as error:
        raise ConfigError(str(error)) from error


def _settings(asked: Asked, source: Source, arguments: argparse.Namespace) -> dict[str, Any]:
    """What makes this evaluation another than others, and how it was made."""
    name = arguments.suite or arguments.what[-1]
    rows = {"rows": name, "rows_count": len(asked.rows), "rows_digest": digest_of(asked.rows)}
    sampled = {"wire": source.wire, "samples": source.samples, "seed": arguments.seed}
    reward = {"rewards": arguments.rewards, **_digest_of_reward(arguments.rewards)}
    return {
        **source.facts,
        **rows,
        **sampled,
        **reward,
        "command": arguments.command,
        "versions": versions(),
    }


def _digest_of_reward(rewards: str) -> dict[str, str]:
    """Of the reward's file and those of the rules that it names; {} for what is shipped."""
    preset = read_preset(rewards)
    rules = (rule_file(reference) for reference in (*preset.rewards, *preset.gates))
    files = [file for file in (Path(rewards), *rules) if file and file.is_file()]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    return {"rewards_digest": digest} if files else {}


def _said(value: Any) -> str:
    return (
        ", ".join(f"{name} {one}" for name, one in value.items())
        if isinstance(value, dict)
        else str(value)
    )


def _write(
    folder: EvalFolder, settings: dict[str, Any], found: dict[str, Any], shown: Sequence[Table]
) -> None:
    values = {"settings": settings, **as_json(found)}
    folder.write("metrics.json", json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    title = f"# {settings.get('model') or settings['completions']} on {settings['rows']}\n\n"
    facts = "\n".join(f"- {key}: {_said(value)}" for key, value in settings.items())
    folder.write(
        "metrics.md", title + facts + "\n\n" + "\n".join(table.markdown() for table in shown)
    )
