"""The guard: rules run so that none of them can end, stop or steer the process that trains.

    process = RuleProcess({"short": RuleSpec("my_rules.py:short", timeout=0.1)})
    process.run([verdict])      # {("short", 0): Failure("it took longer than 0.1 s")}

Shipped rules, and those with `in_process`, are called in place. All others run in one process per rank, each call with
its time limit; a process that overruns it, or ends, is replaced. docs/rules.md has what this does and does not stop.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rlcall.rules.load import Failure, Outcome, RewardError, RuleError, checked
from rlcall.rules.spec import RuleSpec
from rlcall.verifier.verdict import Verdict

START = 60.0  # seconds that the process may take to load its rules, or to take in a batch
PATIENCE = 10  # processes that a rule may cost in one batch, before the rest of it is given up
LONGEST_READ = (
    2**20
)  # bytes that may wait to be read: a batch's values are a few hundred thousand at most
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[3])\n"
    "from rlcall.rules.worker import main; main(int(sys.argv[1]), int(sys.argv[2]))"
)

_APART: dict[str, Any] = {
    **dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL),
    "start_new_session": True,  # Ctrl-C does not reach it, and it is ended with all that its rules have started
}

Task = tuple[str, int]
"""A rule's name, and the place of a verdict in the batch."""


class _Lost(Exception):
    """The process gave no answer; the text says what it did."""


class RuleProcess:
    """Foreign rules in a process of their own, started again whenever one of them has ended it.

    A batch goes over in one message and the values come back one by one, so that each call has its own time limit and
    a failed one costs no other its value. RewardError where the rules cannot be loaded.
    """

    def __init__(self, rules: Mapping[str, RuleSpec]) -> None:
        self._rules = rules
        self._folder = os.getcwd()  # relative paths mean the same after a restart
        self._one_batch = threading.Lock()
        self._sources = _sources(rules.values())
        self._start()

    def run(self, verdicts: Sequence[Verdict]) -> dict[Task, Outcome]:
        """What each rule makes of each verdict. No rule makes it raise; RuleError where a rule's file has changed.

        The first verdict is judged twice: a rule that then differs from itself is no pure function, which is a failure.
        """
        packed = [pickle.dumps(verdict, pickle.HIGHEST_PROTOCOL) for verdict in verdicts]
        tasks = [(name, max(place, 0)) for name in self._rules for place in range(-1, len(packed))]
        outcomes: dict[Task, Outcome] = {}
        with self._one_batch:
            try:
                for task, outcome in self._outcomes(packed, tasks if packed else []):
                    outcomes[task] = _same(outcomes.get(task, outcome), outcome)
            except (
                BaseException
            ):  # Ctrl-C, say: what is still on its way must not answer the next batch
                self.close()
                raise
        return outcomes

    def _outcomes(self, packed: list[bytes], tasks: list[Task]) -> Iterator[tuple[Task, Outcome]]:
        left, lost, waiting = deque(tasks), Counter[str](), False
        while left:
            name = left[0][0]
            if lost[name] == PATIENCE:
                yield (
                    left.popleft(),
                    Failure(f"not tried: it had ended {PATIENCE} processes in this batch before"),
                )
                continue
            if not waiting:
                self._send({"verdicts": packed, "tasks": list(left)})
            try:
                waiting, outcome = True, self._outcome(self._rules[name].timeout)
            except _Lost as loss:
                waiting, outcome = False, Failure(str(loss))
                lost[name] += 1
            yield left.popleft(), outcome
        if waiting and self._is_worn():
            self.close()

    def _outcome(self, seconds: float) -> Outcome:
        message = self._receive(seconds)
        return (
            Failure(str(message["failure"]))
            if "failure" in message
            else checked(message.get("value"))
        )

    def _is_worn(self) -> bool:
        try:
            return bool(self._receive(START).get("worn", True))
        except _Lost:
            return True

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _CHILD,
                    str(theirs.fileno()),
                    str(os.getpid()),
                    json.dumps(sys.path),
                ],
                **_APART,
                cwd=self._folder,
                env={**os.environ, **ONE_THREAD},
                pass_fds=(theirs.fileno(),),
            )
        self._process, self._channel, self._read = process, ours, b""
        self.close = weakref.finalize(
            self, _end, process, ours, os.getpid()
        )  # also when this process exits
        self._send({"rules": {name: spec.reference for name, spec in self._rules.items()}})
        try:
            answer = self._receive(START)
        except _Lost as loss:
            answer = {
                "failure": f"{', '.join(spec.reference for spec in self._rules.values())}: while loading, {loss}"
            }
        if "ready" not in answer:
            self.close()
            raise RewardError(str(answer.get("failure", "the rules' process does not start")))

    def _start_again(self) -> None:
        if _sources(self._rules.values()) != self._sources:
            files = ", ".join(map(str, self._sources))
            raise RuleError(
                f"{files}: changed since the rules were loaded, which would change the reward unseen"
            )
        self._start()

    def _send(self, message: dict[str, Any]) -> None:
        """To a process that runs. Where none takes it, `_receive` finds that out."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        for _ in range(2):
            if not self.close.alive:
                self._start_again()
            try:
                self._channel.settimeout(START)
                return self._channel.sendall(data)
            except OSError:
                self.close()

    def _receive(self, seconds: float) -> dict[str, Any]:
        """The next message, within so many seconds; else the process is ended, and _Lost says why."""
        try:
            message = json.loads(self._line(time.monotonic() + seconds))
        except TimeoutError:
            cause = f"it took longer than {seconds:g} s"
        except (OSError, EOFError):
            cause = "its process ended"
        except ValueError:
            cause = "it wrote into the channel that carries its values"
        else:
            if isinstance(message, dict):
                return message
            cause = "it wrote into the channel that carries its values"
        self.close()
        code = self._process.returncode
        raise _Lost(
            cause
            + (
                f" (exit status {code})"
                if cause == "its process ended" and code != -signal.SIGKILL
                else ""
            )
        )

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._read:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
            if not (data := self._channel.recv(2**16)):
                raise EOFError
            self._read += data
            if len(self._read) > LONGEST_READ:
                raise ValueError("no message is that long")
        line, _, self._read = self._read.partition(b"\n")
        return line


def _sources(rules: Iterable[RuleSpec]) -> dict[Path, bytes | None]:
    """What the rules' files hold, of those that are named by their files."""
    return {
        rule.file: rule.file.read_bytes() if rule.file.is_file() else None
        for rule in rules
        if rule.file
    }


def _same(first: Outcome, second: Outcome) -> Outcome:
    """The value, where a rule gives the same for the same verdict."""
    if isinstance(first, Failure) or first == second or isinstance(second, Failure):
        return first if isinstance(first, Failure) else second
    return Failure(
        f"it gave {first}, then {second} for the same verdict; a rule is a pure function"
    )


def _end(process: subprocess.Popen[bytes], channel: socket.socket, owner: int) -> None:
    """End a process and all that it started. Not from a fork of its owner, whose process it is not."""
    if os.getpid() != owner:
        return
    channel.close()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
