"""Tools from Python: functions, methods and classes of a module that the user names.

    describe(["shop:search", "lib/shop.py:Shop.order", "shop"], seconds=60)

The module is imported in a process of its own, under a time limit; what comes back is JSON. Nothing
that it prints is taken for an answer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rlcall.files import strict_json
from rlcall.tools.mistake import ToolSourceError

_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
    "from rlcall.tools.describing import main; main(sys.argv[2], json.loads(sys.argv[3]))"
)


def describe(references: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """Return the tools that are named, in OpenAI's form. ToolSourceError."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-c",
                _CHILD,
                json.dumps(sys.path),
                str(answer),
                json.dumps(list(references)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        names = ", ".join(references)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ToolSourceError(
                f"{names}: importing takes longer than {seconds:g} s (--timeout). A module that "
                'does work when it is imported keeps it under `if __name__ == "__main__":`.'
            ) from None
        finally:
            _end(process)
        return _read(answer, names, process.returncode)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that the module has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(answer: Path, names: str, status: int) -> list[dict[str, Any]]:
    try:
        message = strict_json.load(answer.read_bytes())
    except (OSError, ValueError):
        raise ToolSourceError(
            f"{names}: the process that imports it ended without an answer (exit status {status})"
        ) from None
    if "mistake" in message:
        raise ToolSourceError(message["mistake"])
    return list(message["tools"])
