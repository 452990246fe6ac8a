"""Values that a small model writes instead of the right one.

    other_types(5)                          # ["5", [5]]
    other_values("2026-05-04", rng)         # ["2026-05-05", "2026-05-03", "2026-04-05", ...]
    make_arguments(tool, "Wake me at 7", rng)      # {"time": "at 7"}

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
LONGEST_NUMBER = 15  # digits of a text that is also given as a number
READ_OF_A_REQUEST = 2000  # characters


def parts_of(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield everything inside arguments with its path: containers, leaves and references."""
    for step, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, step), item
        if isinstance(item, dict | list):
            yield from parts_of(item, (*path, step))


def other_types(value: Any) -> list[Any]:
    """Return a value in other JSON types: a number as text, one item as a list, a list as text."""
    if isinstance(value, bool):
        return [str(value).lower(), int(value), "yes" if value else "no"]
    if is_number(value):
        return [str(value), [value]]
    if isinstance(value, str):
        is_number_text = _NUMBER.fullmatch(value) and len(value) <= LONGEST_NUMBER
        return [[value], None, int(value)] if is_number_text else [[value], None]
    if isinstance(value, dict):
        return [json.dumps(encode(value)), list(value.values())]
    if isinstance(value, list):
        are_texts = all(isinstance(item, str) for item in value)
        return [", ".join(value) if are_texts else json.dumps(encode(value)), *value[:1]]
    return ["null"] if value is None else []


def other_values(value: Any, rng: Random) -> list[Any]:
    """Return values of the same type that a careless reader of the request might take."""
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
        return _other_times(int(time[1]), time[2])
    first, _, rest = text.partition(" ")
    at = rng.randrange(len(text)) if text else 0
    before, pair, after = text[:at], text[at : at + 2], text[at + 2 :]
    two_exchanged = before + pair[::-1] + after
    longer_or_shorter = f"{text} {first}" if rest else text[:-1]
    return [rest, text.rpartition(" ")[0], two_exchanged, longer_or_shorter]


def _other_times(hour: int, minute: str) -> list[str]:
    times = [f"{(hour + shift) % 24:02}:{minute}" for shift in (12, 1, -1)]
    without_zeros = f"{hour:02}:{minute}".lstrip("0")
    return [*times, without_zeros]


def _other_dates(text: str) -> list[str]:
    try:
        day = date.fromisoformat(text)
        shifted = [(day + timedelta(days)).isoformat() for days in (1, -1, 7)]
    except (ValueError, OverflowError):
        return []
    month_and_day_exchanged = f"{text[:5]}{text[8:]}-{text[5:7]}"
    return [*shifted, month_and_day_exchanged, f"{day.year - 1}{text[4:]}"]


def other_cases(text: str) -> list[str]:
    """Return an enum's word as it should not be written."""
    return [
        text.upper(),
        text.lower(),
        text.capitalize(),
        text.replace("_", " "),
        text.replace(" ", "_"),
    ]


def other_references(reference: Reference, labels: list[str]) -> list[Any]:
    """Return the whole result, another call's result, or a word where the result is due."""
    others: list[Any] = []
    for label in labels:
        if label != reference.label:
            others.append(Reference(label, reference.path))
    others.append(Reference(reference.label, reference.path[:-1]))
    others.append(Reference(reference.label, ("result",)))
    others.append(str(reference.path[-1]) if reference.path else "result")
    return others


def enum_values(nodes: Iterable[dict[str, Any]]) -> list[Any]:
    """Return the values that an enum among some schemas names."""
    values: list[Any] = []
    for node in nodes:
        if isinstance(node.get("enum"), list):
            values += node["enum"]
    return values


def make_arguments(tool: Tool, request: str, rng: Random) -> dict[str, Any]:
    """Make what a tool requires, as well as a request that never asked for it allows."""
    arguments = {}
    for key in tool.parameters.get("properties", {}):
        if tool.is_required((key,)):
            arguments[key] = make_value(tool, (key,), request, rng)
    return arguments


def make_value(tool: Tool, path: Path, request: str, rng: Random) -> Any:
    """Make a value for a parameter: one that its schema names, or words of the request."""
    nodes, types = tool.nodes(path), tool.types(path)
    if choices := enum_values(nodes):
        return rng.choice(choices)
    if (default := tool.default(path)) is not Absent:
        return default
    if "string" in types or not types:
        return _some_words(request, rng)
    if types & {"integer", "number"}:
        digits = _NUMBER.search(request)
        return int(digits[0][:9] if digits else 0) or rng.randint(1, 10)
    if "array" in types:
        return [make_value(tool, (*path, "*"), request, rng)]
    return {} if "object" in types else rng.random() < 0.5


def _some_words(request: str, rng: Random) -> str:
    """Take one to three words of the request's second half, where its objects tend to be."""
    words = _WORD.findall(request[:READ_OF_A_REQUEST]) or ["unknown"]
    start = rng.randrange(len(words) // 2, len(words))
    end = start + rng.randint(1, 3)
    return " ".join(words[start:end])
