"""Rules: found by name, checked, and run under a guard where they are not ours."""
