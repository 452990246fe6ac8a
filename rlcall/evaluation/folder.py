"""The folder of an evaluation: what was evaluated, every completion with its verdict, and what came out.

runs/eval/
  rows.jsonl        the rows, as they were shown
  settings.json     model, rows, wire format, sampling, reward, to which it is held when it goes on; command, versions
  verdicts.jsonl    one line per completion (rlcall.metrics.judged_completion.JudgedCompletion), written while it goes
  bfcl.jsonl        of the suite alone: each entry's id, and whether it is right to BFCL and to us
  metrics.json      every metric with its interval
  metrics.md        the same as tables

folder = EvalFolder(Path("runs/eval"))
done = folder.begin(settings, rows)   # what an interrupted evaluation has done: [JudgedCompletion, ...]
folder.append(records)
rows, records = folder.read()         # of one that is finished
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row, read_rows, write_rows
from rlcall.errors import UserError
from rlcall.files.whole import whole_file
from rlcall.metrics.judged_completion import JudgedCompletion

# Keys of the settings that say how an evaluation is run, not what it is.
FREE = frozenset(("batch_size", "command", "device", "versions"))


class EvalFolderError(UserError):
    """A folder that holds another evaluation, or none that can be read; the message says what differs."""


@dataclass(frozen=True)
class EvalFolder:
    """Where an evaluation keeps everything."""

    path: Path

    @property
    def verdicts(self) -> Path:
        return self.path / "verdicts.jsonl"

    def begin(self, settings: Mapping[str, Any], rows: Sequence[Row]) -> list[JudgedCompletion]:
        """The records that are there already, [] where it is new. EvalFolderError where it is another evaluation's."""
        known = self.path / "settings.json"
        if known.is_file():
            self._compare(json.loads(known.read_text(encoding="utf-8")), settings)
            self._cut_torn_line()
            return self._read()
        if self.verdicts.exists():
            raise EvalFolderError(
                f"{self.path}: holds verdicts.jsonl without settings.json; name another folder"
            )
        self.path.mkdir(parents=True, exist_ok=True)
        write_rows(self.path / "rows.jsonl", rows)
        self.write("settings.json", json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
        return []

    def read(self) -> tuple[list[Row], list[JudgedCompletion]]:
        """The rows and all records of a finished evaluation. EvalFolderError where it is none."""
        if not (self.path / "settings.json").is_file():
            raise EvalFolderError(f"{self.path}: holds no evaluation; rlcall eval --out makes one")
        settings = json.loads((self.path / "settings.json").read_text(encoding="utf-8"))
        rows, records = read_rows(self.path / "rows.jsonl"), self._read()
        if len(records) < (wanted := len(rows) * settings["samples"]):
            remedy = "Give the command that began it again, and it goes on."
            raise EvalFolderError(
                f"{self.path}: has {len(records)} of {wanted} completions. {remedy}"
            )
        return rows, records

    def _compare(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        different = [
            key for key in {**before, **now} if key not in FREE and before.get(key) != now.get(key)
        ]
        if different:
            changes = "\n".join(
                f"  {key}: {before.get(key)} there, {now.get(key)} now" for key in different
            )
            remedy = "Name another folder with --out, or ask for the same again."
            raise EvalFolderError(f"{self.path}: holds another evaluation:\n{changes}\n{remedy}")

    def _read(self) -> list[JudgedCompletion]:
        """The whole lines, without one that is being written."""
        if not self.verdicts.is_file():
            return []
        try:
            return [
                JudgedCompletion(**json.loads(line))
                for line in self.verdicts.read_bytes().split(b"\n")[:-1]
            ]
        except (ValueError, TypeError) as error:
            raise EvalFolderError(
                f"{self.verdicts}: has a line that is no verdict: {error}"
            ) from error

    def _cut_torn_line(self) -> None:
        """The one that was being written when the evaluation was stopped."""
        if self.verdicts.is_file():
            torn = self.verdicts.read_bytes().rpartition(b"\n")[2]
            os.truncate(self.verdicts, self.verdicts.stat().st_size - len(torn))

    def keep(self, records: Sequence[JudgedCompletion]) -> None:
        """Write the verdicts anew: these alone."""
        self.write("verdicts.jsonl", "".join(map(_line, records)))

    def append(self, records: Iterable[JudgedCompletion]) -> None:
        with self.verdicts.open("a", encoding="utf-8", newline="\n") as file:
            file.write("".join(map(_line, records)))

    def write_bfcl(
        self, rows: Sequence[Row], verdicts: Mapping[str, Sequence[bool | None]]
    ) -> None:
        """Each entry's verdicts, by whose they are (rlcall.evaluation.run.bfcl_verdicts)."""
        judged = ({name: of[place] for name, of in verdicts.items()} for place in range(len(rows)))
        lines = ({"id": row.id, **one} for row, one in zip(rows, judged, strict=True))
        self.write("bfcl.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    def read_bfcl(self) -> dict[str, list[bool | None]]:
        """The verdicts as they were written; {} where the evaluation was of no suite."""
        file = self.path / "bfcl.jsonl"
        lines = (
            list(map(json.loads, file.read_text(encoding="utf-8").splitlines()))
            if file.is_file()
            else []
        )
        names = [name for name in lines[0] if name != "id"] if lines else []
        return {name: [line[name] for line in lines] for name in names}

    def write(self, name: str, text: str) -> None:
        """A file that appears when it is whole."""
        with whole_file(self.path / name) as file:
            file.write(text)


def _line(record: JudgedCompletion) -> str:
    return json.dumps(record.to_json(), ensure_ascii=False) + "\n"


def digest_of(rows: Iterable[Row]) -> str:
    """A digest of all that stands in rows, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(
            json.dumps(row.to_json(), sort_keys=True).encode(errors="surrogatepass") + b"\n"
        )
    return digest.hexdigest()[:16]
