"""The examination of a run before hours are spent on it: `rlcall doctor`, from the versions to two
real steps.

examine(config, None, steps=True)      # findings, one per line of the table; docs/doctor.md has
each
"""
