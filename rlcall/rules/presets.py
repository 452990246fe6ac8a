"""Rewards as files: the presets in configs/rewards/, and YAML files of the same form.

    rewards: {correct: 1.0, my_rules.py:short: {weight: 0.5, timeout: 0.1}}
    gates: [parses]

read_preset("graded").gates     # ["parses", "no_surplus"]
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rlcall.files.shipped import CONFIGS
from rlcall.files.yaml import YamlError, read_yaml
from rlcall.rules.load import RewardError, rule_file

PRESETS = CONFIGS / "rewards"
KEYS = ("rewards", "gates")


class Preset(NamedTuple):
    """A reward's file: its rules with their settings as they are written there, and its gates."""

    path: Path
    rewards: Mapping[str, Any]
    gates: Sequence[str]


def presets() -> list[str]:
    """Return the names of the shipped rewards."""
    return sorted(file.stem for file in PRESETS.glob("*.yaml"))


def read_preset(name: str) -> Preset:
    """Read a preset by its name, or a YAML file by its path.

    Raises RewardError, which names the file and the key.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else PRESETS / f"{name}.yaml"
    if not path.is_file():
        raise RewardError(
            f"no reward preset {name!r}: {path} does not exist; presets are {', '.join(presets())}"
        )
    try:
        data = read_yaml(path)
    except YamlError as error:
        raise RewardError(str(error)) from None
    try:
        check_keys(data, KEYS)
        if "rewards" not in data:
            raise RewardError("rewards is missing; it maps rules to their weights")
        return Preset(path, check_rewards(data["rewards"]), check_gates(data.get("gates")))
    except RewardError as error:
        raise RewardError(f"{path}: {error}") from None


def digest_of_reward(name: str) -> str | None:
    """Return the digest of the reward's file and of its rules' files; None for what is shipped."""
    preset = read_preset(name)
    candidates = [Path(name)]
    for reference in (*preset.rewards, *preset.gates):
        file = rule_file(reference)
        if file:
            candidates.append(file)
    files = [file for file in candidates if file.is_file()]
    if not files:
        return None
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content).hexdigest()[:16]


def check_keys(settings: Iterable[Any], keys: Sequence[str]) -> None:
    """Raise RewardError for a setting that is none of the keys, with the nearest one."""
    for key in settings:
        if key not in keys:
            nearest = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.0)[0]
            raise RewardError(f"unknown key {key!r}; did you mean {nearest!r}?")


def check_rewards(rewards: Any) -> Mapping[str, Any]:
    """Return what maps rules to weights or settings, if it does; else raise RewardError."""
    what = "rewards maps rules to their weights, as in {name: 1.0, values: 2.0}"
    if rewards is None or rewards == {}:
        raise RewardError(f"rewards names no rule; {what}")
    if not isinstance(rewards, Mapping):
        raise RewardError(f"{what}, and is not {_shown(rewards)}")
    for reference in rewards:
        if not isinstance(reference, str):
            raise RewardError(f"{what}; a rule's name is text, not {reference!r}")
    return rewards


def check_gates(gates: Any) -> Sequence[str]:
    """Return the gates, none for None; RewardError where they are no list of different names."""
    what = "gates is a list of rules' names, as in [parses]"
    if gates is None:
        return []
    if isinstance(gates, str):
        raise RewardError(f"{what}; write [{gates}]")
    if not isinstance(gates, list | tuple):
        raise RewardError(f"{what}, and is not {_shown(gates)}")
    for gate in gates:
        if not isinstance(gate, str):
            raise RewardError(f"{what}; a rule's name is text, not {gate!r}")
        if gates.count(gate) > 1:
            raise RewardError(f"gates names {gate!r} twice, which would apply it twice")
    return gates


def _shown(value: Any) -> str:
    return "a list" if isinstance(value, list) else repr(value)
