"""A language model: loading it, rendering prompts for it, generating with it.

Nothing here knows of training.
"""
