"""Where tests look for the wheel `bfcl-eval`, and its checker.

    make test BFCL=bfcl_eval-2026.3.23-py3-none-any.whl     # pip download --no-deps bfcl-eval==2026.3.23

The wheel is no part of the project. BFCL names it, or the folder that it was unzipped to; tests that need it skip
where it is not given.
"""

from __future__ import annotations

import os

import pytest

from rlcall.suites.bfcl import Checker, ast_checker

BFCL = os.environ.get("BFCL", "")
needs_bfcl = pytest.mark.skipif(not BFCL, reason="no wheel of bfcl-eval; set BFCL to its path")


def load_checker() -> Checker:
    """BFCL's `ast_checker`: whether calls, given tools in its own words, are right by the ground truth."""
    with ast_checker(BFCL) as is_right:
        return is_right
