"""Evaluations: completions of a model for rows, their verdicts, and the tables of them.

`rlcall eval` goes through `run`, from a `source` into a `folder`; training evaluates in memory
(`evaluate`). Both write what `rlcall.metrics` reads.
"""
