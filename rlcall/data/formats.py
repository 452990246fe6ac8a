"""The forms of data that can be read, by the name that `rlcall convert --from` and `train_rows` know them by.

for reading in FORMATS["toolrl"]("rlla_sft.json"): ...   # a Reading for each record

A new form is one module with `read(path) -> Iterator[Reading]`, and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rlcall.data import nestful, row_lines, toolrl
from rlcall.data.counts import Reading

FORMATS: dict[str, Callable[[str], Iterator[Reading]]] = {
    "rows": row_lines.read,
    "nestful": nestful.read,
    "toolrl": toolrl.read,
}
