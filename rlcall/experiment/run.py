"""Doing an experiment step by step, for as long as there is time.

do(plan, steps(plan), minutes=9)      # True: all is done; False: give the same command again
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from rlcall.errors import UserError
from rlcall.experiment.plan import Plan
from rlcall.experiment.steps import Step
from rlcall.files.lines import append

GRACE = 30  # seconds for a step to leave what it has in order
KILLED = 5  # seconds after which processes that were killed and are still listed count as gone


class StepError(UserError):
    """A step that failed; the message has its command."""


class OutOfTime(Exception):
    """The end of the minutes that an experiment was given."""


def do(plan: Plan, steps: Iterable[Step], minutes: float | None) -> bool:
    """Do what is not done yet. False where time ran out before the end. Raises StepError."""
    plan.out.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * minutes if minutes else None
    try:
        for step in steps:
            if not step.is_done():
                _do(plan, step, end)
    except OutOfTime:
        return False
    return True


def _do(plan: Plan, step: Step, end: float | None) -> None:
    started = time.monotonic()
    if end and started >= end:
        raise OutOfTime
    command = step.work()
    if not command:
        return
    print(f"\n== {step.name}\n{shlex.join(command)}", flush=True)
    status = _call(command, end)
    seconds = round(time.monotonic() - started, 1)
    _note(plan, piece=step.name, status=status, seconds=seconds, command=command)
    if status is None:
        raise OutOfTime
    if status:
        raise StepError(f"{step.name} ended with status {status}:\n  {shlex.join(command)}")


def _call(command: list[str], end: float | None) -> int | None:
    """Run a command in a process group of its own, of which nothing is left afterwards.

    Returns its status; None where it had to be stopped. Ctrl-C and SIGTERM stop it, too.
    """
    process = subprocess.Popen(command, start_new_session=True)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return process.wait(None if end is None else max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)
        signal.signal(signal.SIGTERM, before)


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask what is left of the group to end, and after a while make it: a launcher may be gone
    before its ranks.

    Orphans whose parent never asks how they ended, as in a container without an init, stay listed
    for ever.
    """
    for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, KILLED)):
        _signal(process, number)
        end = time.monotonic() + seconds
        while _signal(process, 0):
            time.sleep(0.1)
            if time.monotonic() > end:
                break
        else:
            return


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to a group, and tell whether anybody was there to get it."""
    process.poll()  # a leader that has ended is there until somebody asks how
    if process.returncode is not None:
        _reap(process.pid)
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _reap(group: int) -> None:
    """Ask how orphans ended that have become our own children, as they do where we are a
    container's first process."""
    with suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass


def _note(plan: Plan, **facts: object) -> None:
    """Log one line per command, so that the cost can be added up; a status of null where time
    ran out."""
    append(plan.out / "pieces.jsonl", [{"date": time.strftime("%Y-%m-%d %H:%M:%S"), **facts}])
