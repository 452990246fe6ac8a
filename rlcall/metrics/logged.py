"""The figures of a validation without intervals, as one flat object for a line of a log.

    figures(records)
    # {"accuracy": 0.53, "correct": 34, "rows": 64, "reward": 0.81, "malformed": 0.02, "irrelevance": 0.9,
    #  "rules/name": 0.95, "format/smollm2": 0.97, "format/text": 0.03}

A figure that applies to none of the rows is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rlcall.metrics.rates import BALANCED, CALL_DUE, rate_values, rule_values
from rlcall.metrics.record import Record

SHOWN = ("accuracy", "reward", "malformed", "hallucinated", "surplus", "relevance", "irrelevance")


def figures(records: Sequence[Record]) -> dict[str, float]:
    """Means of SHOWN and of each rule, `balanced` where rows have both kinds, and the share of each wire format."""
    rates = {name: values for name, values in rate_values(records).items() if name in SHOWN}
    rules = {f"rules/{name}": values for name, values in rule_values(records).items()}
    found = {
        name: float(np.nanmean(values))
        for name, values in {**rates, **rules}.items()
        if _applies(values)
    }
    if "relevance" in found and "irrelevance" in found:
        found[BALANCED] = (found["relevance"] + found["irrelevance"]) / 2
    known = rates["accuracy"][~np.isnan(rates["accuracy"])]
    return {**found, "correct": int(known.sum()), "rows": len(known), **_formats(records)}


def _applies(values: np.ndarray) -> bool:
    return not np.isnan(values).all()


def _formats(records: Sequence[Record]) -> dict[str, float]:
    """Shares over the completions for rows on which a call is due."""
    counts = Counter(record.form for record in records if record.due in CALL_DUE)
    return {f"format/{name}": count / counts.total() for name, count in counts.most_common()}
