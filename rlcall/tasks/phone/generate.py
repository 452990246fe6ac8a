"""Requests to a phone assistant and the calls they ask for: a seeded twin of FunctionGemma's Mobile Actions.

    rows = phone.generate(2000, seed=0, split="train")
    next(rows).messages   # [{"role": "user", "content": "Can you switch wi-fi off?"}]

Single calls, two calls at once, and requests where no call is due: nothing the phone can do, or the tool that could is
not among those shown. The splits share no phrasing, and no value that a pool can keep apart (names, numbers, places,
titles, dates; yes and no, an enum's words and times of day are the same everywhere). So no request of one split comes
up in another, and the test measures requests worded in ways that were never trained on.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from rlcall.data.rows import Row
from rlcall.tasks.draw import SPLITS, Value
from rlcall.tasks.phone import phrases
from rlcall.tasks.phone.values import SLOTS, Draw
from rlcall.tasks.phone.world import TOOLS


def generate(
    n: int,
    seed: int,
    split: str = "train",
    *,
    phrasings: int | None = None,
    tools_shown: tuple[int, int] = (2, 3),
    no_call_share: float = 0.12,
    parallel_share: float = 0.08,
    optional_share: float = 0.25,
) -> Iterator[Row]:
    """`n` rows, the same bytes for the same arguments on any machine; a longer run begins with the shorter one.

    phrasings: how many of the split's phrasings of each tool are used (None: all). Fewer is easier.
    tools_shown: the fewest and the most tools in a row, of seven. More is harder, and makes longer prompts.
    no_call_share: share of rows where no call is due; half of them lack the tool, half ask for what no tool does.
    parallel_share: share of rows that ask for two calls, of different tools.
    optional_share: share of requests that give an optional argument.
    """
    _check(split, phrasings, tools_shown, no_call_share, parallel_share, optional_share)
    writer = _Writer(Draw(Random(f"phone {split} {seed}"), split), phrasings, optional_share)
    for number in range(n):
        task = writer.task(no_call_share, parallel_share)
        text, calls, due, absent = _TASKS[task](writer)
        yield Row(
            messages=[{"role": "user", "content": text}],
            tools=writer.tools(tools_shown, due, absent),
            answer={"calls": calls},
            id=f"phone-{split}-{number}",
            task=task,
        )


def _check(split: str, phrasings: int | None, tools_shown: tuple[int, int], *shares: float) -> None:
    if split not in SPLITS:
        raise ValueError(f"split is one of {', '.join(SPLITS)}, not {split!r}")
    if phrasings is not None and phrasings < 1:
        raise ValueError(f"phrasings is a number from 1, or None for all, not {phrasings}")
    if not 2 <= tools_shown[0] <= tools_shown[1] < len(TOOLS):
        raise ValueError(
            f"tools_shown is two numbers from 2 to {len(TOOLS) - 1}, the lower first, not {tools_shown}"
        )
    if not all(0 <= share <= 1 for share in shares) or shares[0] + shares[1] > 1:
        raise ValueError("shares lie from 0 to 1, and so does no_call_share + parallel_share")


class Asked(NamedTuple):
    """A request, the calls it asks for, and the tools that must, or must not, be shown."""

    text: str
    calls: list[dict[str, Any]]
    due: Sequence[str] = ()
    absent: Sequence[str] = ()


class _Writer:
    """Turns draws into the words of a request."""

    def __init__(self, draw: Draw, phrasings: int | None, optional_share: float) -> None:
        self.draw, self.rng, self.optional_share = draw, draw.rng, optional_share
        self.plain = {
            tool: draw.mine(entries)[:phrasings] for tool, entries in phrases.PLAIN.items()
        }
        self.optional = {
            tool: draw.mine(entries)[:phrasings] for tool, entries in phrases.OPTIONAL.items()
        }
        self.no_tool = draw.mine(phrases.NO_TOOL)

    def task(self, no_call_share: float, parallel_share: float) -> str:
        point = self.rng.random()
        if point < no_call_share:
            return "missing_tool" if point < no_call_share / 2 else "irrelevant"
        return "parallel" if point < no_call_share + parallel_share else "single"

    def tool_names(self, count: int) -> list[str]:
        return self.rng.sample(list(TOOLS), count)

    def tools(
        self, shown: tuple[int, int], due: Sequence[str], absent: Sequence[str]
    ) -> list[dict[str, Any]]:
        others = [name for name in TOOLS if name not in due and name not in absent]
        names = [*due, *self.rng.sample(others, self.rng.randint(*shown) - len(due))]
        self.rng.shuffle(names)
        return [deepcopy(TOOLS[name]) for name in names]

    def request(self, tool: str, clause_only: bool = False) -> tuple[str, dict[str, Any]]:
        """Words that ask for one call of a tool, and the call as an answer has it."""
        entries = (
            self.optional[tool] if self.rng.random() < self.optional_share else self.plain[tool]
        )
        fitting = [entry for entry in entries if _is_clause(entry.text)] if clause_only else entries
        phrasing = self.rng.choice(fitting)
        text, values = self.fill(phrasing.text)
        return text, _call(tool, phrasing.implied, values)

    def fill(self, text: str) -> tuple[str, dict[str, Value]]:
        """A phrasing with its slots filled, and the values by slot."""
        slots = [slot for _, slot, _, _ in string.Formatter().parse(text) if slot]
        values = {slot: SLOTS[slot](self.draw) for slot in slots}
        return text.format(**{slot: value.spoken for slot, value in values.items()}), values

    def say(self, text: str) -> str:
        """A clause as a person might put it; a sentence as it is."""
        if not _is_clause(text):
            return text
        said = self.rng.choice(phrases.MANNERS).format(text)
        return said[0].upper() + said[1:] if said[-1] in ".?" else said


def _is_clause(text: str) -> bool:
    """Clauses begin in lower case; they can be made polite, and joined."""
    return text[0].islower()


def _call(tool: str, implied: dict[str, Any], values: dict[str, Value]) -> dict[str, Any]:
    given = {**implied, **{slot: value.value for slot, value in values.items()}}
    order = TOOLS[tool]["function"]["parameters"]["properties"]
    call = {"name": tool, "arguments": {name: given[name] for name in order if name in given}}
    accept = {f"$.{slot}": list(value.accept) for slot, value in values.items() if value.accept}
    return {**call, "accept": accept} if accept else call


def _single(writer: _Writer) -> Asked:
    (tool,) = writer.tool_names(1)
    text, call = writer.request(tool)
    return Asked(writer.say(text), [call], due=[tool])


def _parallel(writer: _Writer) -> Asked:
    tools = writer.tool_names(2)
    (first, call), (second, other) = (writer.request(tool, clause_only=True) for tool in tools)
    return Asked(writer.say(f"{first} and {second}"), [call, other], due=tools)


def _missing_tool(writer: _Writer) -> Asked:
    (tool,) = writer.tool_names(1)
    text, _ = writer.request(tool)
    return Asked(writer.say(text), [], absent=[tool])


def _irrelevant(writer: _Writer) -> Asked:
    text, _ = writer.fill(writer.rng.choice(writer.no_tool))
    return Asked(writer.say(text), [])


_TASKS: dict[str, Callable[[_Writer], Asked]] = {
    "single": _single,
    "parallel": _parallel,
    "missing_tool": _missing_tool,
    "irrelevant": _irrelevant,
}
