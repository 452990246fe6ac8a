"""What readers share: records, what became of each, chats, nulls, types in words, and the checks of an answer."""
