"""From rows, completions and verdicts to numbers with intervals: one file per family, none of which needs a model.

rows, records = ..., [observe(index, 0, row, text, "smollm2", reward) for index, (row, text) in ...]
measure(rows, records, "smollm2")["all"]["accuracy"]     # Estimate(value=0.91, low=0.87, high=0.94, n=256)

docs/metrics.md has every definition. Whether a metric applies to a completion depends on its row alone, so that two
models are always measured on the same ones.
"""
