"""A data set of the Hugging Face hub, read as it comes, for those who ask for one by `hf:`.

for record in stream("hf:Salesforce/xlam-function-calling-60k"): ...      # its split `train`
for record in stream("hf:owner/name/configuration:test"): ...

Nothing else here reaches a network, and nothing of the data set is executed: `datasets` reads data files only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.rows import RowError

PREFIX = "hf:"
_NAME = re.compile(r"hf:(\w[\w.-]*/\w[\w.-]*)(?:/([\w.-]+))?(?::([\w.-]+))?")


def stream(name: str) -> Iterator[Any]:
    """The records of `hf:owner/name`, with `/configuration` and `:split` where they are wanted. RowError where not."""
    asked = _NAME.fullmatch(name)
    if asked is None:
        raise RowError(name, 0, "", "is no data set's name", "Write hf:owner/name, hf:owner/name:split or "
                       "hf:owner/name/configuration:split.")  # fmt: skip
    try:
        from datasets import load_dataset
    except ImportError as error:
        reason = "is a data set of the hub, which needs the library `datasets`"
        raise RowError(name, 0, "", reason, "pip install 'rlcall[data]'") from error
    owner_and_name, configuration, split = asked.groups()
    try:
        yield from load_dataset(
            owner_and_name, configuration, split=split or "train", streaming=True
        )
    except (
        Exception
    ) as error:  # whatever the hub's libraries raise: no network, no such name, a gated data set
        raise RowError(
            name, 0, "", "cannot be read from the hub", f"{type(error).__name__}: {error}"
        ) from error
