"""`rlcall check`: find what is wrong with rows before they train a model.

    $ rlcall check train.jsonl --against test.jsonl --model smollm2-135m --max-length 1024
    error    gold_impossible     2  train.jsonl, line 7 (r7): answer.calls[0].arguments: ...
    warning  near_duplicate     14  train.jsonl, line 90 (r90): messages: shares 80% of ...

Exit status: 0 where there are only warnings; 1 where there are errors; 2 where nothing could be
read, or an argument is wrong. docs/check-codes.md has every code with an example. A source is a
file of rows, or `form:path` for another form that `rlcall convert` reads, such as
`bfcl:bfcl_eval.whl`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from rich.table import Table
from rich.text import Text

from rlcall.check.finding import CODES, RowFinding
from rlcall.check.lint import Lint
from rlcall.cli.console import open_console, progress, report_mistake
from rlcall.cli.options import CommandParser, add_out, positive_integer
from rlcall.data.rows import Row
from rlcall.errors import ConfigError, UserError
from rlcall.files.whole import whole_file
from rlcall.show.visible import visible

STYLES = {"error": "bold red", "warning": "yellow"}

Length = Callable[[Row], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Check the rows and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        length = _token_counter(arguments)
        lint = Lint(arguments.rows, arguments.against, length, arguments.max_length or 0)
        with _open_output(arguments.out) as out:
            counts, first = _gather(progress(lint.findings(), "checking"), out)
    except (UserError, OSError) as error:
        return report_mistake("check", error)
    show(counts, first, lint.rows)
    return 1 if any(CODES[code][0] == "error" for code in counts) else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall check`."""
    command = CommandParser("check", "Find what is wrong with rows.")
    add = command.add_argument
    add(
        "rows",
        nargs="+",
        metavar="ROWS",
        help="rows, JSON Lines; or form:path for a form that `rlcall convert` reads",
    )
    add(
        "--against",
        nargs="+",
        default=[],
        metavar="ROWS",
        help="evaluation rows, which must not be trained on",
    )
    add("--model", metavar="MODEL", help="count tokens as this model would, with its chat template")
    add(
        "--max-length",
        type=positive_integer,
        metavar="N",
        help="the most tokens that a prompt and its answer may have together",
    )
    add_out(command, "write every finding here, one JSON object a line")
    return command


def _token_counter(arguments: argparse.Namespace) -> Length | None:
    """Return what counts a row's tokens under the model's template; None where no model is
    named."""
    if (arguments.model is None) != (arguments.max_length is None):
        raise ConfigError("--model and --max-length go together: tokens are the model's")
    if arguments.model is None:
        return None
    from rlcall.model import prompts
    from rlcall.model.load import load_tokenizer
    from rlcall.model.rendering import rendering_of

    tokenizer = load_tokenizer(arguments.model)
    wire = rendering_of(tokenizer, arguments.model).wire

    def count_tokens(row: Row) -> int:
        prompt = tokenizer(prompts.render_prompt(row, tokenizer, wire))
        tokens = len(prompt["input_ids"])
        if row.wanted.has_gold:
            text = prompts.render_completion(row, tokenizer, wire)
            tokens += len(tokenizer(text, add_special_tokens=False)["input_ids"])
        return tokens

    return count_tokens


def _open_output(path: Path | None) -> AbstractContextManager[TextIO | None]:
    """Return a file that appears only when it is whole; nothing where none is named."""
    if path is None:
        return nullcontext()
    path.parent.mkdir(parents=True, exist_ok=True)
    return whole_file(path)


def _gather(
    findings: Iterable[RowFinding], out: TextIO | None
) -> tuple[Counter[str], dict[str, RowFinding]]:
    """Count the findings by code and keep the first of each; write all of them to `out`."""
    counts: Counter[str] = Counter()
    first: dict[str, RowFinding] = {}
    for finding in findings:
        counts[finding.code] += 1
        first.setdefault(finding.code, finding)
        if out:
            out.write(json.dumps(finding.to_json(), ensure_ascii=False) + "\n")
    return counts, first


def show(counts: Counter[str], first: dict[str, RowFinding], rows: int) -> None:
    """Print each code with how often it was found and its first place, errors before warnings."""
    console = open_console()
    if counts:
        console.print(_table(counts, first))
    severities: Counter[str] = Counter()
    for code, count in counts.items():
        severities[CODES[code][0]] += count
    errors, warnings = severities["error"], severities["warning"]
    console.print(f"{rows:,} rows: {errors:,} errors, {warnings:,} warnings.")


def _table(counts: Counter[str], first: dict[str, RowFinding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for severity, style in STYLES.items():
        for code, count in counts.most_common():
            if CODES[code][0] != severity:
                continue
            finding = first[code]
            where = f"{finding.location}: {finding.field}".removesuffix(": ")
            example = (visible(f"{where}: {finding.message}"), "dim")
            text = Text.assemble(CODES[code][1], "\n", example)
            table.add_row(Text(severity, style=style), code, f"{count:,}", text)
    return table
