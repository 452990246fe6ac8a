"""The mistake of every source of tools, and the extra that some of them need.

raise ToolSourceError("shop.py:find: there is no 'find' in it. It has: search, order.")
"""

from __future__ import annotations

from rlcall.errors import UserError


class ToolSourceError(UserError):
    """A source that gives no tools: the message says which, why, and what to do."""


def needs_extra(package: str) -> ToolSourceError:
    """Return the mistake of a missing package."""
    return ToolSourceError(f'this needs {package}: pip install "rlcall[tools]"')
