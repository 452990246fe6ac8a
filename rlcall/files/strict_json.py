"""JSON from a file, strictly: `load(b'{"a": 1}')` -> `{"a": 1}`, and ValueError for whatever is not JSON.

Stricter than the standard library: a key that stands twice, NaN, numbers beyond a double and half a surrogate pair are
refused, and so is text that is not UTF-8. Unlike `rlcall.wire.reading.strict_json`, which reads what models write, it sets no
limit to size.
"""

from __future__ import annotations

import json
import math
from typing import Any


def load(raw: bytes | str) -> Any:
    """The JSON value that is all of `raw`. The ValueError's text says what is wrong, as the end of a sentence."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_finite
        )
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: {error.reason} at byte {error.start}") from error
    except UnicodeEncodeError as error:
        raise ValueError(
            "is not text: it holds half a surrogate pair, which is no character"
        ) from error
    except RecursionError as error:
        raise ValueError("is not JSON that can be used: it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(
            f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object"
        )
    return result


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no number that JSON can hold")
    return number
