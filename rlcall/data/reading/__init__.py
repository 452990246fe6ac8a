"""Pieces that readers share: records, counts, chats, nulls, types in words, checks of an answer."""
