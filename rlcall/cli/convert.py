"""`rlcall convert`: public data sets into rows, and rows into the forms of TRL and OpenAI.

    $ rlcall convert --from toolrl --to rows rlla_test.parquet rows.jsonl
    rlla_test.parquet[3]: output.get_news.n: the gold gives a value that does not fit its parameter. It reads 'one'.
    80 read, 72 rows, 8 set aside
    ...

IN is a file, a folder where the form has several files, or `hf:owner/name` for a data set of the hub. What cannot be
used is set aside with place and reason, on standard error, and counted; docs/data.md describes the forms.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from rlcall.data.formats import READERS, WRITERS
from rlcall.data.reading.counts import Counts, Reading
from rlcall.data.rows import Row, RowError
from rlcall.files.whole import whole_file

Writer = Callable[[Row], dict[str, Any]]


class _Stopped(Exception):
    """Nothing was written; the text says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0; 1 where no row comes out, or --strict stops; 2 where IN cannot be read or OUT not written."""
    arguments = _parser().parse_args(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    readings = READERS[arguments.from_](arguments.source)
    watched = track(
        readings, "reading", None, console=console, transient=True, disable=not console.is_terminal
    )
    try:
        print(_convert(watched, arguments, console))
    except _Stopped as stopped:
        console.print(f"{stopped}; nothing was written")
        return 1
    except (RowError, OSError) as error:
        console.print(f"rlcall convert: {error}")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rlcall convert", description="Public data sets into rows, rows into others."
    )
    parser.add_argument(
        "--from", required=True, choices=list(READERS), dest="from_", help="the form of IN"
    )
    parser.add_argument(
        "--to", default="rows", choices=list(WRITERS), help="the form of OUT (default: rows)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="stop at the first record that cannot be used"
    )
    parser.add_argument(
        "source", metavar="IN", help="a file or folder, or hf:owner/name for a data set of the hub"
    )
    parser.add_argument("out", metavar="OUT", help="JSON Lines, written when all is done")
    return parser


def _convert(
    readings: Iterable[Reading], arguments: argparse.Namespace, console: Console
) -> Counts:
    """Write the rows as they come. The file appears when it is whole, and only if there are any."""
    counts = Counts()
    Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    with whole_file(arguments.out) as out:
        for reading in readings:
            kept, lines = _written(reading, WRITERS[arguments.to])
            counts.add(kept)
            for error in kept.set_aside:
                if arguments.strict:
                    raise _Stopped(f"{error}\nrlcall convert: stopped there, as --strict asks")
                console.print(str(error))
            out.writelines(lines)
        if not counts.rows:
            raise _Stopped(f"{counts}\nrlcall convert: {arguments.source} gives no rows")
    return counts


def _written(reading: Reading, write: Writer) -> tuple[Reading, list[str]]:
    """The lines of a reading's rows in another form, and the reading without the rows that have no such form."""
    rows, errors, lines = [], list(reading.set_aside), []
    for row in reading.rows:
        try:
            lines.append(json.dumps(write(row), ensure_ascii=False, allow_nan=False) + "\n")
            rows.append(row)
        except RowError as error:
            errors.append(
                RowError(reading.path, reading.line, error.field, error.reason, error.remedy)
            )
    return replace(reading, rows=tuple(rows), set_aside=tuple(errors)), lines
