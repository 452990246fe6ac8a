"""Runs that are killed: started with a mark, killed where it hurts, and looked for afterwards.

with Marked(line) as run:
    run.wait_until(amid_a_save(folder))
    run.kill("launcher")
assert run.survivors() == []
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.train.test_launch import ENVIRONMENT, ROOT

MARK = "RLCALL_TEST_MARK"
PATIENCE = 45.0  # seconds: torchrun itself waits 30 for a rank that hangs, before it uses kill -9


class Marked:
    """A command whose processes, whatever starts them and whoever adopts them, carry a mark in
    their environment."""

    def __init__(self, line: list[str], output: Path) -> None:
        self.line, self.output, self.mark = line, output, uuid.uuid4().hex

    def __enter__(self) -> Marked:
        foreign = ("ACCELERATE_", "RANK", "WORLD", "TORCHELASTIC")
        environ = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                self.line,
                cwd=ROOT,
                env={**environ, **ENVIRONMENT, MARK: self.mark},
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.alive():
            one.kill()
        self.process.wait()

    def alive(self) -> list[psutil.Process]:
        self.process.poll()  # reaps it
        return [one for one in psutil.process_iter() if _environ(one).get(MARK) == self.mark]

    def rank(self, number: int) -> psutil.Process:
        """The process that trains as this rank of several."""
        return next(
            one
            for one in self.alive()
            if _environ(one).get("RANK") == str(number) and _is_script(one)
        )

    def kill(self, who: str) -> None:
        """kill -9 of `rank` (the last one), `launcher`, or `group`: everything at once."""
        if who == "group":
            for one in self.alive():
                one.send_signal(signal.SIGKILL)
        else:
            pid = self.process.pid if who == "launcher" else self.rank(1).pid
            os.kill(pid, signal.SIGKILL)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 240) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.output.read_text()[-4000:]
            assert time.monotonic() < end, "it takes too long"
            time.sleep(0.002)

    def seconds_until_gone(self) -> float:
        """How long until none of its processes is left; after PATIENCE, those left fail the
        test."""
        begin = time.monotonic()
        while alive := self.alive():
            assert time.monotonic() - begin < PATIENCE, f"still there: {alive}"
            time.sleep(0.1)
        return time.monotonic() - begin

    def finish(self, seconds: float = 300) -> None:
        assert self.process.wait(seconds) == 0, self.output.read_text()[-4000:]


def _environ(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ() if process.status() != psutil.STATUS_ZOMBIE else {}
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return {}


def _is_script(process: psutil.Process) -> bool:
    return any(part.startswith("launch/") for part in process.cmdline())


def lines_of(folder: Path, name: str = "metrics.jsonl") -> list[dict[str, Any]]:
    """A file's whole lines, also while it is being written; without what depends on the clock."""
    path = folder / name
    found = []
    for line in path.read_text().split("\n")[:-1] if path.is_file() else []:
        entry = json.loads(line)
        found.append({key: value for key, value in entry.items() if not _is_time(key)})
    return found


def _is_time(key: str) -> bool:
    return any(word in key for word in ("second", "time", "share"))


def step_logged(folder: Path, step: int) -> Callable[[], bool]:
    return lambda: any(line["step"] >= step for line in lines_of(folder))


def amid_a_save(folder: Path, step: int) -> Callable[[], bool]:
    """While the checkpoint of this step, or a later one, is written."""

    def is_written() -> bool:
        with suppress(FileNotFoundError):  # it is whole, and moved into place
            return any(
                int(name.rpartition("-")[2]) >= step for name in os.listdir(folder / ".partial")
            )
        return False

    return is_written


def weights(folder: Path) -> bytes:
    return (folder / "model" / "model.safetensors").read_bytes()


SMALL_DISKS = pytest.mark.skipif(
    subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True
    ).returncode
    != 0,
    reason="mounting a small disk in a namespace of one's own (unshare -rm) is not permitted here",
)


def on_a_small_disk(disk: Path, kept: Path, size: int, line: list[str]) -> list[str]:
    """A command with `disk` as a disk of this many bytes; what it leaves in disk/run is `kept`, as
    is its exit status."""
    script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 3 && "$@"; status=$?'
    script = (
        f"{script}; cp -r {shlex.quote(str(disk / 'run'))} {shlex.quote(str(kept))}; exit $status"
    )
    return ["unshare", "-rm", "sh", "-c", script, "sh", str(size), str(disk), str(kept), *line]
