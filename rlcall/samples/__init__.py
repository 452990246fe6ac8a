"""The uses of sampled completions: pairs for DPO, pass rates, and the cost of sampling."""
