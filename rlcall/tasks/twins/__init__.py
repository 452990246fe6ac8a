"""Twins of rows: one thing removed or renamed, so that another answer is right."""
