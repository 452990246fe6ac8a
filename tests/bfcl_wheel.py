"""Where tests look for the wheel `bfcl-eval`, and its checker.

    make test BFCL=bfcl_eval-2026.3.23-py3-none-any.whl     # pip download --no-deps bfcl-eval==2026.3.23

The wheel is no part of the project. BFCL names it, or the folder that it was unzipped to; tests that need it skip
where it is not given.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

BFCL = os.environ.get("BFCL", "")
needs_bfcl = pytest.mark.skipif(not BFCL, reason="no wheel of bfcl-eval; set BFCL to its path")

Checker = Callable[[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], str], bool]


def load_checker(monkeypatch: pytest.MonkeyPatch) -> Checker:
    """BFCL's `ast_checker`: whether calls, given tools in its own words, are right by the ground truth."""
    monkeypatch.syspath_prepend(BFCL)  # a wheel is a zip file, from which Python can import
    # Of the models' configuration, which imports every handler and its packages, the checker needs one boolean.
    stub = types.ModuleType("bfcl_eval.constants.model_config")
    stub.MODEL_CONFIG_MAPPING = {"plain": types.SimpleNamespace(underscore_to_dot=False)}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, stub.__name__, stub)
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    def is_valid(
        tools: list[dict[str, Any]], calls: list[dict[str, Any]], truth: list[dict[str, Any]], category: str
    ) -> bool:
        return bool(ast_checker(tools, calls, truth, Language.PYTHON, category, "plain")["valid"])

    return is_valid
