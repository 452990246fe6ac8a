"""The figures of a validation without intervals, as one flat object for a line of a log.

    figures(completions)
    # {"accuracy": 0.53, "correct": 34, "rows": 64, "reward": 0.81, "malformed": 0.02,
    #  "irrelevance": 0.9, "rules/name": 0.95, "format/smollm2": 0.97, "format/text": 0.03}

A figure that applies to none of the rows is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.rates import BALANCED, CALL_DUE, rate_values, rule_values

RATES_LOGGED = (
    "accuracy",
    "reward",
    "malformed",
    "hallucinated",
    "surplus",
    "relevance",
    "irrelevance",
)


def figures(completions: Sequence[JudgedCompletion]) -> dict[str, float]:
    """Return means of RATES_LOGGED and rules, `balanced`, and each wire format's fraction."""
    rates = rate_values(completions)
    columns = {name: values for name, values in rates.items() if name in RATES_LOGGED}
    for name, values in rule_values(completions).items():
        columns[f"rules/{name}"] = values
    means: dict[str, float] = {}
    for name, values in columns.items():
        if not np.isnan(values).all():
            means[name] = float(np.nanmean(values))
    if "relevance" in means and "irrelevance" in means:
        means[BALANCED] = (means["relevance"] + means["irrelevance"]) / 2
    answered = rates["accuracy"][~np.isnan(rates["accuracy"])]
    counts = {"correct": int(answered.sum()), "rows": len(answered)}
    return {**means, **counts, **_format_fractions(completions)}


def _format_fractions(completions: Sequence[JudgedCompletion]) -> dict[str, float]:
    """Return them over the completions for rows on which a call is due."""
    forms = [completion.form for completion in completions if completion.due in CALL_DUE]
    fractions = {}
    for name, count in Counter(forms).most_common():
        fractions[f"format/{name}"] = count / len(forms)
    return fractions
