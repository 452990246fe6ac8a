"""The one kind of exception for what a user can mend.

    raise UserError("rows.jsonl, line 7: tools is missing; write [] where a row has none")

Every command prints a `UserError` as one line and exits with status 2; anything else is a fault of
ours, and shows its traceback. The modules that find a kind of mistake define its class: `RowError`,
`ConfigError`, `RewardError`, ...
"""

from __future__ import annotations


class UserError(ValueError):
    """A mistake that the user can mend: what is wrong, where it is, and what to do."""


class ConfigError(UserError):
    """A mistake in the config or on the command line, with what to write instead."""
