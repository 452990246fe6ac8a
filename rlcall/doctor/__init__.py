"""What is looked at before hours are spent: `rlcall doctor`, from the versions to two real steps.

examine(config, None, steps=True)      # findings, one per line of the table; docs/doctor.md has
each
"""
