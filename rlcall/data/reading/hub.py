"""A data set of the Hugging Face hub, read as it comes, for those who ask for one by `hf:`.

    for record in stream("hf:Salesforce/xlam-function-calling-60k"): ...      # its split `train`
    for record in stream("hf:owner/name/configuration:test"): ...

No other reader reaches a network, and nothing of the data set is executed: `datasets` reads data
files only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.rows import RowError

PREFIX = "hf:"
_NAME = re.compile(r"hf:(\w[\w.-]*/\w[\w.-]*)(?:/([\w.-]+))?(?::([\w.-]+))?")


def stream(name: str) -> Iterator[Any]:
    """Yield the records of `hf:owner/name`, of `/configuration` and `:split` where they are named.

    Raises RowError for another name, without `datasets`, and where the hub cannot be read.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        remedy = "Write hf:owner/name, hf:owner/name:split or hf:owner/name/configuration:split."
        raise RowError(name, 0, "", "is not the name of a data set", remedy)
    try:
        from datasets import load_dataset
    except ImportError as error:
        reason = "is a data set of the hub, which needs the library `datasets`"
        raise RowError(name, 0, "", reason, "pip install 'rlcall[data]'") from error
    owner_and_name, configuration, split = parts.groups()
    try:
        yield from load_dataset(
            owner_and_name, configuration, split=split or "train", streaming=True
        )
    except Exception as error:
        # boundary: no network, no such name, a gated data set; the libraries raise what they like
        remedy = f"{type(error).__name__}: {error}"
        raise RowError(name, 0, "", "cannot be read from the hub", remedy) from error
