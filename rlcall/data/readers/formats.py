"""The forms that data can have, by the names that `rlcall convert` and `train_rows` know them by.

for reading in READERS["toolrl"]("rlla_sft.json"): ...   # a Reading for each record
WRITERS["rows"](row)                                     # {"id": "r1", "messages": [...], ...}

A new form is one module with `read(path)`, or `write(row)`, and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rlcall.data.readers import (
    bfcl,
    glaive,
    hermes,
    nestful,
    openai_chat,
    row_lines,
    toolace,
    toolrl,
    trl_rows,
    xlam,
)
from rlcall.data.readers.counts import Reading
from rlcall.data.rows import Row

READERS: dict[str, Callable[[str], Iterator[Reading]]] = {
    "rows": row_lines.read,
    "bfcl": bfcl.read,
    "nestful": nestful.read,
    "toolrl": toolrl.read,
    "xlam": xlam.read,
    "toolace": toolace.read,
    "hermes": hermes.read,
    "glaive": glaive.read,
    "openai": openai_chat.read,
    "trl": trl_rows.read,
}
# A writer raises RowError for a row that has no such form.
WRITERS: dict[str, Callable[[Row], dict[str, Any]]] = {
    "rows": Row.to_json,
    "openai": openai_chat.write,
    "trl": trl_rows.write,
}
