"""An evaluation from its rows to its numbers.

Completions are verified and kept chunk by chunk, so that it can go on.

records = complete(rows, source, reward, folder, [], progress=print)
results(rows, records, source.wire, reward, seed=0).metrics.rates["accuracy"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rlcall.data.rows import Row
from rlcall.evaluation.folder import EvaluationFolder, EvaluationFolderError
from rlcall.evaluation.source import CompletionSource
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.baselines import complete as complete_by
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.judged_completion import JudgedCompletion, judge_completion
from rlcall.metrics.measure import Metrics, as_json, measure, measure_baselines
from rlcall.reward import Reward
from rlcall.suites.bfcl import BfclEntry, are_valid

CHUNK = 256
"""Completions that are written together.

Samples of a chunk depend on its index, so it is done whole or again.
"""


def complete(
    rows: Sequence[Row],
    source: CompletionSource,
    reward: Reward,
    folder: EvaluationFolder | None,
    earlier: list[JudgedCompletion],
    progress: Callable[[int], None],
) -> list[JudgedCompletion]:
    """Return a record for each completion of each row.

    `earlier` ones are not made again; new ones go to the folder.

    `progress` is told how many rows are done. EvaluationFolderError where `earlier` is not what
    this evaluation begins with.
    """
    chunk = max(1, CHUNK // source.samples)
    records = _whole_chunks(earlier, rows, source.samples, chunk)
    if folder and len(records) < len(earlier):
        folder.replace_records(records)
    for start in range(len(records) // source.samples, len(rows), chunk):
        progress(start)
        new = list(_observe(rows[start : start + chunk], start, source, reward))
        if folder:
            folder.append(new)
        records += new
    progress(len(rows))
    return records


def _observe(
    rows: Sequence[Row], start: int, source: CompletionSource, reward: Reward
) -> Iterator[JudgedCompletion]:
    completions = source.write(rows, start)
    for index, (row, texts) in enumerate(zip(rows, completions, strict=True), start):
        for sample, text in enumerate(texts):
            yield judge_completion(index, sample, row, text, source.wire, reward)


def _whole_chunks(
    records: list[JudgedCompletion], rows: Sequence[Row], samples: int, chunk: int
) -> list[JudgedCompletion]:
    """Return the records of the rows whose chunk is whole."""
    count = len(records) // samples
    if count != len(rows):
        count = count // chunk * chunk
    whole = records[: count * samples]
    for index, record in enumerate(whole):
        if (record.row, record.sample) != divmod(index, samples):
            raise _another_order()
    if len(records) > len(rows) * samples:
        raise _another_order()
    return whole


def _another_order() -> EvaluationFolderError:
    return EvaluationFolderError(
        "verdicts.jsonl is not in the order in which it was written; name another folder"
    )


@dataclass(frozen=True)
class EvaluationResults:
    """The metrics of a model's completions, and those of the baselines on the same rows.

    `bfcl` holds the suite's scores, by whose verdicts they are; it is empty for other rows.
    """

    metrics: Metrics
    baselines: dict[str, Metrics]
    bfcl: dict[str, dict[str, Estimate]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what `metrics.json` has next to the settings."""
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
    entries: Sequence[BfclEntry],
    records: Sequence[JudgedCompletion],
    wire: str,
    path: str,
    seed: int,
) -> dict[str, list[bool | None]]:
    """Return BFCL's verdict on each entry, ours, and its verdicts on the baselines.

    Of several samples the first of each row counts, as the leaderboard has one.
    """
    first = [record for record in records if record.sample == 0]
    completions = {"bfcl": [record.completion for record in first]}
    for policy in POLICIES:
        completions[policy] = [complete_by(policy, entry.row, seed) for entry in entries]
    verdicts: dict[str, list[bool | None]] = {}
    for name, texts in completions.items():
        verdicts[name] = list(are_valid(entries, texts, wire, path))
    verdicts["ours"] = [record.correct for record in first]
    return verdicts
