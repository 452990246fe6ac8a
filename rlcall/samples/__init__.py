"""What is made from sampled completions: pairs for DPO, pass rates, and what sampling cost."""
