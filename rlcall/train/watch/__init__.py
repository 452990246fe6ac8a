"""Watching a run while it trains: progress, validation, warnings."""
