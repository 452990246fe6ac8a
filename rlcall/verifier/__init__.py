"""The verifier, from a completion to a verdict. `rlcall.verify` is its door."""
