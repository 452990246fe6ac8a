"""A teacher's texts, kept until the rows are whole: an SQLite file that outlives a killed command.

    cache = TeacherCache(Path("rows.jsonl.partial"), "http://localhost:8000/v1 big")
    cache.add({"9f0c...": "Wake me at six.", "51ab...": None})   # all of these or none
    cache["9f0c..."]                                             # "Wake me at six."

A key is a digest of the prompt (`rlcall.tasks.teacher.prompt_key`); None means the grammar's
words, where nothing that the teacher wrote could be used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from rlcall.errors import UserError

SQLITE_HEADER = b"SQLite format 3\0"
TABLE = (
    "CREATE TABLE IF NOT EXISTS texts "
    '("teacher" TEXT, "key" TEXT, "text" TEXT, PRIMARY KEY ("teacher", "key"))'
)
SELECT = 'SELECT "key", "text" FROM texts WHERE "teacher" = ?'
INSERT = "INSERT OR REPLACE INTO texts VALUES (?, ?, ?)"
REMEDY = "Remove it to begin anew, or name another --out."


class TeacherCacheError(UserError):
    """A file that holds no teacher's texts, or cannot be written; the message says what to do."""


class TeacherCache:
    """The texts of one teacher by key. A file may hold those of several teachers.

    TeacherCacheError where the file is something else; it is then left as it is.
    """

    def __init__(self, path: Path, teacher: str) -> None:
        self.path, self.teacher = path, teacher
        self._texts: dict[str, str | None] = {}
        if path.exists() and path.stat().st_size:
            self._read()

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __getitem__(self, key: str) -> str | None:
        return self._texts[key]

    def add(self, texts: Mapping[str, str | None]) -> None:
        """Keep several texts, all of them or none, whenever it is killed. TeacherCacheError."""
        try:
            # SQLite's journal undoes a half-written transaction when the file is next opened.
            with closing(sqlite3.connect(self.path)) as database, database:
                database.execute(TABLE)
                for key, text in texts.items():
                    database.execute(INSERT, (self.teacher, key, text))
        except sqlite3.Error as error:
            raise TeacherCacheError(f"{self.path} cannot be written: {error}") from error
        self._texts.update(texts)

    def _read(self) -> None:
        with self.path.open("rb") as file:
            header = file.read(len(SQLITE_HEADER))
        if header.startswith(b'{"teacher"'):
            raise TeacherCacheError(
                f"{self.path} holds a teacher's texts as an earlier version of rlcall kept them. "
                f"Go on with that version, or: {REMEDY}"
            )
        if header != SQLITE_HEADER:
            raise TeacherCacheError(f"{self.path} holds no teacher's texts. {REMEDY}")
        try:
            with closing(sqlite3.connect(self.path)) as database:
                self._texts = dict(database.execute(SELECT, (self.teacher,)))
        except sqlite3.DatabaseError as error:
            raise TeacherCacheError(
                f"{self.path} holds no teacher's texts: {error}. {REMEDY}"
            ) from error
