"""The linter: rows in, findings out, one pass in bounded memory.

    for finding in Lint(["rows.jsonl"], against=["bfcl:bfcl_eval.whl"]).findings():
        print(finding.severity, finding.code, finding.line, finding.message)

A source is a file of rows, or `form:path` for a form that `rlcall.data.readers.formats` reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rlcall.check import gold, grounding, names, schemas
from rlcall.check.finding import Fault, Faults, Finding, at, shortened
from rlcall.check.repeats import Repeats
from rlcall.check.requests import Evaluation, Place, words_asked
from rlcall.data.readers.counts import Reading, read_each
from rlcall.data.readers.files import Record, records
from rlcall.data.readers.formats import READERS
from rlcall.data.readers.tool_check import BAD_TOOL
from rlcall.data.rows import Row, RowError, parse_row
from rlcall.verifier.answer import AnswerError

NO_CALL = 0.05  # the share of rows that should ask for no call
ENOUGH = 20  # rows; in fewer, one row is more than that share


def readings(source: str) -> Iterator[Reading]:
    """The records of `form:path`, or of a file of rows. RowError where it cannot be read."""
    form, colon, path = source.partition(":")
    if colon and form in READERS:
        return READERS[form](path)
    return read_each(records(source), _as_it_stands)


def _as_it_stands(record: Record, notes: list[str]) -> list[Row]:
    """A row whatever its schemas are: the reader of rows sets aside those that the linter is to tell about."""
    try:
        return [parse_row(record.value, record.place, record.line)]
    except (
        AttributeError,
        TypeError,
    ) as error:  # boundary: jsonschema, of a `$schema` or `$id` that is no text
        raise record.error("tools", BAD_TOOL, f"{error}.") from error


class Lint:
    """One run over the sources. `length` counts a row's tokens (ValueError where it has none), to hold to `limit`."""

    def __init__(
        self,
        sources: Sequence[str],
        against: Sequence[str] = (),
        length: Callable[[Row], int] | None = None,
        limit: int = 0,
    ) -> None:
        self.sources, self.against, self.length, self.limit = sources, against, length, limit
        self.rows = 0

    def findings(self) -> Iterator[Finding]:
        """What is wrong, row by row; then what shows at the end of a file, and of them all."""
        self._repeats = Repeats(self._evaluation())
        for source in self.sources:
            kinds: Counter[str] = Counter()
            for reading in readings(source):
                yield from map(_unreadable, reading.set_aside)
                for row in reading.rows:
                    kinds[_kind(row)] += 1
                    place = Place(reading.path, reading.line, row.id)
                    yield from (_finding(place, fault) for fault in self._faults(row, place))
            self.rows += kinds.total()
            yield from (_finding(Place(source, 0, None), fault) for fault in _shares(kinds))
        yield from (_finding(place, fault) for place, fault in self._repeats.near())

    def _evaluation(self) -> Evaluation:
        """The requests of `against`; rows that cannot be read are no requests."""
        evaluation = Evaluation()
        for source in self.against:
            for reading in readings(source):
                for row in reading.rows:
                    evaluation.add(words_asked(row), Place(reading.path, reading.line, row.id))
        return evaluation

    def _faults(self, row: Row, place: Place) -> Faults:
        try:
            yield from names.faults(row)
            yield from (of_schemas := list(schemas.faults(row)))
            if not any(
                fault.code == "broken_schema" for fault in of_schemas
            ):  # else no value can be held against it
                yield from gold.faults(row)
                yield from _ungrounded(row)
        except AnswerError as error:
            yield Fault("not_a_row", "answer", f"{error}")
        yield from self._repeats.faults(row, place)
        if self.length:
            yield from self._too_long(row, self.length)

    def _too_long(self, row: Row, length: Callable[[Row], int]) -> Faults:
        try:
            tokens = length(row)
        except ValueError as error:
            yield Fault("not_rendered", "messages", str(error))
            return
        if tokens > self.limit:
            message = f"{tokens} tokens with its answer, {tokens - self.limit} over the maximum; shorten or drop the row"
            yield Fault("too_long", "messages", message)


def _finding(place: Place, fault: Fault) -> Finding:
    return Finding(fault.code, place.file, place.line, place.row, fault.field, fault.message)


def _unreadable(error: RowError) -> Finding:
    same_name = error.field == "tools" and "same name" in error.reason
    message = f"{error.reason}. {error.remedy}".strip()
    return Finding(
        "same_tool_name" if same_name else "not_a_row",
        error.path,
        error.line,
        None,
        error.field,
        message,
    )


def _ungrounded(row: Row) -> Faults:
    for path, value in grounding.ungrounded(row):
        message = f"{shortened(repr(value), 80)} stands nowhere in the messages; does the request ask for it?"
        yield Fault("ungrounded", at("answer", *path), message)


def _kind(row: Row) -> str:
    """What a row asks for: `none` (no call), `calls`, `null` (nobody knows) or something granular."""
    if row.answer is None:
        return "null"
    if row.answer.get("calls") == []:
        return "none"
    return "calls" if "calls" in row.answer else "granular"


def _shares(kinds: Counter[str]) -> Faults:
    total, of_calls = kinds.total(), kinds["calls"] + kinds["none"]
    if kinds["null"]:
        message = f"{kinds['null']:,} of {total:,} rows have the answer null; nothing verifies them"
        yield Fault("no_answer", "answer", message)
    if of_calls >= ENOUGH and kinds["none"] < NO_CALL * of_calls:
        share = kinds["none"] / of_calls
        message = f"{share:.1%} of {of_calls:,} rows ask for no call; under {NO_CALL:.0%}, a model learns to call always"
        yield Fault("few_no_call", "answer", message)
