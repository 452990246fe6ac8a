"""A mixture of tasks as files: each one component, with its weight and its difficulty.

# configs/tasks/nested.yaml
task: nested
weight: 1.5
depth: [2, 3]

read_mixture([Path("configs/tasks/nested.yaml")], split="train")
# [Component("nested", 1.5, Options(...))]
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rlcall.errors import UserError
from rlcall.files.shipped import CONFIGS
from rlcall.files.yaml import YamlError, read_yaml
from rlcall.tasks.generate import Component
from rlcall.tasks.options import Options, explain, level

SHIPPED = CONFIGS / "tasks"
OPTIONS = tuple(field.name for field in fields(Options) if field.name != "split")
KEYS = ("task", "weight", "level", *OPTIONS)


class MixtureError(UserError):
    """A mixture that cannot be used; the message names the file and the key, and what to write."""


def shipped_mixture() -> list[Path]:
    """List the files of the mixture that is used where none is named."""
    return sorted(SHIPPED.glob("*.yaml"))


def read_mixture(
    paths: Sequence[Path], split: str, overrides: Mapping[str, Any] | None = None
) -> list[Component]:
    """Read the components of these files. `overrides` replace each file's own options.

    MixtureError where a file is not one.
    """
    if not paths:
        raise MixtureError(f"the mixture names no file; {SHIPPED} has some")
    return [_read_component(path, split, overrides or {}) for path in paths]


def _read_component(path: Path, split: str, overrides: Mapping[str, Any]) -> Component:
    try:
        return _component(read_yaml(path), split, overrides)
    except YamlError as error:
        raise MixtureError(str(error)) from None
    except ValidationError as error:
        raise MixtureError(f"{path}: {explain(error)}") from None
    except ValueError as error:
        raise MixtureError(f"{path}: {error}") from None


def _component(entries: dict[str, Any], split: str, overrides: Mapping[str, Any]) -> Component:
    for key in entries:
        if key not in KEYS:
            nearest = difflib.get_close_matches(str(key), KEYS, 1, cutoff=0.0)[0]
            raise ValueError(f"unknown key {key!r}; did you mean {nearest!r}?")
    options = {**level(entries["level"])} if "level" in entries else {}
    options |= {key: entries[key] for key in OPTIONS if key in entries}
    options |= overrides
    return Component(
        task=entries.get("task", ""),
        weight=entries.get("weight", 1.0),
        options=Options(split=split, **options),
    )
