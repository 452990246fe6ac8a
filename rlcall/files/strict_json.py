"""JSON from a file, of any size, read strictly.

    load(b'{"a": 1}')     # {"a": 1}

Stricter than the standard library: a key given twice, NaN, numbers beyond a double and half a
surrogate pair are refused, and so is text that is not UTF-8. What models write is read within
limits, by rlcall.wire.reading.bounded_json.
"""

from __future__ import annotations

import json
import math
from typing import Any


def load(raw: bytes | str) -> Any:
    """Return the JSON value that is all of `raw`.

    Raises ValueError, whose text says what is wrong as the end of a sentence.
    """
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
        message = "is not text: it holds half a surrogate pair, which is no character"
        raise ValueError(message) from error
    except RecursionError as error:
        raise ValueError("is not JSON that can be used: it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError(f"the key {_repeated_key(pairs)!r} is given twice in one object")
    return result


def _repeated_key(pairs: list[tuple[str, Any]]) -> str:
    keys = [key for key, _ in pairs]
    return next(key for key in keys if keys.count(key) > 1)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number that JSON can hold")
    return number
