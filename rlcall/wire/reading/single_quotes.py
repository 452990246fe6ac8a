"""JSON whose texts may be in single quotes, as Hermes 2 Pro writes them.

    load_single_quoted("{'a': -1, 'b': [true]}")     # {"a": -1, "b": [True]}

Nothing else of Python is read: all but the quotes, and an escaped quote, is strict JSON.
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.wire.reading import bounded_json

# The closing quote may be missing: a text that never ends is gone over once, not from each quote.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"?|' + r"'((?:[^'\\]|\\.)*+)('?)", re.DOTALL)
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_QUOTED = {"\\'": "'", '"': '\\"'}  # in single quotes -> in double quotes


def load_single_quoted(text: str) -> Any:
    """Return the value of a text. Raises `Unreadable` for all that is no such JSON."""
    return bounded_json.load(_TEXT.sub(_in_double_quotes, text))


def _in_double_quotes(quoted: re.Match[str]) -> str:
    if not quoted[2]:  # in double quotes, or without an end
        return quoted[0]
    inside = _QUOTE.sub(lambda match: _QUOTED.get(match[0], match[0]), quoted[1])
    return f'"{inside}"'
