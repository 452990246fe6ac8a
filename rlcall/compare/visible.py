"""Text of a model as it can be shown: what has no shape, or turns the text around it, is named.

visible("a\\u202eb\\x00")     # "a⟨U+202E⟩b⟨U+0000⟩"
"""

from __future__ import annotations

import unicodedata

# Controls, formats such as the bidirectional ones, surrogates, private use, unassigned, line and paragraph separators.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def visible(text: str) -> str:
    """The text with every character that cannot be seen as ⟨U+XXXX⟩; line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join(f"⟨U+{ord(one):04X}⟩" if _is_unseen(one) else one for one in text)


def _is_unseen(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in _UNSEEN
