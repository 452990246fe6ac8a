"""The folder of a run: the one place that knows what lies in it."""
