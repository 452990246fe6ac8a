"""Where the files lie that come with rlcall: beside the package in a checkout, inside it in a wheel.

CONFIGS / "rewards" / "graded.yaml"; RULES / "name.py"
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _find(name: str) -> Path:
    return next(
        (d for d in (_PACKAGE / name, _PACKAGE.parent / name) if d.is_dir()), _PACKAGE.parent / name
    )


CONFIGS = _find("configs")
RULES = _find("rewards")
