"""Numbers with intervals, from rows and judged completions: one file per family, and no model.

rows, completions = ..., [judge_completion(index, 0, row, text, "smollm2", reward) for ...]
measure(rows, completions, "smollm2").rates["accuracy"]
# Estimate(value=0.91, low=0.87, high=0.94, n=256)

docs/metrics.md has every definition. Whether a metric applies to a completion depends on its row
alone, so that two models are always measured on the same ones.
"""
