"""The folder of an evaluation: its settings and rows, every verdict, and what came out.

runs/eval/
  rows.jsonl        the rows, as they were shown
  settings.json     model, rows, wire format, sampling, ... (rlcall.evaluation.settings)
  verdicts.jsonl    a line for each completion (JudgedCompletion), written while it goes
  bfcl.jsonl        of the suite alone: each entry's id, and whether it is right to BFCL and to us
  metrics.json      every metric with its interval
  metrics.md        the same as tables

folder = EvaluationFolder(Path("runs/eval"))
records = folder.begin(settings, rows)   # what an interrupted evaluation has done
folder.append(new_records)
rows, records = folder.read()            # of one that is finished
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row, read_rows, write_rows
from rlcall.errors import UserError
from rlcall.evaluation.settings import CIRCUMSTANCE, EvaluationSettings, keys_of
from rlcall.files import lines
from rlcall.files.whole import write_whole
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.show.table import Table


class EvaluationFolderError(UserError):
    """A folder that holds another evaluation, or none that can be read; the message says more."""


@dataclass(frozen=True)
class EvaluationFolder:
    """The folder in which an evaluation keeps everything."""

    path: Path

    @property
    def verdicts(self) -> Path:
        """The file of the records."""
        return self.path / "verdicts.jsonl"

    @property
    def _bfcl(self) -> Path:
        return self.path / "bfcl.jsonl"

    @property
    def _settings(self) -> Path:
        return self.path / "settings.json"

    def begin(self, settings: EvaluationSettings, rows: Sequence[Row]) -> list[JudgedCompletion]:
        """Return the records that are there already, [] where the folder is new.

        Raises EvaluationFolderError where it holds another evaluation.
        """
        if self._settings.is_file():
            self._check_same(self._read_settings(), settings.to_json())
            lines.truncate_torn(self.verdicts)
            return self._read_records()
        if self.verdicts.exists():
            raise EvaluationFolderError(
                f"{self.path}: holds verdicts.jsonl without settings.json; name another folder"
            )
        self.path.mkdir(parents=True, exist_ok=True)
        write_rows(self.path / "rows.jsonl", rows)
        text = json.dumps(settings.to_json(), indent=2, ensure_ascii=False)
        write_whole(self.path / self._settings.name, text + "\n")
        return []

    def read(self) -> tuple[list[Row], list[JudgedCompletion]]:
        """Return the rows and all records of a finished evaluation.

        Raises EvaluationFolderError where it is none.
        """
        if not self._settings.is_file():
            raise EvaluationFolderError(
                f"{self.path}: holds no evaluation; rlcall eval --out makes one"
            )
        rows = read_rows(self.path / "rows.jsonl")
        records = self._read_records()
        expected = len(rows) * self._read_settings()["samples"]
        if len(records) < expected:
            raise EvaluationFolderError(
                f"{self.path}: has {len(records)} of {expected} completions. "
                "Give the command that began it again, and it goes on."
            )
        return rows, records

    def replace_records(self, records: Sequence[JudgedCompletion]) -> None:
        """Write the verdicts anew: these alone."""
        lines.write(self.verdicts, (record.to_json() for record in records))

    def append(self, records: Iterable[JudgedCompletion]) -> None:
        """Add records to the verdicts."""
        lines.append(self.verdicts, (record.to_json() for record in records))

    def write_bfcl(
        self, rows: Sequence[Row], verdicts: Mapping[str, Sequence[bool | None]]
    ) -> None:
        """Write each entry's verdicts, by whose they are (rlcall.evaluation.run.bfcl_verdicts)."""
        entries = []
        for index, row in enumerate(rows):
            of_row = {name: judged[index] for name, judged in verdicts.items()}
            entries.append({"id": row.id, **of_row})
        lines.write(self._bfcl, entries)

    def read_bfcl(self) -> dict[str, list[bool | None]]:
        """Return the verdicts as they were written; {} where the evaluation was of no suite."""
        verdicts: dict[str, list[bool | None]] = {}
        for entry in lines.read_whole(self._bfcl):
            for name, verdict in entry.items():
                if name != "id":
                    verdicts.setdefault(name, []).append(verdict)
        return verdicts

    def write_results(
        self, settings: EvaluationSettings, figures: Mapping[str, Any], tables: Sequence[Table]
    ) -> None:
        """Write metrics.json and metrics.md, each of which appears when it is whole."""
        facts = settings.to_json()
        values = {"settings": facts, **figures}
        text = json.dumps(values, indent=2, ensure_ascii=False)
        write_whole(self.path / "metrics.json", text + "\n")
        name = settings.model or settings.name or settings.completions
        list_of_facts = "\n".join(f"- {key}: {_as_text(value)}" for key, value in facts.items())
        body = "\n".join(table.markdown() for table in tables)
        page = f"# {name} on {settings.rows}\n\n{list_of_facts}\n\n{body}"
        write_whole(self.path / "metrics.md", page)

    def _read_settings(self) -> dict[str, Any]:
        return dict(json.loads(self._settings.read_text(encoding="utf-8")))

    def _read_records(self) -> list[JudgedCompletion]:
        """Return the records on the whole lines, without one that is being written."""
        try:
            return [JudgedCompletion(**line) for line in lines.read_whole(self.verdicts)]
        except (ValueError, TypeError) as error:
            raise EvaluationFolderError(
                f"{self.verdicts}: has a line that is no verdict: {error}"
            ) from error

    def _check_same(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        free = keys_of(CIRCUMSTANCE)
        changes = ""
        for key in {**before, **now}:
            if key not in free and before.get(key) != now.get(key):
                changes += f"\n  {key}: {before.get(key)} there, {now.get(key)} now"
        if changes:
            raise EvaluationFolderError(
                f"{self.path}: holds another evaluation:{changes}\n"
                "Name another folder with --out, or ask for the same again."
            )


def digest_of(rows: Iterable[Row]) -> str:
    """Return a digest of all that rows hold, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        text = json.dumps(row.to_json(), sort_keys=True)
        digest.update(text.encode(errors="surrogatepass") + b"\n")
    return digest.hexdigest()[:16]


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry}" for name, entry in value.items())
    return str(value)
