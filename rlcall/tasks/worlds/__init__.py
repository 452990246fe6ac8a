"""The shipped worlds, one module each.

of_split("test")                              # [World("health", ...), ...]
rows = generate(2000, seed=0, split="test")   # the rows of `eval_rows: worlds` in a config
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from rlcall.data.rows import Row
from rlcall.tasks import generate as rows
from rlcall.tasks.mixture import MixtureError, read_mixture, shipped_mixture
from rlcall.tasks.options import level as options_of
from rlcall.tasks.twins.masking import mask as masked
from rlcall.tasks.world import World
from rlcall.tasks.writer import WorldError

# A world is a module of this package by the same name, and belongs to one split. Their order
# counts: another one gives other rows for the same seed.
NAMES = {
    "train": ("phone", "calendar", "shop", "travel", "finance", "files", "home", "maths", "media"),
    "validation": ("weather", "databases", "food"),
    "test": ("health", "developer", "library", "logistics", "garden", "garage", "museum", "school"),
}


def of_split(split: str, names: Sequence[str] | None = None) -> list[World]:
    """Load the worlds of `train`, `validation` or `test`, or those `names` of them.

    WorldError where one is not there.
    """
    for name in names or ():
        if name not in NAMES[split]:
            raise WorldError(
                f"no world of {split} is called {name!r}; there are {', '.join(NAMES[split])}"
            )
    return [importlib.import_module(f"{__name__}.{name}").WORLD for name in names or NAMES[split]]


def generate(
    n: int,
    seed: int,
    split: str = "train",
    *,
    mix: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    level: int | None = None,
    mask: float = 0.0,
) -> Iterator[Row]:
    """Yield `n` rows of a split, the same for the same arguments.

    ValueError for what cannot be made.

    mix: files of the mixture (None: those that come with rlcall).
    tasks: only these tasks of it.
    level: difficulty from 1 to 5; replaces what the files say.
    mask: chance of each tool's and parameter's name to be replaced by random letters.
    """
    files = [Path(file) for file in mix] if mix else shipped_mixture()
    mixture = read_mixture(files, split, {} if level is None else options_of(level))
    if tasks:
        if unknown := set(tasks) - {component.task for component in mixture}:
            raise MixtureError(f"the mixture has no task {min(unknown)!r}")
        mixture = [component for component in mixture if component.task in tasks]
    for row in rows.generate(of_split(split), mixture, n, seed):
        yield masked(row, Random(f"mask {row.id}"), mask) if mask else row
