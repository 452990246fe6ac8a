"""ToolRL's correctness (Qian et al. 2025, arXiv 2504.13958), from [-3, 3] to [0, 1]: R / S_max.

R is the Jaccard index of the tools' names, plus for each due call that of its keys and the number
of its right values; S_max = 1 + calls + keys. What cannot be read earns 0. Where no call is due it
is a constant 0 as published, here 0.5.
"""

from collections import Counter

from rlcall.verify import SURPLUS, CallPair, ExpectedCall, Verdict


def toolrl_correctness(verdict: Verdict) -> float | None:
    if verdict.due == "none":
        return 0.5
    due = verdict.answer.calls
    if not isinstance(due, tuple):  # the paper has no answer that leaves the calls open
        return None
    if not verdict.calls or any(problem.code in SURPLUS for problem in verdict.problems):
        return 0.0
    due_names = Counter(call.name for call in due)
    names = _jaccard(due_names, Counter(call.name for call in verdict.calls))
    calls = sum(_call(pair, due[pair.expected]) for pair in verdict.pairs)
    keys = sum(len(call.arguments) for call in due)
    return (names + calls) / (1 + len(due) + keys)


def _jaccard(due: Counter[str], emitted: Counter[str]) -> float:
    return (due & emitted).total() / (due | emitted).total()


def _call(pair: CallPair, due: ExpectedCall) -> float:
    """Return the Jaccard index of the keys plus the number of right values; 0 for another tool."""
    if pair.grade is None:
        return 0.0
    wrong = {error.path[0] for error in pair.grade.errors}
    return pair.grade.parameters.ratio + len(due.arguments.keys() - wrong)
