"""Values that a small model writes in the place of the right one.

    other_types(5)                          # ["5", [5]]
    other_values("2026-05-04", rng)         # ["2026-05-05", "2026-05-03", "2026-04-05", ...]
    made_arguments(tool, "Wake me at 7", rng)      # {"time": "at 7"}

Whether a value is wrong is for the verifier to say: a row may accept it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from rlcall.calls import Path, Reference, encode
from rlcall.verifier.schema import Tool
from rlcall.verifier.values import Absent, is_number

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[\w'@.:-]*\w")


def places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything inside arguments with its path: containers, leaves and references."""
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, step), item
        if isinstance(item, dict | list):
            yield from places(item, (*path, step))


def other_types(value: Any) -> list[Any]:
    """The value in another JSON type: a number as text, one item as a list, a list as text."""
    if isinstance(value, bool):
        return [str(value).lower(), int(value), "yes" if value else "no"]
    if is_number(value):
        return [str(value), [value]]
    if isinstance(value, str):
        return [
            [value],
            None,
            *([int(value)] if _NUMBER.fullmatch(value) and len(value) < 16 else []),
        ]
    if isinstance(value, dict):
        return [json.dumps(encode(value)), list(value.values())]
    if isinstance(value, list):
        texts = all(isinstance(item, str) for item in value)
        return [", ".join(value) if texts else json.dumps(encode(value)), *value[:1]]
    return ["null"] if value is None else []


def other_values(value: Any, rng: Random) -> list[Any]:
    """Values of the same type that a careless reader of the request might take."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, value * 10]
    if isinstance(value, float):
        return [value + 1, value * 10, float(round(value))]
    if isinstance(value, str):
        return [text for text in _other_texts(value, rng) if text and text != value]
    if isinstance(value, list) and value:
        return [value[:-1], [*value, value[-1]]]
    return []


def _other_texts(text: str, rng: Random) -> list[str]:
    if _DATE.fullmatch(text):
        return _other_dates(text)
    if time := _TIME.fullmatch(text):
        hours = [(int(time[1]) + shift) % 24 for shift in (12, 1, -1)]
        return [*(f"{hour:02}:{time[2]}" for hour in hours), text.lstrip("0")]
    first, _, rest = text.partition(" ")
    at = rng.randrange(len(text)) if text else 0
    slipped = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
    return [rest, text.rpartition(" ")[0], slipped, f"{text} {first}" if rest else text[:-1]]


def _other_dates(text: str) -> list[str]:
    try:
        day = date.fromisoformat(text)
        shifted = [day + timedelta(days) for days in (1, -1, 7)]
    except (ValueError, OverflowError):
        return []
    return [
        *(other.isoformat() for other in shifted),
        f"{text[:5]}{text[8:]}-{text[5:7]}",
        f"{day.year - 1}{text[4:]}",
    ]


def other_cases(text: str) -> list[str]:
    """An enum's word as it should not be written."""
    return [
        text.upper(),
        text.lower(),
        text.capitalize(),
        text.replace("_", " "),
        text.replace(" ", "_"),
    ]


def other_references(reference: Reference, labels: list[str]) -> list[Any]:
    """The whole result, the result of another call, or a word where the result is due."""
    others = [Reference(label, reference.path) for label in labels if label != reference.label]
    name = str(reference.path[-1]) if reference.path else "result"
    return [
        *others,
        Reference(reference.label, reference.path[:-1]),
        Reference(reference.label, ("result",)),
        name,
    ]


def members(nodes: Iterable[dict[str, Any]]) -> list[Any]:
    """The values that an enum among some schemas names."""
    return [value for node in nodes if isinstance(node.get("enum"), list) for value in node["enum"]]


def made_arguments(tool: Tool, request: str, rng: Random) -> dict[str, Any]:
    """Arguments for what a tool requires, as well as they can be had from a request that never asked for it."""
    properties = tool.parameters.get("properties", {})
    return {
        key: made_value(tool, (key,), request, rng)
        for key in properties
        if tool.is_required((key,))
    }


def made_value(tool: Tool, path: Path, request: str, rng: Random) -> Any:
    """One value for the parameter at `path`: one that the schema names, or a piece of the request."""
    nodes, types = tool.nodes(path), tool.types(path)
    if choices := members(nodes):
        return rng.choice(choices)
    if (default := tool.default(path)) is not Absent:
        return default
    if "string" in types or not types:
        return _piece(request, rng)
    if types & {"integer", "number"}:
        return int(next(iter(_NUMBER.findall(request)), "0")[:9]) or rng.randint(1, 10)
    if "array" in types:
        return [made_value(tool, (*path, "*"), request, rng)]
    return {} if "object" in types else rng.random() < 0.5


def _piece(request: str, rng: Random) -> str:
    """One to three words of the request, from its second half, where its objects tend to stand."""
    words = _WORD.findall(request[:2000]) or ["unknown"]
    start = rng.randrange(len(words) // 2, len(words))
    return " ".join(words[start : start + rng.randint(1, 3)])
