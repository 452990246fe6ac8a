"""The one entry of every method: `launch/grpo.py`, `rlcall grpo` and the tests all call `main("grpo")`.

    main("grpo", ["--config", "configs/smoke/grpo.yaml"]) -> 0

The environment is set before torch is imported, hence the imports inside.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from rlcall.errors import ConfigError
from rlcall.model.runtime import prepare_environment
from rlcall.runs.folder import RunFolder
from rlcall.train.config import Config, parse
from rlcall.train.resume.disk import is_full, room
from rlcall.train.settings import describe

HALF_WRITTEN = (
    ".partial",
    ".trained",
    ".model.part",
    "best/.part",
)  # in the folder of a run or of its warm start


def main(method: str, argv: list[str] | None = None) -> int:
    """Run a method. Returns 0, 1 where the disk is full, 2 for a mistake of the user's, 130 for an interrupted run."""
    argv = sys.argv[1:] if argv is None else argv
    if "--help" in argv or "-h" in argv:
        print(usage(method))
        return 0
    if missing := [
        name
        for name in ("torch", "trl", "pydantic", "psutil")
        if importlib.util.find_spec(name) is None
    ]:
        _tell(
            f"error: training needs {missing[0]}, which is not installed; pip install 'rlcall[train]' has all of it"
        )
        return 2
    prepare_environment()
    signal.signal(signal.SIGTERM, _interrupt)
    return _run(method, argv)


def _run(method: str, argv: list[str]) -> int:
    from rlcall.train.launch_check import end_with_launcher

    end_with_launcher()  # before what takes seconds to import
    from rlcall.data.rows import RowError
    from rlcall.model.chat_template import PromptError
    from rlcall.model.load import ModelNotFoundError
    from rlcall.reward import RewardError, RuleError
    from rlcall.verifier.answer import AnswerError
    from rlcall.verifier.schema import SchemaError

    config = None
    try:
        config = parse(method, argv)
        from rlcall.train.stages import run

        run(config)
    except RuleError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)  # the others do not know of it
        return 2
    except (
        AnswerError,
        ConfigError,
        ModelNotFoundError,
        PromptError,
        RewardError,
        RowError,
        SchemaError,
    ) as error:
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
    """On rank 0. The others wait until it has spoken: a launcher stops all ranks as soon as one has ended."""
    if os.environ.get("RANK", "0") == "0":
        print(message, file=sys.stderr, flush=True)
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        time.sleep(3)


def _tell_of_full_disk(config: Config, error: Exception) -> None:
    """On the rank that could not write: the others do not know of it. What it began to write makes way."""
    for folder in (config.output_dir, config.output_dir / "warm_start"):
        for name in HALF_WRITTEN:
            shutil.rmtree(folder / name, ignore_errors=True)
    what = f"{config.output_dir}: the disk is full: {error}. Make room ({room(config.output_dir)})"
    print(f"error: {what}{_how_to_go_on(config)}", file=sys.stderr, flush=True)


def _how_to_go_on(config: Config | None) -> str:
    """What is there to resume from, and the command."""
    from rlcall.train.launch_check import launcher
    from rlcall.train.resume.checkpoints import newest_checkpoint

    if config is None or not RunFolder(config.output_dir).is_run:
        return " before anything was trained"
    checkpoint = newest_checkpoint(config.output_dir) or newest_checkpoint(
        config.output_dir / "warm_start"
    )
    kept = (
        f"the last whole checkpoint is {checkpoint}" if checkpoint else "there is no checkpoint yet"
    )
    line = launcher() or [sys.argv[0], *sys.argv[1:]]
    again = shlex.join([part for part in line if part != "--resume"] + ["--resume"])
    return f"; {kept}. To go on:\n  {again}"


def usage(method: str) -> str:
    """Our keys with their defaults and meanings, from the one place where they stand."""
    lines = "\n".join(
        f"  {key}: {default}\n      {meaning}" for key, default, meaning in describe()
    )
    return (
        f"usage: accelerate launch launch/{method}.py [--config FILE] [--key value ...]\n\n"
        f"The default config is configs/{method}.yaml. Keys of ours:\n\n{lines}\n\n"
        f"Every other key is one of TRL's {method.upper()}Config: learning_rate, max_steps, output_dir, seed, ..."
    )
