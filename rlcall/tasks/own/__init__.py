"""Worlds of a user's own tools: arguments drawn from their schemas, requests by a general grammar.

worlds_of("my_tools.json", "train")     # own/tools.py
"""
