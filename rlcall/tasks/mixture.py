"""A mixture of tasks as files: each one component, with its weight and its difficulty.

# configs/tasks/nested.yaml
task: nested
weight: 1.5
depth: [2, 3]

read_mixture([Path("configs/tasks/nested.yaml")], split="train")   # [Component("nested", 1.5, Options(...))]
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from rlcall.errors import UserError
from rlcall.files.shipped import CONFIGS
from rlcall.files.yaml import YamlError, read_yaml
from rlcall.tasks.generate import Component
from rlcall.tasks.options import Options, level
from rlcall.tasks.views import TASKS

SHIPPED = CONFIGS / "tasks"
OPTIONS = tuple(field.name for field in fields(Options) if field.name != "split")
KEYS = ("task", "weight", "level", *OPTIONS)


class MixtureError(UserError):
    """A mixture that cannot be used; the message names the file and the key, and says what to write."""


def shipped_mixture() -> list[Path]:
    """The files of the mixture that is used where none is named."""
    return sorted(SHIPPED.glob("*.yaml"))


def read_mixture(
    paths: Sequence[Path], split: str, overrides: Mapping[str, Any] | None = None
) -> list[Component]:
    """The components of these files. `overrides` go over each file's own options. MixtureError."""
    if not paths:
        raise MixtureError(f"there is no file in the mixture; {SHIPPED} has some")
    return [_component(path, split, overrides or {}) for path in paths]


def _component(path: Path, split: str, overrides: Mapping[str, Any]) -> Component:
    try:
        given = read_yaml(path)
        _check(given)
        options = {key: _pair(given[key]) for key in OPTIONS if key in given}
        graded = {**level(given["level"]), **options} if "level" in given else options
        return Component(
            given["task"], given.get("weight", 1.0), Options(split=split, **{**graded, **overrides})
        )
    except (YamlError, ValueError, TypeError) as error:
        message = str(error) if isinstance(error, YamlError) else f"{path}: {error}"
        raise MixtureError(message) from None


def _check(given: Mapping[str, Any]) -> None:
    for key in given:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1, cutoff=0.0)[0]
            raise ValueError(f"unknown key {key!r}; did you mean {near!r}?")
    if given.get("task") not in TASKS:
        raise ValueError(f"task is one of {', '.join(TASKS)}, not {given.get('task')!r}")
    weight = given.get("weight", 1.0)
    if (
        isinstance(weight, bool)
        or not isinstance(weight, int | float)
        or not 0 < weight < float("inf")
    ):
        raise ValueError(f"weight is a number above 0, not {weight!r}")


def _pair(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
