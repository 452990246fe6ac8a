"""GRPO's groups: which rows they come from, and which of them teach something."""
