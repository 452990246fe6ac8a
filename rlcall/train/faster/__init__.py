"""Faster training steps: shared prompts, and the head on completions alone."""
