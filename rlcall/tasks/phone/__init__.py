"""Requests to a phone assistant and their calls: a seeded twin of FunctionGemma's Mobile Actions.

    rows = phone.generate(2000, seed=0, split="train")
    next(rows).messages   # [{"role": "user", "content": "Can you switch wi-fi off?"}]

Single calls, two calls at once, and requests where no call is due: nothing the phone can do, or the
tool that could is not among those shown. The splits share no phrasing, and no value that a pool can
keep apart (names, numbers, places, titles, dates; yes and no, an enum's words and times of day are
the same everywhere). So no request of one split comes up in another, and the test measures requests
worded in ways that were never trained on.

These seven tools, the demo's, are not those of the world `phone` (`rlcall.tasks.worlds.phone`).
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rlcall.data.rows import Row
from rlcall.tasks.draw import SPLITS
from rlcall.tasks.phone.tools import TOOLS
from rlcall.tasks.phone.values import PhoneDraw
from rlcall.tasks.phone.writer import TASKS, PhoneWriter


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
    """Yield `n` rows, the same bytes for the same arguments. Longer runs begin with shorter ones.

    phrasings: how many of the split's phrasings of each tool are used (None: all). Fewer is easier.
    tools_shown: the fewest and the most tools in a row, of seven. More is harder.
    no_call_share: share of rows where no call is due; half of them lack the tool, half ask for what
        no tool does.
    parallel_share: share of rows that ask for two calls, of different tools.
    optional_share: share of requests that give an optional argument.
    """
    _check(split, phrasings, tools_shown, no_call_share, parallel_share, optional_share)
    draw = PhoneDraw(Random(f"phone {split} {seed}"), split)
    writer = PhoneWriter(draw, phrasings, optional_share)
    for number in range(n):
        task = writer.task(no_call_share, parallel_share)
        request = TASKS[task](writer)
        yield Row(
            messages=[{"role": "user", "content": request.text}],
            tools=writer.tools(tools_shown, request.due, request.absent),
            answer={"calls": request.calls},
            id=f"phone-{split}-{number}",
            task=task,
        )


def _check(split: str, phrasings: int | None, tools_shown: tuple[int, int], *shares: float) -> None:
    if split not in SPLITS:
        raise ValueError(f"split is one of {', '.join(SPLITS)}, not {split!r}")
    if phrasings is not None and phrasings < 1:
        raise ValueError(f"phrasings is a number from 1, or None for all, not {phrasings}")
    most = len(TOOLS) - 1  # one fewer than there are, so that the missing tool can be missing
    if not 2 <= tools_shown[0] <= tools_shown[1] <= most:
        raise ValueError(
            f"tools_shown is two numbers from 2 to {most}, the lower first, not {tools_shown}"
        )
    if not all(0 <= share <= 1 for share in shares) or shares[0] + shares[1] > 1:
        raise ValueError("shares lie from 0 to 1, and so does no_call_share + parallel_share")
