"""Benchmarks of others, scored as they score them beside our own verdicts. One file each; none is trained on."""
