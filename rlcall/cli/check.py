"""`rlcall check`: find what is wrong with rows before they train a model.

    $ rlcall check train.jsonl --against test.jsonl --model smollm2-135m --max_length 1024
    error    gold_impossible     2  train.jsonl, line 7 (r7): answer.calls[0].arguments.rooms: the gold is not right ...
    warning  near_duplicate     14  train.jsonl, line 90 (r90): messages: shares 80% of the 8-word runs with ...

Exit status: 0 where there are warnings at most; 1 where there are errors; 2 where nothing could be read, or with wrong
arguments. docs/check.md has every code with an example. A source is a file of rows, or `form:path` for another form
that `rlcall convert` reads, such as `bfcl:bfcl_eval.whl`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from rlcall.check.finding import CODES, RowFinding
from rlcall.check.lint import Lint
from rlcall.data.rows import Row, RowError
from rlcall.errors import UserError
from rlcall.files.whole import whole_file

PIPED_WIDTH = 160  # characters a line where the output is no terminal
STYLES = {"error": "bold red", "warning": "yellow"}

Length = Callable[[Row], int]


class _Misuse(UserError):
    """Arguments that do not go together, or a model that cannot be used."""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        lint = Lint(
            arguments.rows, arguments.against, _length(arguments), arguments.max_length or 0
        )
        watched = track(
            lint.findings(),
            "checking",
            None,
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        with _output(arguments.out) as out:
            counts, first = _gather(watched, out)
    except (RowError, _Misuse, OSError) as error:
        print(f"rlcall check: {error}", file=sys.stderr)
        return 2
    show(counts, first, lint.rows)
    return 1 if any(CODES[code][0] == "error" for code in counts) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall check", description="Find what is wrong with rows."
    )
    parser.add_argument(
        "rows",
        nargs="+",
        metavar="ROWS",
        help="rows, JSON Lines; or form:path as `rlcall convert` reads",
    )
    parser.add_argument(
        "--against",
        nargs="+",
        default=[],
        metavar="ROWS",
        help="evaluation rows, not to be trained on",
    )
    parser.add_argument(
        "--model", metavar="NAME", help="count tokens as this model would, with its chat template"
    )
    parser.add_argument(
        "--max_length", type=int, metavar="N", help="the most tokens for prompt and answer together"
    )
    parser.add_argument(
        "--out", metavar="FILE", help="write every finding here, one JSON object a line"
    )
    return parser


def _length(arguments: argparse.Namespace) -> Length | None:
    """The number of tokens of a row's prompt and completion under the model's template, if a model is named."""
    if (arguments.model is None) != (arguments.max_length is None):
        raise _Misuse("--model and --max_length go together: tokens are the model's")
    if arguments.model is None:
        return None
    from rlcall.model import load as models
    from rlcall.model import prompts, rendering
    from rlcall.runs.origin import taught_wire

    try:
        tokenizer = models.load_tokenizer(arguments.model)
        wire = rendering.rendering_of(tokenizer, taught_wire(arguments.model)).wire
    except (models.ModelNotFoundError, prompts.PromptError) as error:
        raise _Misuse(str(error)) from error

    def length(row: Row) -> int:
        completion = prompts.render_completion(row, tokenizer, wire) if _has_gold(row) else ""
        prompt = tokenizer(prompts.render_prompt(row, tokenizer, wire))
        return len(prompt["input_ids"]) + len(
            tokenizer(completion, add_special_tokens=False)["input_ids"]
        )

    return length


def _has_gold(row: Row) -> bool:
    return row.wanted.has_gold


def _output(path: str | None) -> AbstractContextManager[TextIO | None]:
    """A file that appears only when it is whole; nothing where none is named."""
    if path is None:
        return nullcontext()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return whole_file(path)


def _gather(
    findings: Iterable[RowFinding], out: TextIO | None
) -> tuple[Counter[str], dict[str, RowFinding]]:
    """How many findings there are by code, and the first of each; all of them go to `out`."""
    counts: Counter[str] = Counter()
    first: dict[str, RowFinding] = {}
    for finding in findings:
        counts[finding.code] += 1
        first.setdefault(finding.code, finding)
        if out:
            out.write(json.dumps(finding.to_json(), ensure_ascii=False) + "\n")
    return counts, first


def show(counts: Counter[str], first: dict[str, RowFinding], rows: int) -> None:
    """Each code with how often it was found and the first place, errors before warnings."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    if counts:
        console.print(_table(counts, first))
    severities: Counter[str] = Counter()
    for code, count in counts.items():
        severities[CODES[code][0]] += count
    console.print(
        f"{rows:,} rows: {severities['error']:,} errors, {severities['warning']:,} warnings."
    )


def _table(counts: Counter[str], first: dict[str, RowFinding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in ({}, {"no_wrap": True}, {"justify": "right"}, {"overflow": "fold"}):
        table.add_column(**column)  # type: ignore[arg-type]
    for code in _by_severity(counts):
        severity, meaning = CODES[code]
        finding = first[code]
        where = f"{finding.location}: {finding.field}".removesuffix(": ")
        shown = Text.assemble(meaning, "\n", (f"{where}: {finding.message}", "dim"))
        table.add_row(Text(severity, style=STYLES[severity]), code, f"{counts[code]:,}", shown)
    return table


def _by_severity(counts: Counter[str]) -> Iterator[str]:
    for severity in STYLES:
        yield from (code for code, _ in counts.most_common() if CODES[code][0] == severity)
