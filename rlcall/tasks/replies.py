"""What a reply has to tell: the results of the calls, in words and as the slots of an answer.

reply_answer(record)
# {"slots": {"price": 12.5}, "reply": "The price of the red lamp is 12.5.", "also": ["the red lamp"]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from rlcall.tasks.common import spoken_dates
from rlcall.tasks.kinds import listed
from rlcall.tasks.record import Record, Step, filled

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def reply_answer(record: Record) -> dict[str, Any]:
    """The answer of a reply: values that it must hold, a reply that does, and what else it may mention."""
    results = record.results()
    told = _told_results(record, results)
    slots = {slot: value for slot, (_, value) in told.items()}
    reply = " ".join(f"{words} is {_in_words(value)}." for words, value in told.values())
    answer: dict[str, Any] = {"slots": slots, "reply": reply}
    if accept := {
        f"$.{slot}": said for slot, value in slots.items() if (said := _other_writings(value))
    }:
        answer["accept"] = accept
    if also := [value for value in _mentioned(record, results) if value not in slots.values()]:
        answer["also"] = also
    return answer


def can_tell(record: Record) -> bool:
    """Whether the calls give back something that a reply can tell, and that the request does not hold already."""
    told = _told_results(record, record.results())
    return bool(told) and not any(
        str(value).lower() in record.text.lower() for _, value in told.values()
    )


def _told_results(record: Record, results: Sequence[dict[str, Any]]) -> dict[str, tuple[str, Any]]:
    """slot -> (what it is in words, value), for every result of each request's last step that is a number or a text."""
    told: dict[str, tuple[str, Any]] = {}
    place = -1
    for part in record.parts:
        place += len(part.steps)
        for name, words in _results_in_words(part.steps[-1], results, place).items():
            told[name if name not in told else f"{name}_{place + 1}"] = (
                words,
                results[place][name],
            )
    return told


def _results_in_words(step: Step, results: Sequence[dict[str, Any]], place: int) -> dict[str, str]:
    given = {name: _in_words(value) for name, value in filled(step.arguments, results).items()}
    phrases = {
        name: result.named[0].format(**given)
        for name, result in step.tool.gives.items()
        if _is_plain(results[place].get(name))
    }
    return {name: words[0].upper() + words[1:] for name, words in phrases.items()}


def _other_writings(value: Any) -> list[str]:
    """A date in words, where the value is a date."""
    return (
        list(spoken_dates(date.fromisoformat(value)))
        if isinstance(value, str) and _DATE.fullmatch(value)
        else []
    )


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return listed([_in_words(item) for item in value])
    if isinstance(value, dict):
        return ", ".join(map(_in_words, value.values()))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _mentioned(record: Record, results: Sequence[dict[str, Any]]) -> list[Any]:
    """Every number and text that a reply may fairly mention: of the calls and of their results."""
    calls = [filled(step.arguments, results) for step in record.steps]
    return list(dict.fromkeys(value for holder in [*calls, *results] for value in _leaves(holder)))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    elif _is_plain(value):
        yield value
