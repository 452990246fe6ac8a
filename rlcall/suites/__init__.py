"""Benchmarks of others, scored as they score them, next to our own verdicts. None is trained on."""
