"""Several methods on the same rows from the same warm start, tuned alike, tested once, compared."""
