"""Two optimiser steps of the run itself, on few of its rows, in a temporary folder.

take_steps(config, plan, args, rows)
# StepTimings(runtime="1 rank · plain PyTorch · ...", seconds={"grpo": [4.1, 3.9]}, peak=...)
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
from rlcall.doctor.plan import LaunchPlan
from rlcall.errors import UserError
from rlcall.files.yaml import dump_yaml
from rlcall.train.config import Config

STEPS = 2
LIMIT_SECONDS = 1800  # steps that take longer are stopped
KILL_SECONDS = 3  # until ranks that were killed are gone
KILLED = re.compile(r"exitcode\s*:\s*-9|SIGKILL|return code = -9")


class StepsError(UserError):
    """The steps did not come to their end; the message says why, and where their output is."""


@dataclass(frozen=True, slots=True)
class StepTimings:
    """The seconds and the memory that the steps took."""

    runtime: str
    seconds: dict[str, list[float]]
    """Phase (warm_start, and the method) -> seconds of each step."""
    peak: int
    """The most bytes that a rank held."""


def take_steps(config: Config, plan: LaunchPlan, args: Any, rows: Sequence[Row]) -> StepTimings:
    """Take the steps in processes of their own, of which nothing is left. Raises StepsError."""
    with tempfile.TemporaryDirectory(prefix="rlcall-doctor-") as name:
        folder = Path(name)
        write_rows(folder / "rows.jsonl", _choose_rows(config, args, rows))
        values = dump_yaml(_config_values(config, plan, folder))
        (folder / "config.yaml").write_text(values, encoding="utf-8")
        _run([*_launcher(plan), "-m", "rlcall.doctor.rank", config.method, str(folder)], folder)
        return StepTimings(**json.loads((folder / "taken.json").read_text(encoding="utf-8")))


def seconds_per_step(config: Config, args: Any, seconds: Sequence[float]) -> float:
    """Return the second step's seconds, as the first warms up.

    Where completions serve several steps, only the first of these generates any.
    """
    steps = steps_per_rollout(args) if config.method == "grpo" else 1
    if steps > 1:
        return (seconds[0] + (steps - 1) * seconds[-1]) / steps
    return seconds[-1]


def _choose_rows(config: Config, args: Any, rows: Sequence[Row]) -> list[Row]:
    """Return as many rows as the steps take, from the shortest to the longest."""
    due = max(rows_per_step(config, args) * STEPS, rows_per_generation(config, args))
    if config.method != "grpo":
        rows = [row for row in rows if row.wanted.has_gold]
    elif config.run.warm_start_steps:
        due = max(due, config.run.warm_start_batch_size)
    return spread(sorted(rows, key=lambda row: len(json.dumps(row.to_json()))), due)


def _config_values(config: Config, plan: LaunchPlan, folder: Path) -> dict[str, Any]:
    """Return the run's keys, without those that would make it long or leave something behind."""
    changes: dict[str, Any] = {
        "train_rows": str(folder / "rows.jsonl"),
        "train_size": None,
        "rows_options": {},
        "no_call_twins": 0.0,
        "eval_rows": None,
        "allow_cut_golds": True,
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
    return {**config.values(), **changes}


def _launcher(plan: LaunchPlan) -> list[str]:
    """Return a user's launcher: accelerate or, where nothing is parallel, a plain process."""
    if plan.file is None:
        return [sys.executable]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(plan.file)]
    return [*launch, "--num_processes", str(plan.ranks), "--main_process_port", str(_free_port())]


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("", 0))
        return int(listener.getsockname()[1])


def _run(command: list[str], folder: Path) -> None:
    log = folder / "steps.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            status = process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            limit = duration(LIMIT_SECONDS)
            message = f"{STEPS} steps took more than {limit}; --no-steps leaves them out"
            raise StepsError(message + _keep(log)) from None
        finally:
            _stop(process)
    if status:
        raise StepsError(_why(folder, log, status))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the launcher and the ranks, which outlive a launcher that is killed."""
    import psutil

    if process.poll() is None:
        launcher = psutil.Process(process.pid)
        ranks = launcher.children(recursive=True)
        for child in [*ranks, launcher]:
            child.kill()
        process.wait()
        psutil.wait_procs(ranks, timeout=KILL_SECONDS)


def _why(folder: Path, log: Path, status: int) -> str:
    """Return why the steps failed, and where their output is kept."""
    messages = sorted(folder.glob("error-*.txt"))
    if messages:
        return messages[0].read_text(encoding="utf-8").strip() + _keep(log)
    text = log.read_text(encoding="utf-8", errors="replace")
    if status == -9 or KILLED.search(text):
        return f"a rank was killed, most likely for want of memory{_keep(log)}"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else "no output"
    return f"exit status {status}: {last}{_keep(log)}"


def _keep(log: Path) -> str:
    """Copy the output out of the temporary folder, and say where it is."""
    with tempfile.NamedTemporaryFile(prefix="rlcall-doctor-", suffix=".log", delete=False) as file:
        shutil.copyfile(log, file.name)
    return f" (all output: {file.name})"


def duration(seconds: float) -> str:
    """Return 90 as "2 min", 7,500 as "2.1 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{ceil(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
