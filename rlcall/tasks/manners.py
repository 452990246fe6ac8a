"""How requests are put, whatever they are about: politeness, joining, ellipsis. No split has another's phrasing.

MANNERS["train"].asked[0].format("ring Anna")      # "Please ring Anna."
MANNERS["train"].same.format("Lima")               # "the same for Lima"
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Manners:
    """`asked` frames one clause; `first`, `then`, `last` frame the steps of a sequence; `joined` are what stands
    between independent requests, the second one before the last; `same` asks for a call again with one thing changed.
    """

    asked: tuple[str, ...]
    first: tuple[str, ...]
    then: tuple[str, ...]
    last: tuple[str, ...]
    joined: tuple[tuple[str, str], ...]
    same: tuple[str, ...]


MANNERS = {
    "train": Manners(
        asked=(
            "{}", "{}.", "Please {}.", "{}, please.", "Can you {}?", "Could you please {}?", "hey, {}",
            "I need you to {}.", "Hi! {}.",
            "I'd like you to {}.", "Can you help me? I want you to {}.", "quick one: {}", "Go ahead and {}.",
        ),
        first=("first {}", "first of all, {}", "start here: {}"),
        then=("then {}", "after that, {}", "next, {}"),
        last=("then {}", "and finally {}", "and after that {}"),
        joined=((", ", " and "), (", ", ", and also "), ("; ", "; and "), (", ", ", plus ")),
        same=("do the same for {}", "do it for {} as well", "likewise for {}"),
    ),
    "validation": Manners(
        asked=(
            "{} for me", "Would you {}?", "Would you please {}?", "ok, {}", "It would help if you could {}.", "Now {}.",
            "My request: {}.",
        ),
        first=("to begin with, {}", "step one: {}"),
        then=("once that is done, {}", "step after that: {}"),
        last=("to end with, {}", "and as the last step {}"),
        joined=((", ", ", besides that "), ("; ", "; also ")),
        same=("repeat that for {}", "the same thing with {}"),
    ),
    "test": Manners(
        asked=(
            "{} if you can", "I was hoping you could {}.", "Time to {}.", "Be so kind and {}.", "Your job now: {}.",
            "Mind helping me? {}.", "listen, {}", "I have to ask you to {}.",
        ),
        first=("before anything else, {}", "the first job is this: {}"),
        then=("when you have that, {}", "follow up: {}"),
        last=("lastly, {}", "and to wrap up, {}"),
        joined=((" / ", " / "), (", while you are at it ", ", and on top of that ")),
        same=("run it once more with {}", "again, but with {}"),
    ),
}  # fmt: skip
