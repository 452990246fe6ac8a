"""The wheel `bfcl-eval` for tests, where it is at hand, and its checker.

    pip download --no-deps bfcl-eval==2026.3.23
    make test BFCL=bfcl_eval-2026.3.23-py3-none-any.whl

The wheel is not part of the project. BFCL names it, or the folder that it was unzipped to; tests
that need it skip where it is not given.
"""

from __future__ import annotations

import os

import pytest

from rlcall.suites.bfcl import Checker, ast_checker

BFCL = os.environ.get("BFCL", "")
needs_bfcl = pytest.mark.skipif(not BFCL, reason="no wheel of bfcl-eval; set BFCL to its path")


def load_checker() -> Checker:
    """Return BFCL's `ast_checker`, which checks calls by tools in BFCL's words and its truth."""
    with ast_checker(BFCL) as is_right:
        return is_right
