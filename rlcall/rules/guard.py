"""The guard: rules run so that none of them can end, stop or steer the process that trains.

    process = RuleProcess({"short": RuleSpec("my_rules.py:short", timeout=0.1)})
    process.run([verdict])      # {("short", 0): RuleFailure("it took longer than 0.1 s")}

Shipped rules, and those with `in_process`, are called in place. All others run in one process per
rank, each call with its time limit; a process that overruns it, or ends, is replaced. docs/rules.md
says what this stops and what it does not.
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
from typing import TYPE_CHECKING, Any

from rlcall.rules.load import Outcome, RewardError, RuleError, RuleFailure, checked, rule_file
from rlcall.verifier.verdict import Verdict

if TYPE_CHECKING:  # pydantic takes a third of what importing rlcall takes
    from rlcall.rules.spec import RuleSpec

START = 60.0  # seconds that the process may take to load its rules, or to take in a batch
PATIENCE = 10  # processes that a rule may cost in one batch, before the rest of it is given up
# Bytes that may wait to be read: a batch's values are a few hundred thousand at most.
LONGEST_READ = 2**20
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[3])\n"
    "from rlcall.rules.worker import main; main(int(sys.argv[1]), int(sys.argv[2]))"
)

Task = tuple[str, int]
"""A rule's name, and the index of a verdict in the batch."""


class _ProcessLost(Exception):
    """The process gave no answer; the text says what it did."""


class RuleProcess:
    """Foreign rules in a process of their own, started again whenever one of them has ended it.

    A batch goes over in one message and the values come back one by one, so that each call has its
    own time limit and a failed one costs no other its value. RewardError where the rules cannot be
    loaded.
    """

    def __init__(self, rules: Mapping[str, RuleSpec]) -> None:
        self._rules = rules
        self._folder = os.getcwd()  # relative paths mean the same after a restart
        self._one_batch = threading.Lock()
        self._sources = _sources(rules.values())
        self._start()

    def run(self, verdicts: Sequence[Verdict]) -> dict[Task, Outcome]:
        """Return what each rule makes of each verdict. No rule makes it raise.

        The first verdict is judged twice: a rule that then differs from itself is not a pure
        function, which is a failure. Raises RuleError where a rule's file has changed when the
        process has to start again.
        """
        if not verdicts:
            return {}
        packed = [pickle.dumps(verdict, pickle.HIGHEST_PROTOCOL) for verdict in verdicts]
        tasks = []
        for name in self._rules:
            tasks += [(name, 0), *((name, index) for index in range(len(packed)))]
        outcomes: dict[Task, Outcome] = {}
        with self._one_batch:
            try:
                for task, outcome in self._outcomes(packed, tasks):
                    outcomes[task] = _same(outcomes.get(task, outcome), outcome)
            except BaseException:
                # Ctrl-C, say: what is still on its way must not answer the next batch.
                self.close()
                raise
        return outcomes

    def _outcomes(self, packed: list[bytes], tasks: list[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Yield each task with its outcome, in order.

        After a loss, the tasks that remain are sent again.
        """
        remaining = deque(tasks)
        losses = Counter[str]()
        under_way = False  # the process has the remaining tasks, and answers them one by one
        while remaining:
            name = remaining[0][0]
            if losses[name] == PATIENCE:
                cause = f"not tried: it had ended {PATIENCE} processes in this batch before"
                yield remaining.popleft(), RuleFailure(cause)
                continue
            if not under_way:
                self._send({"verdicts": packed, "tasks": list(remaining)})
            try:
                outcome = self._outcome(self._rules[name].timeout)
                under_way = True
            except _ProcessLost as loss:
                outcome = RuleFailure(str(loss))
                losses[name] += 1
                under_way = False
            yield remaining.popleft(), outcome
        if under_way and self._is_worn():
            self.close()

    def _outcome(self, seconds: float) -> Outcome:
        message = self._receive(seconds)
        if "failure" in message:
            return RuleFailure(str(message["failure"]))
        return checked(message.get("value"))

    def _is_worn(self) -> bool:
        try:
            return bool(self._receive(START).get("worn", True))
        except _ProcessLost:
            return True

    def _start(self) -> None:
        channel, worker_end = socket.socketpair()
        with worker_end:
            command = [sys.executable, "-c", _CHILD, str(worker_end.fileno()), str(os.getpid())]
            process = subprocess.Popen(
                [*command, json.dumps(sys.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C does not reach it, and it is ended with all that its rules have started.
                start_new_session=True,
                cwd=self._folder,
                env={**os.environ, **ONE_THREAD},
                pass_fds=(worker_end.fileno(),),
            )
        self._process, self._channel, self._unread = process, channel, b""
        # Called by hand, when this object goes, and when this process exits.
        self.close = weakref.finalize(self, _end, process, channel, os.getpid())
        references = {name: spec.reference for name, spec in self._rules.items()}
        self._send({"rules": references})
        try:
            answer = self._receive(START)
        except _ProcessLost as loss:
            answer = {"failure": f"{', '.join(references.values())}: while loading, {loss}"}
        if "ready" not in answer:
            self.close()
            raise RewardError(str(answer.get("failure", "the rules' process does not start")))

    def _start_again(self) -> None:
        if _sources(self._rules.values()) != self._sources:
            files = ", ".join(map(str, self._sources))
            raise RuleError(
                f"{files}: changed since the rules were loaded, "
                "which would change the reward unseen"
            )
        self._start()

    def _send(self, message: dict[str, Any]) -> None:
        """Send a message to a process that runs. Where none takes it, `_receive` finds that out."""
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
        """Return the next message if it comes in time; else end the process: _ProcessLost."""
        try:
            message = json.loads(self._line(time.monotonic() + seconds))
            if isinstance(message, dict):
                return message
            cause = "it wrote into the channel that carries its values"
        except TimeoutError:
            cause = f"it took longer than {seconds:g} s"
        except (OSError, EOFError):
            cause = "its process ended"
        except ValueError:
            cause = "it wrote into the channel that carries its values"
        self.close()
        code = self._process.returncode
        if cause == "its process ended" and code != -signal.SIGKILL:
            cause += f" (exit status {code})"
        raise _ProcessLost(cause)

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._unread:
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise TimeoutError
            self._channel.settimeout(seconds)
            if not (data := self._channel.recv(2**16)):
                raise EOFError
            self._unread += data
            if len(self._unread) > LONGEST_READ:
                raise ValueError("no message is that long")
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def _sources(rules: Iterable[RuleSpec]) -> dict[Path, bytes | None]:
    """Read the files of the rules that are named by their files; None for one that is missing."""
    sources = {}
    for rule in rules:
        if file := rule_file(rule.reference):
            sources[file] = file.read_bytes() if file.is_file() else None
    return sources


def _same(first: Outcome, second: Outcome) -> Outcome:
    """Return the outcome where both are the same; a failure if either is one, or they differ."""
    if isinstance(first, RuleFailure) or isinstance(second, RuleFailure):
        return first if isinstance(first, RuleFailure) else second
    if first == second:
        return second
    return RuleFailure(
        f"it gave {first}, then {second} for the same verdict; a rule is a pure function"
    )


def _end(process: subprocess.Popen[bytes], channel: socket.socket, owner: int) -> None:
    """End a process and all that it started.

    A fork of its owner leaves it alone.
    """
    if os.getpid() != owner:
        return
    channel.close()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
