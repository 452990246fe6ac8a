"""What one check of arguments may take: steps of the schema's keywords, and time for patterns.

budget = Budget()
with budget:
    budget_in_force().spend(4_999)
    budget_in_force().finds("^a+$", "aaa")      # True
    budget_in_force().spend(2)                  # Overspent
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

from rlcall.verifier.keywords.patterns import compile_pattern

MAX_STEPS = 5_000  # of about 5 microseconds
PATTERN_SECONDS = 0.01
ALL_PATTERNS_SECONDS = 0.03


class Overspent(Exception):
    """A check that takes more than its budget."""


class Budget:
    """The budget of one check: steps, and processor seconds for patterns.

    It is in force inside `with budget:`.

    jsonschema calls keywords with nothing of ours, so they find the budget in a context variable.
    One budget can be in force for several checks, one after the other.
    """

    def __init__(self) -> None:
        self.steps, self.seconds = MAX_STEPS, ALL_PATTERNS_SECONDS
        self._token: Token[Budget] | None = None

    def __enter__(self) -> Budget:
        self._token = _in_force.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._token is not None
        _in_force.reset(self._token)

    def spend(self, steps: int) -> None:
        """Take steps off the budget; Overspent where there are not as many."""
        self.steps -= steps
        if self.steps < 0:
            raise Overspent(f"the check takes over {MAX_STEPS} steps")

    def matching(self, pattern: str, names: Iterable[str]) -> Iterator[str]:
        """Yield the names that match; one whose matching takes too long does not."""
        for name in names:
            try:
                if self.finds(pattern, name):
                    yield name
            except TimeoutError:
                continue

    def finds(self, pattern: str, text: str) -> bool:
        """Return whether the pattern is found in the text.

        TimeoutError where that takes over PATTERN_SECONDS.
        """
        if self.seconds <= 0:
            raise Overspent(f"the patterns take over {ALL_PATTERNS_SECONDS} s")
        compiled = compile_pattern(pattern)  # kept, and not on the text's account
        start = time.thread_time()
        try:
            return _search(compiled, text) is not None
        finally:
            self.seconds -= time.thread_time() - start


_in_force: ContextVar[Budget] = ContextVar("_in_force")


def budget_in_force() -> Budget:
    """Return the budget inside whose `with` this is called."""
    return _in_force.get()


def _search(pattern: Any, text: str) -> Any:
    """Search with a limit in processor time: a verdict must not depend on how busy the machine is.

    regex counts by the clock on the wall, so a search that was cut off while it had to wait is
    begun again.
    """
    start = time.thread_time()
    while True:
        try:
            return pattern.search(text, timeout=PATTERN_SECONDS)
        except TimeoutError:
            if time.thread_time() - start >= PATTERN_SECONDS:
                raise
