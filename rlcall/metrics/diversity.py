"""How different a row's samples are: in words, in the structure of their calls, and in what they call.

diversity(records, clusters, samples=8)["calls"]      # Estimate(value=0.31, ...): distinct calls / samples, per row

Each measure is taken over a row's samples and averaged over the rows on which a call is due, as Shypula et al. 2025
(arXiv 2504.12522) do with programs: over all samples, and over the valid ones, whose calls keep to their schemas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from rlcall.metrics.intervals import Estimate, Numbers, means
from rlcall.metrics.rates import CALL_DUE, column
from rlcall.metrics.record import Completion, Record
from rlcall.verifier.values import canonical

VOCABULARY = (
    49152  # of SmolLM2, the default model. One number for all models, so that they can be compared
)
LONGEST = 4
_TOKEN = re.compile(r"\w+|[^\w\s]")


def tokens(completion: Completion) -> list[str]:
    """Words and single signs."""
    return _TOKEN.findall(
        completion if isinstance(completion, str) else json.dumps(completion, ensure_ascii=False)
    )


def ead(texts: Sequence[Sequence[str]], n: int, vocabulary: int = VOCABULARY) -> float | None:
    """Expectation-adjusted distinct n-grams, N / (V (1 - ((V - 1) / V)^C)); None where there is no n-gram.

    N of the C n-grams are distinct; the denominator is how many would be if each were drawn evenly from V. Plain
    distinct-n, N / C, falls with the length of the texts. Source: Liu et al. 2022 (arXiv 2202.13587), with their V, a
    size of the vocabulary, for every n.
    """
    grams = [tuple(text[start : start + n]) for text in texts for start in range(len(text) - n + 1)]
    if not grams:
        return None
    return len(set(grams)) / (vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** len(grams)))


def subtrees(call: dict[str, Any]) -> Iterator[str]:
    """A call, each argument in it, and each member and item inside those: every one with all that is below it."""
    yield canonical(["call", call["name"], call["arguments"]])
    yield from _members(call["arguments"])


def _members(value: Any) -> Iterator[str]:
    members = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in members:
        yield canonical([key, item])
        if isinstance(item, dict | list):
            yield from _members(item)


def meaning(record: Record) -> str:
    """The calls of a completion in canonical form; the same in any order, and for all completions without one."""
    return canonical(sorted(canonical([call["name"], call["arguments"]]) for call in record.calls))


def _lexical(samples: Sequence[Record], size: int) -> float | None:
    texts = [tokens(record.completion) for record in samples]
    found = [value for n in range(1, LONGEST + 1) if (value := ead(texts, n)) is not None]
    return sum(found) / len(found) if found else None


def _structural(samples: Sequence[Record], size: int) -> float | None:
    found = [tree for record in samples for call in record.calls for tree in subtrees(call)]
    return len(set(found)) / len(found) if found else None


def _distinct_calls(samples: Sequence[Record], size: int) -> float:
    return len(set(map(meaning, samples))) / size


def _different_pairs(samples: Sequence[Record], size: int) -> float:
    """The share of all pairs of a row's samples of which both are here and call something else."""
    made = list(map(meaning, samples))
    same = sum(count * (count - 1) for count in map(made.count, set(made)))
    return (len(made) * (len(made) - 1) - same) / (size * (size - 1))


MEASURES: dict[str, Callable[[Sequence[Record], int], float | None]] = {
    "ead": _lexical,
    "subtrees": _structural,
    "calls": _distinct_calls,
    "pairs": _different_pairs,
}


def diversity(
    records: Sequence[Record], clusters: Numbers, samples: int, seed: int = 0
) -> dict[str, Estimate]:
    """Every measure over all samples, and as `valid_...` over the valid ones; {} where rows have one sample each.

    `calls` and `pairs` are Shypula's Div_fixed and Div_pair: divided by the number of all samples, or of all their
    pairs, so that what is not valid counts as nothing new. `records` are a row's samples side by side.
    """
    groups = [records[start : start + samples] for start in range(0, len(records), samples)]
    due = [place for place, group in enumerate(groups) if group[0].due in CALL_DUE]
    if samples < 2 or not due:
        return {}
    whole = [groups[place] for place in due]
    valid = [[record for record in group if record.is_valid] for group in whole]
    values = {
        prefix + name: column([measure(group, samples) for group in chosen])
        for prefix, chosen in (("", whole), ("valid_", valid))
        for name, measure in MEASURES.items()
    }
    estimates = means(
        np.stack(list(values.values()), axis=1), clusters[[place * samples for place in due]], seed
    )
    return dict(zip(values, estimates, strict=True))
