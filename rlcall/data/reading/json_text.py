r"""JSON in the midst of other text, as data sets have it in their prompts.

json_at('Tools: [{"name": "f"}]. Call them.', 7)             # ([{"name": "f"}], 22)
json_objects('{"name": "f"}\n{"name": "g"}\nCall them.')     # ([{"name": "f"}, {"name": "g"}], 28)
"""

from __future__ import annotations

import json
from typing import Any

from rlcall.files import strict_json


def json_at(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the JSON value that begins at `start`, and where it ends.

    Raises ValueError, worded as the end of a sentence, where there is none.
    """
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except RecursionError as error:
        raise ValueError("is not JSON that can be used: it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    return strict_json.load(text[start:end]), end


def json_objects(text: str, start: int = 0, between: str = " \n\r\t") -> tuple[list[Any], int]:
    """Return the objects that follow each other from `start`, and where other text begins.

    `between` are the characters that may separate them. ValueError as in `json_at`.
    """
    objects = []
    position = start
    while text.startswith("{", position):
        value, position = json_at(text, position)
        objects.append(value)
        while position < len(text) and text[position] in between:
            position += 1
    return objects, position
