"""Text of a model as it can be shown: what has no shape, or turns the text around it, is named.

visible("a\\u202eb\\x00")     # "a⟨U+202E⟩b⟨U+0000⟩"
"""

from __future__ import annotations


def visible(text: str) -> str:
    """The text with every character that cannot be seen as ⟨U+XXXX⟩; spaces, line ends and tabs stay."""
    return "".join(
        one if one.isprintable() or one in "\n\t" else f"⟨U+{ord(one):04X}⟩" for one in text
    )
