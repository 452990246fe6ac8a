"""The launcher that started this rank, what it was asked for, and the command to use.

launcher_command()     # ["accelerate", "launch", "--config_file", "zero2.yaml", ...]
request_of_file("configs/accelerate/zero2.yaml", 4)
# LaunchRequest(ranks=4, stage=2, origin="configs/accelerate/zero2.yaml asks for")
launcher_file(ranks=2, stage=3)     # configs/accelerate/zero3.yaml
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from rlcall.files.shipped import CONFIGS
from rlcall.model.runtime import has_accelerator

# `accelerate launch`, `accelerate-launch`, `python -m accelerate.commands.launch`
LAUNCHERS = ("launch", "accelerate-launch", "accelerate.commands.launch")
GRACE = 10  # seconds that a rank without a launcher has to end by itself


class LaunchRequest(NamedTuple):
    """Ranks and ZeRO stage that were asked for; None: any.

    `origin` begins the sentence that says who asks.
    """

    ranks: int | None
    stage: int | None
    origin: str

    def __str__(self) -> str:
        if self.ranks is None:
            ranks = "any number of ranks"
        else:
            ranks = "1 rank" if self.ranks == 1 else f"{self.ranks} ranks"
        stages = {None: "any ZeRO stage", 0: "no DeepSpeed"}
        return f"{ranks} with {stages.get(self.stage, f'ZeRO-{self.stage}')}"


def request_of_launcher() -> LaunchRequest:
    """Return what `accelerate launch`, if it started this process, was asked for by its options."""
    from accelerate.commands.launch import launch_command_parser

    words = launcher_command()[2:] or ["none"]
    options, _ = launch_command_parser().parse_known_args(words)
    if options.config_file is None:
        return LaunchRequest(options.num_processes, None, "--num_processes asks for")
    return request_of_file(options.config_file, options.num_processes)


def request_of_file(path: str, ranks: int | None) -> LaunchRequest:
    """Return what a launcher's file asks for; `ranks` is what `--num_processes` sets instead.

    Raises one of several errors for a file that accelerate refuses.
    """
    from accelerate.commands.config.config_args import load_config_from_file

    file = load_config_from_file(path)
    stage: int | None = 0
    if file.distributed_type == "DEEPSPEED":
        stage = getattr(file, "deepspeed_config", {}).get("zero_stage")
    return LaunchRequest(ranks or file.num_processes, stage, f"{path} asks for")


def launcher_command() -> list[str]:
    """Return the command that started this process as one rank, [] if there is none."""
    import psutil

    parent = psutil.Process().parent()
    words = parent.cmdline() if parent else []
    # "python", "-m" or a path may come before the launcher's name
    for position, word in enumerate(words[:4], 1):
        if Path(word).name in LAUNCHERS:
            return ["accelerate", "launch", *words[position:]]
    return []


def end_with_launcher() -> None:
    """Have this rank end when its launcher does, even by kill -9: torchrun's ranks go on."""
    if launcher_command() or "TORCHELASTIC_RUN_ID" in os.environ:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    # An alarm ends it where no Python runs any more: it may wait for another rank for ever.
    signal.alarm(GRACE)
    # A launcher that is stopped sends this, too; main says how to go on.
    os.kill(os.getpid(), signal.SIGTERM)


def command_for(method: str, ranks: int, stage: int) -> str:
    """Return the sentence that gives this run's command for this many ranks at that stage."""
    words = ["accelerate", "launch"]
    file = launcher_file(ranks, stage)
    if file:
        words += ["--config_file", str(_from_here(file))]
    words += ["--num_processes", str(ranks)]
    arguments = sys.argv[1:]
    if sys.argv[0].endswith(f"{method}.py"):
        words.append(f"launch/{method}.py")
    else:
        words += ["-m", "rlcall", method]
        if arguments[:1] == [method]:  # `rlcall grpo ...`
            arguments = arguments[1:]
    return f"Run:\n  {shlex.join([*words, *arguments])}"


def launcher_file(ranks: int, stage: int) -> Path | None:
    """Return the shipped file for this many ranks at that stage; None where none is needed.

    It goes with `--num_processes`.
    """
    if stage:
        name = f"zero{stage}"
    elif ranks > 1:
        name = "ddp" if has_accelerator() else "cpu2"
    else:
        return None
    return CONFIGS / "accelerate" / f"{name}.yaml"


def _from_here(path: Path) -> Path:
    """Return the path as seen from here, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
