"""Manners of asking, whatever for: politeness, joining, ellipsis. No split has another's phrasing.

sentence("Please {}.", "ring Anna")                # "Please ring Anna."
MANNERS["train"].same[0].format("Lima")            # "do the same for Lima"
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Manners:
    """The frames of one split, each with `{}` for a clause or, in `same`, for a value."""

    requests: tuple[str, ...]
    """One clause as a request."""
    first: tuple[str, ...]
    then: tuple[str, ...]
    last: tuple[str, ...]
    """The steps of a sequence."""
    conjunctions: tuple[tuple[str, str], ...]
    """Between independent clauses, and before the last of them."""
    same: tuple[str, ...]
    """A call once more, with one value changed."""


MANNERS = {
    "train": Manners(
        requests=(
            "{}", "{}.", "Please {}.", "{}, please.", "Can you {}?", "Could you please {}?",
            "hey, {}", "I need you to {}.", "Hi! {}.", "I'd like you to {}.",
            "Can you help me? I want you to {}.", "quick one: {}", "Go ahead and {}.",
        ),
        first=("first {}", "first of all, {}", "start here: {}"),
        then=("then {}", "after that, {}", "next, {}"),
        last=("then {}", "and finally {}", "and after that {}"),
        conjunctions=((", ", " and "), (", ", ", and also "), ("; ", "; and "), (", ", ", plus ")),
        same=("do the same for {}", "do it for {} as well", "likewise for {}"),
    ),
    "validation": Manners(
        requests=(
            "{} for me", "Would you {}?", "Would you please {}?", "ok, {}",
            "It would help if you could {}.", "Now {}.", "My request: {}.",
        ),
        first=("to begin with, {}", "step one: {}"),
        then=("once that is done, {}", "step after that: {}"),
        last=("to end with, {}", "and as the last step {}"),
        conjunctions=((", ", ", besides that "), ("; ", "; also ")),
        same=("repeat that for {}", "the same thing with {}"),
    ),
    "test": Manners(
        requests=(
            "{} if you can", "I was hoping you could {}.", "Time to {}.", "Be so kind and {}.",
            "Your job now: {}.", "Mind helping me? {}.", "listen, {}", "I have to ask you to {}.",
        ),
        first=("before anything else, {}", "the first job is this: {}"),
        then=("when you have that, {}", "follow up: {}"),
        last=("lastly, {}", "and to wrap up, {}"),
        conjunctions=((" / ", " / "), (", while you are at it ", ", and on top of that ")),
        same=("run it once more with {}", "again, but with {}"),
    ),
}  # fmt: skip


def is_clause(phrase: str) -> bool:
    """Tell a clause, which can be joined to another, from a sentence: it begins in lower case."""
    return phrase[0].islower()


def sentence(frame: str, clause: str) -> str:
    """Put a clause into a frame, with a capital where the whole ends like a sentence."""
    text = frame.format(clause)
    return text[0].upper() + text[1:] if text[-1] in ".?" else text
