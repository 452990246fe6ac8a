"""The linter of rows: what is wrong with data before it trains a model.

    from rlcall.check.grounding import ungrounded
    ungrounded(row)     # [(("calls", 0, "arguments", "city"), "Paris")]: no message says Paris

One module per family of findings; docs/check.md has them all with an example each.
"""
