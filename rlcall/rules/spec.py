"""A rule as a reward asks for it, out of the mapping that a config or a preset holds.

rewards: {values: 2.0, my_rules.py:short: {weight: 0.5, timeout: 0.1, on_error: floor}}

read_spec("my_rules.py:short", {"weight": 0.5, "timeout": 0.1, "on_error": "floor"}) -> RuleSpec(...)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from rlcall.files.shipped import CONFIGS
from rlcall.rules.load import RewardError, is_shipped

OnError = Literal["none", "floor", "raise"]
PRESETS = CONFIGS / "rewards"
TIMEOUT = 1.0  # seconds that one call of a foreign rule may take


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule as a reward asks for it: where it is, how long a call may take, and what follows where it fails."""

    reference: str
    weight: float = 0.0
    timeout: float = TIMEOUT
    on_error: OnError = "none"
    in_process: bool = False

    @property
    def file(self) -> Path | None:
        """Where the rule stands, if it is named by its file."""
        return (
            Path(self.reference.rpartition(":")[0]).resolve() if ".py:" in self.reference else None
        )


KEYS = tuple(field.name for field in fields(RuleSpec) if field.name != "reference")


def read_spec(reference: str, value: Any) -> RuleSpec:
    """`value` is the weight, or a mapping that holds it. RewardError where it is neither."""
    given = dict(value) if isinstance(value, Mapping) else {"weight": value}
    if "weight" not in given or not set(given) <= set(KEYS):
        wrong = ", ".join(map(str, given)) or "none"
        raise RewardError(
            f"rule {reference!r} takes the keys {', '.join(KEYS)} (weight must be there), not {wrong}"
        )
    _check_number(f"the weight of rule {reference!r}", given["weight"], at_least=0.0)
    _check_number(f"the timeout of rule {reference!r}", given.get("timeout", 1.0), at_least=0.001)
    if given.get("on_error", "none") not in get_args(OnError):
        raise RewardError(
            f"on_error of rule {reference!r} is one of {', '.join(get_args(OnError))}, not {given['on_error']!r}"
        )
    if not isinstance(given.setdefault("in_process", is_shipped(reference)), bool):
        raise RewardError(
            f"in_process of rule {reference!r} is true or false, not {given['in_process']!r}"
        )
    if given["in_process"] and "timeout" in given:
        raise RewardError(
            f"rule {reference!r} runs in place, where no timeout can be kept; leave one of the two out"
        )
    return RuleSpec(reference, **given)


def _check_number(what: str, value: Any, at_least: float) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not at_least <= value < float("inf")
    ):
        raise RewardError(f"{what} must be a number of at least {at_least:g}, not {value!r}")


def presets() -> list[str]:
    """The names of the rewards that are shipped."""
    return sorted(file.stem for file in PRESETS.glob("*.yaml"))


def read_preset(reference: str) -> dict[str, Any]:
    """`rewards` and perhaps `gates`, of a preset by its name or of a YAML file. RewardError where there is none."""
    path = (
        Path(reference) if reference.endswith((".yaml", ".yml")) else PRESETS / f"{reference}.yaml"
    )
    if not path.is_file():
        raise RewardError(
            f"no reward preset {reference!r}: {path} does not exist; presets are {', '.join(presets())}"
        )
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not {"rewards"} <= set(data) <= {"rewards", "gates"}:
        raise RewardError(
            f"{path}: a reward file holds `rewards` (rule: weight) and, if wanted, `gates` (a list)"
        )
    return data
