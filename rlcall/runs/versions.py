"""The versions that a run or an evaluation keeps with its results.

versions()      # {"python": "3.11.9", "platform": "Linux-6.1...", "rlcall": "1.2.0", ...}
"""

from __future__ import annotations

import importlib.metadata
import platform

PACKAGES = (
    "rlcall",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "deepspeed",
    "datasets",
    "tokenizers",
)


def versions() -> dict[str, str]:
    """Return the versions of Python, the platform and every package that a result depends on."""
    installed = {name: _version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "platform": platform.platform(), **installed}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
