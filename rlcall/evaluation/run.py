"""An evaluation from its rows to its numbers: completions are verified and kept piece by piece, so that it can go on.

records = complete(rows, source, reward, folder, [], progress=print)
results(rows, records, source.wire, reward, seed=0).metrics.rates["accuracy"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rlcall.data.rows import Row
from rlcall.evaluation.folder import EvalFolder, EvalFolderError
from rlcall.evaluation.source import Source
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.baselines import complete as complete_by
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.judged_completion import JudgedCompletion, judge_completion
from rlcall.metrics.measure import Metrics, as_json, measure, measure_baselines
from rlcall.reward import Reward
from rlcall.suites.bfcl import Entry, valid

PIECE = 256
"""Completions that are written together. Samples of a piece depend on its place, so a piece is done whole or again."""


def complete(
    rows: Sequence[Row],
    source: Source,
    reward: Reward,
    folder: EvalFolder | None,
    done: list[JudgedCompletion],
    progress: Callable[[int], None],
) -> list[JudgedCompletion]:
    """A record for each completion of each row. Those that are `done` are not made again; new ones go to the folder.

    `progress` is told how many rows are done. EvalFolderError where `done` is not what this evaluation begins with.
    """
    size = max(1, PIECE // source.samples)
    records = _whole_pieces(done, rows, source.samples, size)
    if folder and len(records) < len(done):
        folder.keep(records)
    for start in range(len(records) // source.samples, len(rows), size):
        progress(start)
        new = list(_observed(rows[start : start + size], start, source, reward))
        if folder:
            folder.append(new)
        records += new
    progress(len(rows))
    return records


def _observed(
    rows: Sequence[Row], start: int, source: Source, reward: Reward
) -> Iterator[JudgedCompletion]:
    for place, (row, texts) in enumerate(zip(rows, source.write(rows, start), strict=True), start):
        for sample, text in enumerate(texts):
            yield judge_completion(place, sample, row, text, source.wire, reward)


def _whole_pieces(
    done: list[JudgedCompletion], rows: Sequence[Row], samples: int, size: int
) -> list[JudgedCompletion]:
    count = len(done) // samples
    whole = len(rows) if count == len(rows) else count // size * size
    kept = done[: whole * samples]
    places = [(place // samples, place % samples) for place in range(len(kept))]
    if (
        len(done) > len(rows) * samples
        or [(record.row, record.sample) for record in kept] != places
    ):
        raise EvalFolderError(
            "verdicts.jsonl is not in the order in which it was written; name another folder"
        )
    return kept


@dataclass(frozen=True)
class EvaluationResults:
    """The metrics of a model's completions, and those of the baselines on the same rows.

    `bfcl` holds the suite's scores, by whose verdicts they are; it is empty of other rows.
    """

    metrics: Metrics
    baselines: dict[str, Metrics]
    bfcl: dict[str, dict[str, Estimate]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what `metrics.json` has beside the settings."""
        values = {"metrics": as_json(self.metrics), "baselines": as_json(self.baselines)}
        return {**values, "bfcl": as_json(self.bfcl)} if self.bfcl else values


def results(
    rows: Sequence[Row],
    completions: Sequence[JudgedCompletion],
    wire: str,
    reward: Reward,
    seed: int,
) -> EvaluationResults:
    """Measure the completions and the baselines. ValueError as `measure` raises it."""
    metrics = measure(rows, completions, wire, seed)
    baselines = measure_baselines(rows, wire, reward, seed, metrics.samples)
    return EvaluationResults(metrics, baselines)


def bfcl_verdicts(
    entries: Sequence[Entry], records: Sequence[JudgedCompletion], wire: str, path: str, seed: int
) -> dict[str, list[bool | None]]:
    """BFCL's own verdict on each entry, ours of the same completions, and its own on the baselines.

    Of several samples the first of each row counts, as the leaderboard has one.
    """
    first = [record for record in records if record.sample == 0]
    written = {"bfcl": [record.completion for record in first]}
    written |= {
        name: [complete_by(name, entry.row, seed) for entry in entries] for name in POLICIES
    }
    judged: dict[str, list[bool | None]] = {
        name: list(valid(entries, texts, wire, path)) for name, texts in written.items()
    }
    return {**judged, "ours": [record.correct for record in first]}
