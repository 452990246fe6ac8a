"""`rlcall eval`: completions of a model for rows, kept with their verdicts, and the tables of what they are worth.

The evaluation that training does by itself is `rlcall.evaluation.evaluate`; both write what `rlcall.metrics` reads.
"""
