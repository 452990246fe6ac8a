"""Replies to a request: the results of its calls in words, and as the slots of an answer.

reply_answer(record)
# {"slots": {"price": 12.5}, "reply": "The price of the red lamp is 12.5.", "also": ["red lamp"]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from rlcall.tasks.kinds import listed
from rlcall.tasks.record import RequestRecord, resolved
from rlcall.tasks.shared_kinds import spoken_dates

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Statement(NamedTuple):
    """A result in words: `The price of the red lamp`, 12.5."""

    subject: str
    value: Any


def reply_answer(record: RequestRecord) -> dict[str, Any]:
    """Return the answer: the values due, a reply that holds them, and what else it may mention."""
    results = record.results()
    statements = _statements(record, results)
    slots = {slot: statement.value for slot, statement in statements.items()}
    sentences = [f"{subject} is {_in_words(value)}." for subject, value in statements.values()]
    answer: dict[str, Any] = {"slots": slots, "reply": " ".join(sentences)}
    accept = {f"$.{slot}": _other_spellings(value) for slot, value in slots.items()}
    if any(accept.values()):
        answer["accept"] = {path: spellings for path, spellings in accept.items() if spellings}
    also = [value for value in _mentionable(record, results) if value not in slots.values()]
    if also:
        answer["also"] = also
    return answer


def can_tell(record: RequestRecord) -> bool:
    """Tell whether a reply has anything to say, and nothing that the request holds already."""
    statements = _statements(record, record.results()).values()
    request = record.text.lower()
    return bool(statements) and not any(
        str(statement.value).lower() in request for statement in statements
    )


def _statements(record: RequestRecord, results: Sequence[dict[str, Any]]) -> dict[str, Statement]:
    """Put into words the numbers and texts that each request's last step gives back, by slot."""
    statements: dict[str, Statement] = {}
    index = -1
    for part in record.parts:
        index += len(part.steps)
        step, result = part.steps[-1], results[index]
        arguments = resolved(step.arguments, results)
        words = {name: _in_words(value) for name, value in arguments.items()}
        for name, field in step.tool.gives.items():
            if _is_plain(result.get(name)):
                subject = field.named[0].format(**words)
                slot = name if name not in statements else f"{name}_{index + 1}"
                statements[slot] = Statement(subject[0].upper() + subject[1:], result[name])
    return statements


def _other_spellings(value: Any) -> list[str]:
    """Write a date in words; nothing else has another spelling."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return list(spoken_dates(date.fromisoformat(value)))
    return []


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return listed([_in_words(item) for item in value])
    if isinstance(value, dict):
        return ", ".join(_in_words(item) for item in value.values())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _mentionable(record: RequestRecord, results: Sequence[dict[str, Any]]) -> list[Any]:
    """List every number and text of the calls and their results, which a reply may mention."""
    calls = [resolved(step.arguments, results) for step in record.steps]
    return list(dict.fromkeys(_leaves([*calls, *results])))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    elif _is_plain(value):
        yield value
