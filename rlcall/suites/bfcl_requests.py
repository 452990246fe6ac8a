"""Makes `bfcl_requests.tsv`: a hash of each request of BFCL, and the entry that it stands in. No text of BFCL's.

    $ python -m rlcall.suites.bfcl_requests bfcl_eval-2026.3.23-py3-none-any.whl     # once for each new version of BFCL
    $ head -3 rlcall/suites/bfcl_requests.tsv
    # Hashes of the requests of bfcl_eval-2026.3.23-py3-none-any.whl (Apache-2.0), made by rlcall.suites.bfcl_requests.
    02d97de12a51	simple_python_0
    ...

All categories are in it, also those that rlcall does not score: Java and JavaScript, several turns, memory, web search.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlcall.files.whole import whole_file
from rlcall.suites.overlap import HASHES, SHORTEST, hash_of, letters

_QUESTIONS = re.compile(
    r"bfcl_eval/data/BFCL_v4_(?!format_sensitivity)\w+\.json"
)  # those of others once more


def lines(wheel: str) -> list[str]:
    """The lines of the table, for the wheel at this path."""
    found: dict[str, str] = {}
    for entry, request in _requests(wheel):
        if len(request) >= SHORTEST:
            found.setdefault(hash_of(request), entry)
    about = f"# Hashes of the requests of {Path(wheel).name} (Apache-2.0), made by rlcall.suites.bfcl_requests."
    return [about, *(f"{digits}\t{entry}" for digits, entry in found.items())]


def _requests(wheel: str) -> Iterator[tuple[str, str]]:
    """(id, what a user says) for each message of each entry, the files in the order of their names."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(filter(_QUESTIONS.fullmatch, archive.namelist())):
            for line in filter(str.strip, archive.read(name).decode().split("\n")):
                entry = json.loads(line)
                for message in _messages(entry["question"]):
                    if message["role"] == "user":
                        yield entry["id"], letters(message["content"])


def _messages(question: list[Any]) -> Iterator[dict[str, Any]]:
    for turn in question:
        yield from turn if isinstance(turn, list) else [turn]


def main(wheel: str) -> None:
    with whole_file(HASHES) as file:
        file.write("\n".join(lines(wheel)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
