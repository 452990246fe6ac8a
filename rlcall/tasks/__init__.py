"""Seeded generators of rows: right by construction, endless, and the same bytes for the same seed.

    from rlcall.tasks import phone
    rows = list(phone.generate(2000, seed=0, split="train"))

A world (`phone_world`) is data: tools, values and phrasings. A task turns a world into rows.
"""
