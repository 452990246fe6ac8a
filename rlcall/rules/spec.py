"""A rule as a reward asks for it: its weight, and how it is run.

rewards: {values: 2.0, my_rules.py:short: {weight: 0.5, timeout: 0.1, on_error: floor}}

read_spec("my_rules.py:short", {"weight": 0.5, "timeout": 0.1})
# RuleSpec("my_rules.py:short", weight=0.5, timeout=0.1, on_error="none", in_process=False)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from rlcall.rules.load import OnError, RewardError, is_shipped
from rlcall.rules.presets import check_keys

TIMEOUT = 1.0  # seconds that one call of a foreign rule may take


@dataclass(frozen=True, slots=True, config=ConfigDict(strict=True, allow_inf_nan=False))
class RuleSpec:
    """A rule as a reward asks for it: where it is, its weight, and how it is run."""

    reference: str
    weight: float = Field(0.0, ge=0.0)
    timeout: float = Field(TIMEOUT, ge=0.001)
    on_error: OnError = "none"
    in_process: bool = False


KEYS = tuple(field.name for field in dataclasses.fields(RuleSpec) if field.name != "reference")


def read_spec(reference: str, value: Any) -> RuleSpec:
    """Read a rule's weight, or the mapping that holds it with other settings.

    RewardError where it is neither.
    """
    settings = dict(value) if isinstance(value, Mapping) else {"weight": value}
    try:
        check_keys(settings, KEYS)
    except RewardError as error:
        raise RewardError(f"rule {reference!r}: {error}") from None
    if "weight" not in settings:
        raise RewardError(f"the weight of rule {reference!r} is missing; write weight: 1.0")
    settings.setdefault("in_process", is_shipped(reference))
    try:
        spec = RuleSpec(reference, **settings)
    except ValidationError as error:
        fault = error.errors()[0]
        setting = f"the {fault['loc'][0]} of rule {reference!r}"
        requirement = fault["msg"].removeprefix("Input ")  # "should be a valid number"
        raise RewardError(f"{setting} {requirement}, not {fault['input']!r:.80}") from None
    if spec.in_process and "timeout" in settings:
        raise RewardError(
            f"rule {reference!r} runs in place, where no timeout can be kept; "
            "leave timeout or in_process out"
        )
    return spec
