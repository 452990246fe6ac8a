"""The differences between a row's samples: in words, in their calls' structure, in what they call.

diversity(completions, clusters, samples=8)["calls"]
# Estimate(value=0.31, ...): distinct calls / samples, per row

Each measure is taken over a row's samples and averaged over the rows on which a call is due, as
Shypula et al. 2025 (arXiv 2504.12522) do with programs: over all samples, and over the valid ones,
whose calls keep to their schemas.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from rlcall.metrics.intervals import Numbers
from rlcall.metrics.judged_completion import Completion, JudgedCompletion
from rlcall.metrics.rates import CALL_DUE, Estimates, column, mean_estimates
from rlcall.verifier.values import canonical

VOCABULARY = 49152
"""Of SmolLM2, the default model. One number for all models, so that they can be compared."""
LONGEST = 4
_TOKEN = re.compile(r"\w+|[^\w\s]")

Samples = Sequence[JudgedCompletion]


def tokens(completion: Completion) -> list[str]:
    """Return the words and single signs of a completion."""
    if not isinstance(completion, str):
        completion = json.dumps(completion, ensure_ascii=False)
    return _TOKEN.findall(completion)


def ead(texts: Sequence[Sequence[str]], n: int, vocabulary: int = VOCABULARY) -> float | None:
    """Return expectation-adjusted distinct n-grams, N / (V (1 - ((V - 1) / V)^C)).

    N of the C n-grams are distinct; the denominator is how many would be if each were drawn
    evenly from V. Plain distinct-n, N / C, falls with the length of the texts. None where there
    is no n-gram. Source: Liu et al. 2022 (arXiv 2202.13587), with their V, a size of the
    vocabulary, for every n.
    """
    distinct, count = set(), 0
    for text in texts:
        for start in range(len(text) - n + 1):
            distinct.add(tuple(text[start : start + n]))
            count += 1
    if not count:
        return None
    expected = vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** count)
    return len(distinct) / expected


def subtrees(call: dict[str, Any]) -> Iterator[str]:
    """Yield a call, each argument in it, and each member and item inside, with all below it."""
    yield canonical(["call", call["name"], call["arguments"]])
    yield from _members(call["arguments"])


def _members(value: Any) -> Iterator[str]:
    members = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in members:
        yield canonical([key, item])
        if isinstance(item, dict | list):
            yield from _members(item)


def meaning(completion: JudgedCompletion) -> str:
    """Return the calls in canonical form, the same in any order."""
    calls = [canonical([call["name"], call["arguments"]]) for call in completion.calls]
    return canonical(sorted(calls))


def _lexical(samples: Samples, size: int) -> float | None:
    texts = [tokens(completion.completion) for completion in samples]
    values = []
    for n in range(1, LONGEST + 1):
        value = ead(texts, n)
        if value is not None:
            values.append(value)
    return sum(values) / len(values) if values else None


def _structural(samples: Samples, size: int) -> float | None:
    trees: list[str] = []
    for completion in samples:
        for call in completion.calls:
            trees.extend(subtrees(call))
    return len(set(trees)) / len(trees) if trees else None


def _distinct_calls(samples: Samples, size: int) -> float:
    return len(set(map(meaning, samples))) / size


def _different_pairs(samples: Samples, size: int) -> float:
    """Return the fraction of all pairs of samples that are both here and call something else."""
    same_pairs = 0
    for count in Counter(map(meaning, samples)).values():
        same_pairs += count * (count - 1)
    return (len(samples) * (len(samples) - 1) - same_pairs) / (size * (size - 1))


MEASURES: dict[str, Callable[[Samples, int], float | None]] = {
    "ead": _lexical,
    "subtrees": _structural,
    "calls": _distinct_calls,
    "pairs": _different_pairs,
}
"""Each takes the samples to compare and how many the row has."""


def diversity(completions: Samples, clusters: Numbers, samples: int, seed: int = 0) -> Estimates:
    """Return every measure over all samples, and as `valid_...` over the valid ones.

    `calls` and `pairs` are Shypula's Div_fixed and Div_pair: divided by the number of all
    samples, or of all their pairs, so that what is not valid counts as nothing new. `completions`
    are a row's samples next to each other. {} where rows have one sample each.
    """
    rows, numbers = [], []
    for start in range(0, len(completions), samples):
        if completions[start].due in CALL_DUE:
            rows.append(completions[start : start + samples])
            numbers.append(clusters[start])
    if samples < 2 or not rows:
        return {}
    valid_rows = [[completion for completion in row if completion.is_valid] for row in rows]
    values = {}
    for prefix, compared_rows in (("", rows), ("valid_", valid_rows)):
        for name, measure in MEASURES.items():
            values[prefix + name] = column([measure(row, samples) for row in compared_rows])
    return mean_estimates(values, np.array(numbers, dtype=np.intp), seed)
