"""Schemas inside a schema, each by its place, so that data and names are never taken for keywords.

changed({"properties": {"title": {"title": "T"}}}, lambda part, name: {"type": name})
# {"properties": {"title": {"type": "title"}}}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from rlcall.verifier.subschemas import APPLICATORS, MAPS

Schema = dict[str, Any]
Change = Callable[[Schema, str], Schema]


def changed(schema: Schema, change: Change) -> Schema:
    """Return a schema whose direct parts are changed; `change` gets each part and its name, ""
    where it has none."""
    result = dict(schema)
    for keyword in APPLICATORS:
        value = schema.get(keyword)
        if isinstance(value, list):
            result[keyword] = [_changed(part, "", change) for part in value]
        elif isinstance(value, dict) and keyword in MAPS:
            result[keyword] = {name: _changed(part, name, change) for name, part in value.items()}
        elif isinstance(value, dict):
            result[keyword] = change(value, "")
    return result


def schemas(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and every one inside it."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        yield part

        def collect(inner: Schema, _name: str) -> Schema:
            waiting.append(inner)
            return inner

        changed(part, collect)


def is_json(value: Any) -> bool:
    """Tell whether a value can be written as JSON: no NaN, no date, no half surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _changed(part: Any, name: str, change: Change) -> Any:
    return change(part, name) if isinstance(part, dict) else part
