"""All that a comparison knows, worked out once: methods, the reference, and per evaluation what each method did.

comparison = compare(runs, by_seed=True, against=None)
comparison.evaluations["test"].measured["grpo"].level("all", "accuracy")
comparison.evaluations["test"].gained["grpo"]["accuracy"]     # against comparison.reference
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rlcall.compare.alike import check_alike
from rlcall.compare.estimates import Measured, by_row, changes, differences
from rlcall.compare.groups import Group, group_runs, reference
from rlcall.compare.runs import CompareError, Evaluated, Run
from rlcall.data.rows import Row
from rlcall.metrics.baselines import POLICIES, baseline_records
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.measure import measure
from rlcall.metrics.paired import Difference
from rlcall.metrics.record import Record
from rlcall.reward import RewardError, RuleError, load_reward
from rlcall.rules.presets import presets


@dataclass(frozen=True)
class Compared:
    """One evaluation. Keys are the methods' names, and in `measured` and `gained` also those of the policies."""

    name: str
    evaluated: dict[str, list[Evaluated]]
    """For each seed of a method, in the order of its runs."""
    measured: dict[str, Measured]
    gained: dict[str, dict[str, Difference]]
    """What each has over the reference, by metric; the reference itself is not in it."""
    changed: dict[str, dict[str, Estimate]]
    """The same for each of ERRORS, as a part of what the reference has."""

    @property
    def first(self) -> Evaluated:
        return next(iter(self.evaluated.values()))[0]

    @property
    def rows(self) -> list[Row]:
        return self.first.rows


@dataclass(frozen=True)
class Comparison:
    groups: list[Group]
    reference: Group
    evaluations: dict[str, Compared]
    left_out: dict[str, list[str]]
    """Evaluations that only some of the methods have: name -> those that have it."""

    @property
    def by_seed(self) -> bool:
        return any(len(group.runs) > 1 for group in self.groups)

    def named_runs(self) -> Iterator[tuple[str, Run]]:
        """Every run under its method's name, and its seed where there are several."""
        for group in self.groups:
            for run, seed in zip(group.runs, group.seeds, strict=True):
                yield group.name if len(group.runs) == 1 else f"{group.name}, seed {seed}", run


def compare(
    runs: Sequence[Run], by_seed: bool, against: Path | None, rewards: str | None = None
) -> Comparison:
    """CompareError where runs are not alike, cannot be grouped, or have no reference.

    `rewards` is the file of the reward that they were evaluated with, where it is none of the presets.
    """
    names = check_alike(runs)
    groups = group_runs(runs, by_seed)
    chosen = reference(groups, against)
    others = dict.fromkeys(name for run in runs for name in run.evaluations if name not in names)
    left_out = {name: [str(run.path) for run in runs if name in run.evaluations] for name in others}
    return Comparison(
        groups, chosen, {name: _compared(name, groups, chosen, rewards) for name in names}, left_out
    )


def _compared(name: str, groups: Sequence[Group], chosen: Group, rewards: str | None) -> Compared:
    evaluated = {group.name: [run.evaluations[name] for run in group.runs] for group in groups}
    first = evaluated[chosen.name][0]
    policies = _policies(first, rewards)
    measured = {group: Measured.of(found) for group, found in evaluated.items()}
    measured |= {
        policy: Measured([measure(first.rows, found, first.wire)])
        for policy, found in policies.items()
    }
    columns = {
        group: [by_row(one.records, one.samples) for one in found]
        for group, found in evaluated.items()
    }
    columns |= {policy: [by_row(found, first.samples)] for policy, found in policies.items()}
    seeds = {group.name: group.seeds for group in groups}
    theirs = columns.pop(chosen.name)
    pairs = {
        method: (mine, theirs, seeds.get(method) == chosen.seeds)
        for method, mine in columns.items()
    }
    gained = {method: differences(first.rows, *pair) for method, pair in pairs.items()}
    changed = {method: changes(first.rows, *pair) for method, pair in pairs.items()}
    return Compared(name, evaluated, measured, gained, changed)


def _policies(first: Evaluated, rewards: str | None) -> dict[str, list[Record]]:
    """What the policies that need no model do on the same rows, under the same reward."""
    named = first.settings["rewards"]
    if named not in presets() and rewards is None:
        remedy = f"its rules are code that would run: if you trust it, add --rewards {named}"
        raise CompareError(f"{first.path}: was evaluated with the reward {named}, and {remedy}")
    try:
        reward = load_reward(named if named in presets() else rewards or named)
        written = partial(
            baseline_records, rows=first.rows, wire=first.wire, reward=reward, samples=first.samples
        )
        return {name: written(name) for name in POLICIES}
    except (RewardError, RuleError, OSError) as error:
        raise CompareError(
            f"{first.path}: the policies beside it need its reward. {error}"
        ) from error
