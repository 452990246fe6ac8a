"""Text that a model or a file wrote, safe to print: control characters are named, not obeyed.

visible("a\\u202eb\\x00")     # "a⟨U+202E⟩b⟨U+0000⟩"
"""

from __future__ import annotations


def visible(text: str) -> str:
    """Return the text with each character that cannot be seen as ⟨U+XXXX⟩.

    Spaces, line ends and tabs stay, so that applying it twice changes nothing more.
    """
    if text.isprintable():
        return text
    shown = []
    for character in text:
        if character.isprintable() or character in "\n\t":
            shown.append(character)
        else:
            shown.append(f"⟨U+{ord(character):04X}⟩")
    return "".join(shown)
