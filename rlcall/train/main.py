"""The one entry of every method, for `launch/grpo.py`, `rlcall grpo` and the tests alike.

    main("grpo", ["--config", "configs/smoke/grpo.yaml"]) -> 0

The environment is set before torch is imported, hence the imports inside.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import signal
import sys
import textwrap
import time
from types import FrameType
from typing import NoReturn

from rlcall.errors import UserError
from rlcall.model.runtime import prepare_environment
from rlcall.runs.folder import RunFolder
from rlcall.show.visible import visible
from rlcall.train.config import Config, parse
from rlcall.train.methods import METHODS
from rlcall.train.resume.disk import describe_room, is_full
from rlcall.train.settings import describe

NEEDED = ("torch", "trl", "psutil")
WIDTH = 100  # of the help text


def main(method: str, argv: list[str] | None = None) -> int:
    """Run a method.

    Returns 0, 1 where the disk is full, 2 for a mistake of the user's, 130 for an interrupted run.
    """
    argv = sys.argv[1:] if argv is None else argv
    if "--help" in argv or "-h" in argv:
        print(usage(method))
        return 0
    for package in NEEDED:
        if importlib.util.find_spec(package) is None:
            _tell(
                f"error: training needs {package}, which is not installed; "
                "pip install 'rlcall[train]' has all of it"
            )
            return 2
    prepare_environment()
    signal.signal(signal.SIGTERM, _interrupt)
    return _run(method, argv)


def _run(method: str, argv: list[str]) -> int:
    from rlcall.train.launcher import end_with_launcher

    end_with_launcher()  # before what takes seconds to import
    from rlcall.reward import RuleError

    config = None
    try:
        config = parse(method, argv)
        from rlcall.train.stages import run

        run(config)
    except RuleError as error:  # on one rank: the others do not know of it, so it speaks for itself
        print(visible(f"error: {error}"), file=sys.stderr, flush=True)
        return 2
    except UserError as error:
        _tell(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one interrupt is enough
        _tell(f"interrupted{_how_to_go_on(config)}")
        return 130
    except Exception as error:  # from whatever library was writing
        if config is None or not is_full(error):
            raise
        _tell_of_full_disk(config, error)
        return 1
    return 0


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _tell(message: str) -> None:
    """Print on rank 0.

    The others wait until it has spoken: a launcher stops all ranks as soon as one has ended.
    """
    if os.environ.get("RANK", "0") == "0":
        print(visible(message), file=sys.stderr, flush=True)
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        time.sleep(3)


def _tell_of_full_disk(config: Config, error: Exception) -> None:
    """Print on the rank that could not write: the others do not know of it.

    What it began to write makes way.
    """
    folder = RunFolder(config.output_dir)
    folder.remove_half_written()
    room = describe_room(folder.path)
    message = f"error: {folder.path}: the disk is full: {error}. Make room ({room})"
    print(f"{message}{_how_to_go_on(config)}", file=sys.stderr, flush=True)


def _how_to_go_on(config: Config | None) -> str:
    """Return what there is to resume from, and the command."""
    from rlcall.train.launcher import launcher_command
    from rlcall.train.resume.checkpoints import newest_checkpoint

    folder = RunFolder(config.output_dir) if config else None
    if folder is None or not folder.is_run:
        return " before anything was trained"
    checkpoint = newest_checkpoint(folder.path) or newest_checkpoint(folder.warm_start)
    state = "there is no checkpoint yet"
    if checkpoint:
        state = f"the last whole checkpoint is {checkpoint}"
    command = launcher_command() or [sys.argv[0], *sys.argv[1:]]
    again = [word for word in command if word != "--resume"] + ["--resume"]
    return f"; {state}. To go on:\n  {shlex.join(again)}"


def usage(method: str) -> str:
    """Return the help text: our keys with their defaults and meanings."""
    indent = " " * 6
    keys = []
    for key, default, meaning in describe():
        text = textwrap.fill(
            meaning, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )
        keys.append(f"  {key}: {default}\n{text}")
    trainer_config = METHODS[method].trainer_config
    lines = (
        f"usage: accelerate launch launch/{method}.py [--config FILE] [--key value ...]",
        "",
        f"The default config is configs/{method}.yaml. Keys of ours:",
        "",
        *keys,
        "",
        f"Every other key is one of TRL's {trainer_config}: learning_rate, max_steps, seed, ...",
        "On the command line, --learning-rate is the same as --learning_rate.",
    )
    return "\n".join(lines)
