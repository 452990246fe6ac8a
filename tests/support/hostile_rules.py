"""Rules that do what no rule may, for test_guard.py. Each is named after what it does."""

from __future__ import annotations

import mmap
import os
import signal
import sys
import threading
import time
from typing import Any


def is_good(verdict: Any) -> float:
    return 0.5


def raises(verdict: Any) -> float:
    raise ValueError("no such key")


def raises_what_cannot_be_said(verdict: Any) -> float:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    raise Mute


def interrupts(verdict: Any) -> float:
    raise KeyboardInterrupt


def exits(verdict: Any) -> float:
    sys.exit(0)


def exits_at_once(verdict: Any) -> float:
    os._exit(1)


def crashes(verdict: Any) -> float:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0.5


def sleeps(verdict: Any) -> float:
    time.sleep(10_000)
    return 0.5


def spins(verdict: Any) -> float:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def holds_the_interpreter(verdict: Any) -> float:
    """A regular expression that takes ages, in C, without letting go of the interpreter."""
    import re

    return float(bool(re.match(r"(a+)+b", "a" * 60)))


def gives_nan(verdict: Any) -> float:
    return float("nan")


def gives_infinity(verdict: Any) -> float:
    return float("inf")


def gives_two(verdict: Any) -> float:
    return 2.0


def gives_less_than_nothing(verdict: Any) -> float:
    return -0.1


def gives_true(verdict: Any) -> float:
    return True


def gives_text(verdict: Any) -> Any:
    return "1"


def gives_a_list(verdict: Any) -> Any:
    return [0.5]


def gives_a_lot(verdict: Any) -> Any:
    return "x" * 10_000_000


def recurses(verdict: Any) -> float:
    return recurses(verdict)


def allocates(verdict: Any) -> float:
    taken = []
    while True:
        taken.append(bytearray(2**26))


def reserves(verdict: Any) -> float:
    taken = []
    while True:
        taken.append(mmap.mmap(-1, 2**28))


def prints(verdict: Any) -> float:
    for number in (1, 2):
        os.write(number, b"hostile" * 150_000)
    print("hostile" * 150_000, file=sys.stderr)
    return 0.5


def leaks(verdict: Any, kept: list[bytearray] = []) -> float:  # noqa: B006
    kept.append(bytearray(b"x" * 2**24))
    return 0.5


def forks_and_comes_back(verdict: Any) -> float:
    return 0.1 if os.fork() == 0 else 0.5


def forks_and_leaves_it(verdict: Any) -> float:
    if os.fork() == 0:
        time.sleep(10_000)
    return 0.5


def forks_and_never_returns(verdict: Any) -> float:
    os.fork()
    return sleeps(verdict)


def leaves_a_thread(verdict: Any) -> float:
    threading.Thread(target=sleeps, args=(verdict,), daemon=True).start()
    return 0.5


def changes_the_verdict(verdict: Any) -> float:
    object.__setattr__(verdict, "correct", None)
    object.__setattr__(verdict, "calls", ())
    if verdict.pairs:
        verdict.answer.calls[0].arguments.clear()
    return 0.5


def changes_folder_and_environment(verdict: Any) -> float:
    os.chdir("/")
    os.environ.clear()
    sys.path.clear()
    return 0.5


def closes_files(verdict: Any) -> float:
    os.closerange(3, 1024)
    return 0.5


def writes_everywhere(verdict: Any) -> float:
    for number in range(3, 1024):
        try:
            os.write(number, b"\xff" * 64 + b"\n")
        except OSError:
            continue
    return 0.5


def writes_without_end(verdict: Any) -> float:
    while True:
        for number in range(3, 1024):
            try:
                os.write(number, b"x" * 4096)
            except OSError:
                continue


def counts(verdict: Any, calls: list[int] = []) -> float:  # noqa: B006
    calls.append(1)
    return min(len(calls) / 100, 1.0)


def gives_none_once(verdict: Any, calls: list[int] = []) -> float | None:  # noqa: B006
    calls.append(1)
    return None if len(calls) == 1 else 0.5


def fails_on_rank_1(verdict: Any) -> float:
    if os.environ.get("RANK") == "1":
        raise ValueError("this rank has no luck")
    return 0.5
