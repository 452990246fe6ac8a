"""The process that runs foreign rules, and talks to its rank over one socket.

    rank:   {"rules": {"short": "my_rules.py:short"}}           pickled; the first message
    worker: {"ready": true}                                     JSON, one line
    rank:   {"verdicts": [b"...", b"..."], "tasks": [("short", 0), ("short", 1)]}
    worker: {"value": 0.5}
    worker: {"failure": "ValueError: no such key (my_rules.py:3)"}
    worker: {"worn": false}                                     true: a rule has left memory or
                                                                children behind, replace me

The rank unpickles nothing that comes from here. What rules print goes nowhere.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import signal
import socket
import sys
from typing import Any, BinaryIO

from rlcall.rules.load import RewardError, Rule, RuleFailure, call_rule, load_rule

MEMORY = 2**30  # bytes of address space that the rules may take beyond what loading them took
GROWTH = 2**28  # bytes that they may still hold after a batch
_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(descriptor: int, parent: int) -> None:
    """Serve the process `parent` over a socket until it hangs up.

    rlcall.rules.guard starts it, in a session of its own.
    """
    _die_with(parent)
    os.register_at_fork(after_in_child=lambda: _die_with(os.getppid()))
    with socket.socket(fileno=descriptor) as channel, channel.makefile("rb") as reader:
        references = pickle.load(reader)["rules"]
        try:
            rules = {name: load_rule(reference) for name, reference in references.items()}
        except RewardError as error:
            return _send(channel, {"failure": str(error)})
        except (Exception, SystemExit) as error:  # a rule's file is anyone's code
            return _send(channel, {"failure": f"{type(error).__name__}: {error}"})
        _serve(channel, reader, rules)


def _serve(channel: socket.socket, reader: BinaryIO, rules: dict[str, Rule]) -> None:
    limit = _resident() + GROWTH
    _limit_memory()
    _send(channel, {"ready": True})
    while reader.peek(1):  # type: ignore[attr-defined]
        batch = pickle.load(reader)
        for name, index in batch["tasks"]:
            # Each call has a verdict of its own: what one rule does to it, no other sees.
            _send(channel, _call(rules[name], batch["verdicts"][index]))
        _send(channel, {"worn": _resident() > limit or _has_children()})


def _call(rule: Rule, verdict: bytes) -> dict[str, Any]:
    worker = os.getpid()
    outcome = call_rule(rule, pickle.loads(verdict))
    if os.getpid() != worker:
        os._exit(0)  # a child that the rule forked, and that came back here as well
    if isinstance(outcome, RuleFailure):
        return {"failure": outcome.cause}
    return {"value": outcome}


def _send(channel: socket.socket, message: dict[str, Any]) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, amid an endless rule too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        os._exit(1)


def _limit_memory() -> None:
    """Let the rules take MEMORY bytes beyond what is taken now."""
    if sys.platform == "linux":
        import resource

        limit = _pages(0) + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _resident() -> int:
    return _pages(1)


def _pages(field: int) -> int:
    """Return bytes of address space (field 0) or memory in use (field 1); 0 where not known."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[field]) * os.sysconf("SC_PAGE_SIZE")


def _has_children() -> bool:
    """Return whether a rule has left processes behind, running or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
