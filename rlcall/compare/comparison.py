"""All that a comparison knows, worked out once: methods, the reference, each evaluation's figures.

comparison = compare(runs, by_seed=True, against=None)
test = comparison.evaluations["test"]
test.figures["grpo"].rate("accuracy")
test.differences["grpo"]["accuracy"]     # grpo - comparison.reference
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlcall.compare.compatibility import check_compatible
from rlcall.compare.estimates import MethodFigures, changes, differences
from rlcall.compare.methods import MethodRuns, find_reference, group_runs
from rlcall.compare.runs import ComparedRun, CompareError, RunEvaluation
from rlcall.data.rows import Row
from rlcall.metrics.baselines import POLICIES, baseline_completions
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.measure import measure
from rlcall.metrics.paired import PairedDifference, values_by_row
from rlcall.reward import RewardError, RuleError, load_reward
from rlcall.rules.presets import presets


@dataclass(frozen=True)
class ComparedEvaluation:
    """One evaluation that all methods have.

    The keys of `evaluations` are the methods' names; in the others also those of the policies.
    """

    name: str
    evaluations: dict[str, list[RunEvaluation]]
    """One for each seed of a method, in the order of its runs."""
    figures: dict[str, MethodFigures]
    differences: dict[str, dict[str, PairedDifference]]
    """The method minus the reference, by metric; the reference itself is not in it."""
    changes: dict[str, dict[str, Estimate]]
    """The same for each of ERRORS, as a part of what the reference has."""

    @property
    def first(self) -> RunEvaluation:
        """The first method's evaluation: all have its rows and its settings."""
        return next(iter(self.evaluations.values()))[0]

    @property
    def rows(self) -> list[Row]:
        """The rows that all methods were evaluated on."""
        return self.first.rows


@dataclass(frozen=True)
class Comparison:
    """The methods, the one to compare the others with, and the evaluations that all have."""

    methods: list[MethodRuns]
    reference: MethodRuns
    evaluations: dict[str, ComparedEvaluation]
    left_out: dict[str, list[str]]
    """Evaluations that only some of the methods have: name -> those that have it."""

    @property
    def by_seed(self) -> bool:
        """True where a method has several seeds."""
        return any(len(method.runs) > 1 for method in self.methods)

    def named_runs(self) -> Iterator[tuple[str, ComparedRun]]:
        """Yield every run under its method's name, and its seed where there are several."""
        for method in self.methods:
            yield from method.named_runs()


def compare(
    runs: Sequence[ComparedRun], by_seed: bool, against: Path | None, rewards: str | None = None
) -> Comparison:
    """Work out every figure of a comparison.

    `rewards` is the file of the reward that the runs were evaluated with, where it is not a preset.
    CompareError where runs are not alike, cannot be grouped, or have no reference.
    """
    names = check_compatible(runs)
    methods = group_runs(runs, by_seed)
    reference = find_reference(methods, against)
    evaluations = {name: _compared(name, methods, reference, rewards) for name in names}
    left_out: dict[str, list[str]] = {}
    for run in runs:
        for name in run.evaluations:
            if name not in names:
                left_out.setdefault(name, []).append(str(run.path))
    return Comparison(methods, reference, evaluations, left_out)


def _compared(
    name: str, methods: Sequence[MethodRuns], reference: MethodRuns, rewards: str | None
) -> ComparedEvaluation:
    evaluations, figures, by_row, same_seeds = {}, {}, {}, {}
    for method in methods:
        of_method = [run.evaluations[name] for run in method.runs]
        evaluations[method.name] = of_method
        figures[method.name] = MethodFigures.of(of_method)
        by_row[method.name] = [values_by_row(one.completions, one.samples) for one in of_method]
        same_seeds[method.name] = method.seeds == reference.seeds
    first = evaluations[reference.name][0]
    for policy, completions in _policies(first, rewards).items():
        figures[policy] = MethodFigures([measure(first.rows, completions, first.wire)])
        by_row[policy] = [values_by_row(completions, first.samples)]
        same_seeds[policy] = False
    of_reference = by_row.pop(reference.name)
    gains, ratios = {}, {}
    for method_name, values in by_row.items():
        pair = values, of_reference, same_seeds[method_name]
        gains[method_name] = differences(first.rows, *pair)
        ratios[method_name] = changes(first.rows, *pair)
    return ComparedEvaluation(name, evaluations, figures, gains, ratios)


def _policies(evaluation: RunEvaluation, rewards: str | None) -> dict[str, list[JudgedCompletion]]:
    """Return what the policies that need no model do on the same rows, under the same reward."""
    name = evaluation.settings["rewards"]
    if name not in presets() and rewards is None:
        remedy = f"its rules are code that would run: if you trust it, add --rewards {name}"
        raise CompareError(f"{evaluation.path}: was evaluated with the reward {name}, and {remedy}")
    completions = {}
    try:
        reward = load_reward(name if name in presets() else rewards or name)
        for policy in POLICIES:
            completions[policy] = baseline_completions(
                policy, evaluation.rows, evaluation.wire, reward, samples=evaluation.samples
            )
    except (RewardError, RuleError, OSError) as error:
        raise CompareError(
            f"{evaluation.path}: the policies next to it need its reward. {error}"
        ) from error
    return completions
