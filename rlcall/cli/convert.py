"""`rlcall convert`: public data sets into rows, and rows into the forms of TRL and OpenAI.

    $ rlcall convert --from toolrl --to rows rlla_test.parquet rows.jsonl
    rlla_test.parquet[3]: output.get_news.n: the gold gives a value that does not fit ...
    80 read, 72 rows, 8 set aside
    ...

IN is a file, a folder where the form has several files, or `hf:owner/name` for a data set of the
hub. What cannot be used is set aside with its place and the reason, on standard error, and counted;
docs/data.md describes the forms.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from rlcall.cli.console import progress, report_mistake
from rlcall.cli.options import CommandParser
from rlcall.data.formats import READERS, WRITERS, recognised_form
from rlcall.data.reading.counts import Counts, Reading
from rlcall.data.rows import Row, RowError
from rlcall.errors import UserError
from rlcall.files.whole import whole_file
from rlcall.show.visible import visible

AUTO = "auto"
Writer = Callable[[Row], dict[str, Any]]


class NothingWritten(Exception):
    """The end of a conversion without a file; the text says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Convert; return 0, 1 where no row comes out or --strict stops, 2 where IN or OUT cannot be
    used."""
    arguments = parser().parse_args(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        form = arguments.source_form
        if form == AUTO:
            form = recognised_form(arguments.source)
            console.print(f"{arguments.source} is read as {form}")
        readings = READERS[form](arguments.source)
        print(_convert(progress(readings, "reading"), arguments, console))
    except NothingWritten as reason:
        console.print(visible(f"{reason}; nothing was written"))
        return 1
    except (UserError, OSError) as error:
        return report_mistake("convert", error)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall convert`."""
    command = CommandParser(
        "convert", "Turn public data sets into rows, and rows into other forms."
    )
    add = command.add_argument
    add(
        "--from",
        required=True,
        choices=[AUTO, *READERS],
        dest="source_form",
        help="the form of IN; auto looks at its first records, and says what it took",
    )
    add("--to", default="rows", choices=list(WRITERS), help="the form of OUT (default: rows)")
    add("--strict", action="store_true", help="stop at the first record that cannot be used")
    add("source", metavar="IN", help="a file or folder, or hf:owner/name for a data set of the hub")
    add("out", type=Path, metavar="OUT", help="JSON Lines, written once all is done")
    return command


def _convert(
    readings: Iterable[Reading], arguments: argparse.Namespace, console: Console
) -> Counts:
    """Write the rows as they come. The file appears when it is whole, and only if there are any."""
    counts = Counts()
    write = WRITERS[arguments.to]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(arguments.out) as out:
        for reading in readings:
            converted, lines = _convert_reading(reading, write)
            counts.add(converted)
            for error in converted.set_aside:
                if arguments.strict:
                    raise NothingWritten(f"{error}\nrlcall convert: stopped, as --strict asks")
                console.print(visible(str(error)))
            out.writelines(lines)
        if not counts.rows:
            raise NothingWritten(f"{counts}\nrlcall convert: {arguments.source} gives no rows")
    return counts


def _convert_reading(reading: Reading, write: Writer) -> tuple[Reading, list[str]]:
    """Return a reading without the rows that have no such form, and the lines of the others."""
    rows, lines = [], []
    set_aside = list(reading.set_aside)
    for row in reading.rows:
        try:
            lines.append(json.dumps(write(row), ensure_ascii=False, allow_nan=False) + "\n")
            rows.append(row)
        except RowError as error:
            location = (reading.path, reading.line, error.field)
            set_aside.append(RowError(*location, error.reason, error.remedy))
    return replace(reading, rows=tuple(rows), set_aside=tuple(set_aside)), lines
