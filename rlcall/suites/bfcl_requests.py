"""Makes `bfcl_requests.tsv`: the hash of each request of BFCL and its entry, no text of BFCL's.

    $ python -m rlcall.suites.bfcl_requests bfcl_eval-2026.3.23-py3-none-any.whl
    $ head -3 rlcall/check/bfcl_requests.tsv
    # Hashes of the requests of bfcl_eval-2026.3.23-py3-none-any.whl (Apache-2.0), made by ...
    ac47eb8d96d1b03c	irrelevance_0
    ...

To be run once for each new version of BFCL. All categories are in the table, also those that rlcall
does not score: Java and JavaScript, several turns, memory, web search.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rlcall.check.contamination import BFCL_HASHES, is_long
from rlcall.check.requests import Words, letters_hash, words_in
from rlcall.files.whole import whole_file

# The files of entries; format_sensitivity has those of others once more.
_QUESTIONS = re.compile(r"bfcl_eval/data/BFCL_v4_(?!format_sensitivity)\w+\.json")


def table(wheel: str) -> str:
    """Return the text of the table for the wheel at this path."""
    entries: dict[int, str] = {}
    for entry, words in _user_messages(wheel):
        if is_long(words):
            entries.setdefault(letters_hash(words), entry)
    source = f"{Path(wheel).name} (Apache-2.0), made by rlcall.suites.bfcl_requests."
    lines = [f"# Hashes of the requests of {source}"]
    lines += [f"{number:016x}\t{entry}" for number, entry in entries.items()]
    return "\n".join(lines) + "\n"


def _user_messages(wheel: str) -> Iterator[tuple[str, Words]]:
    """Yield (id, words) for each user message of each entry, the files by name."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(filter(_QUESTIONS.fullmatch, archive.namelist())):
            for line in filter(bytes.strip, archive.open(name)):
                entry = json.loads(line)
                # Single-turn files hold one list of messages, some others a list of turns.
                turns = [turn if isinstance(turn, list) else [turn] for turn in entry["question"]]
                for message in chain.from_iterable(turns):
                    if message["role"] == "user":
                        yield entry["id"], words_in(message["content"])


if __name__ == "__main__":
    with whole_file(BFCL_HASHES) as file:
        file.write(table(sys.argv[1]))
