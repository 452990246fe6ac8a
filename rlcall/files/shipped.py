"""The folders that come with rlcall: next to the package in a checkout, inside it in a wheel.

CONFIGS / "rewards" / "graded.yaml"; RULES / "name.py"
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _find(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


CONFIGS = _find("configs")
RULES = _find("rewards")
