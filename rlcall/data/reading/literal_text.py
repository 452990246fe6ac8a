"""Values in text that is JSON or a Python literal, as data sets that print objects have it.

    value_of(record, "tools", "{'name': 'f', 'strict': True}", notes)    # {"name": "f", ...}

The text is parsed, never evaluated.
"""

from __future__ import annotations

import ast
from typing import Any

from rlcall.data.reading.records import SourceRecord
from rlcall.files import strict_json
from rlcall.wire.reading import literals
from rlcall.wire.reading.parsed import Unreadable

LITERAL = "Python literals were read as JSON"  # a note


def value_of(record: SourceRecord, field: str, text: str, notes: list[str]) -> Any:
    """Return the value of JSON text, or of a Python literal. RowError for any other."""
    try:
        return strict_json.load(text)
    except ValueError as error:
        try:
            tree = literals.parse_source(text, "eval")
            assert isinstance(tree, ast.Expression)
            value = literals.value_of(tree.body)
        except Unreadable:
            raise record.error(field, "holds a piece that is not JSON", f"It {error}.") from error
    notes.append(LITERAL)
    return value
