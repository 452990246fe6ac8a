"""The run itself for two optimiser steps, on few of its rows, in a temporary folder of which nothing is left.

taken = take_steps(config, plan, args, rows)
# Taken(runtime="1 rank · plain PyTorch · cpu · float32 ...", seconds={"grpo": [4.1, 3.9]}, peak=...)
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row, write_rows
from rlcall.doctor.batch import rows_per_generation, rows_per_step, steps_per_rollout
from rlcall.doctor.lengths import spread
from rlcall.doctor.plan import Plan
from rlcall.errors import UserError
from rlcall.files.yaml import dump_yaml
from rlcall.train.config import Config

STEPS = 2
LIMIT_SECONDS = 1800
"""Steps that take longer are stopped."""
KILLED = re.compile(r"exitcode\s*:\s*-9|SIGKILL|return code = -9")


class StepsError(UserError):
    """The steps did not come to their end; the message says why, and where their output is."""


@dataclass(frozen=True, slots=True)
class Taken:
    runtime: str
    seconds: dict[str, list[float]]
    """Phase (warm_start, and the method) -> seconds of each step."""
    peak: int
    """The most bytes that a rank held."""


def take_steps(config: Config, plan: Plan, args: Any, rows: Sequence[Row]) -> Taken:
    """Raises StepsError."""
    with tempfile.TemporaryDirectory(prefix="rlcall-doctor-") as name:
        folder = Path(name)
        write_rows(folder / "rows.jsonl", _few(config, args, rows))
        (folder / "config.yaml").write_text(
            dump_yaml(_values(config, plan, folder)), encoding="utf-8"
        )
        _run([*_launcher(plan), "-m", "rlcall.doctor.rank", config.method, str(folder)], folder)
        return Taken(**json.loads((folder / "taken.json").read_text(encoding="utf-8")))


def seconds_per_step(config: Config, args: Any, seconds: Sequence[float]) -> float:
    """The second step's, as the first warms up; where completions serve several steps, only the first makes some."""
    life = steps_per_rollout(args) if config.method == "grpo" else 1
    if life > 1:
        return (seconds[0] + (life - 1) * seconds[-1]) / life
    return seconds[-1]


def _few(config: Config, args: Any, rows: Sequence[Row]) -> list[Row]:
    """As many rows as the steps take, of all lengths: the shortest and the longest are among them."""
    due = max(rows_per_step(config, args) * STEPS, rows_per_generation(config, args))
    if config.method != "grpo":
        rows = [row for row in rows if row.wanted.has_gold]
    elif config.run.warm_start_steps:
        due = max(due, config.run.warm_start_batch_size)
    return spread(sorted(rows, key=lambda row: len(json.dumps(row.to_json()))), due)


def _values(config: Config, plan: Plan, folder: Path) -> dict[str, Any]:
    """The run's own keys, but for those that would make it long or leave something behind."""
    few: dict[str, Any] = {
        "train_rows": str(folder / "rows.jsonl"),
        "train_size": None,
        "rows_options": {},
        "eval_rows": None,
        "output_dir": str(folder / "run"),
        "warm_start_steps": min(config.run.warm_start_steps, STEPS),
        "max_steps": STEPS,
        "save_strategy": "no",
        "eval_strategy": "no",
        "report_to": "none",
        "logging_steps": 1,
        "show_steps": 0,
        "resume": False,
        "ranks": plan.ranks,
        "zero_stage": plan.stage,
    }
    return {**config.values(), **few}


def _launcher(plan: Plan) -> list[str]:
    """As a user would start it: by accelerate, or, where nothing is parallel, as a plain process."""
    if plan.file is None:
        return [sys.executable]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(plan.file)]
    return [*launch, "--num_processes", str(plan.ranks), "--main_process_port", str(_free_port())]


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])


def _run(command: list[str], folder: Path) -> None:
    log = folder / "steps.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            status = process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise StepsError(
                f"{STEPS} steps took more than {hours(LIMIT_SECONDS)}; --no-steps leaves them out{_kept(log)}"
            ) from None
        finally:
            _stop(process)
    if status:
        raise StepsError(_why(folder, log, status))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """The ranks too: they outlive a launcher that is killed."""
    import psutil

    if process.poll() is None:
        for one in [
            *psutil.Process(process.pid).children(recursive=True),
            psutil.Process(process.pid),
        ]:
            one.kill()
        process.wait()


def _why(folder: Path, log: Path, status: int) -> str:
    text = log.read_text(encoding="utf-8", errors="replace")
    if told := sorted(folder.glob("error-*.txt")):
        return told[0].read_text(encoding="utf-8").strip() + _kept(log)
    if status == -9 or KILLED.search(text):
        return f"a rank was killed, most likely for want of memory{_kept(log)}"
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "no output")
    return f"exit status {status}: {last.strip()}{_kept(log)}"


def _kept(log: Path) -> str:
    """Where the output is once the folder is gone."""
    with tempfile.NamedTemporaryFile(prefix="rlcall-doctor-", suffix=".log", delete=False) as file:
        shutil.copyfile(log, file.name)
    return f" (all output: {file.name})"


def hours(seconds: float) -> str:
    """90 -> "2 min"; 7,500 -> "2.1 h"."""
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{ceil(seconds / 60)} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )
