"""The items of a JSON list in a file, one after the other, so that a list of any length takes little memory.

list(items(io.StringIO('[{"a": 1}, {"a": 2}]')))   # ['{"a": 1}', '{"a": 2}']: the text of each, not yet read
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TextIO

BLOCK = 1 << 16  # characters read at a time
LONGEST = (
    1 << 26
)  # characters of one item; what is longer is taken for a quote or a bracket that never closes

_SCANNER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


def items(file: TextIO) -> Iterator[str]:
    """The text of each item. ValueError, worded as the end of a sentence, where the list is broken or cut off."""
    text = _Text(file)
    if text.mark() != "[":
        raise ValueError("is not a list of records")
    if text.peek() == "]":
        text.mark()
    else:
        yield text.item()
        while (mark := text.mark()) == ",":
            yield text.item()
        if mark != "]":
            found = f"{mark!r} stands where a comma should" if mark else "the list is cut off"
            raise ValueError(f"is not JSON: {found} (character {text.read:,})")
    if text.peek():
        raise ValueError(f"is not JSON: more follows the end of the list (character {text.read:,})")


class _Text:
    """A file's text: what has been read of it and not yet been given."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.text, self.at, self.ended, self.dropped = file, "", 0, False, 0

    @property
    def read(self) -> int:
        """How many characters have been given."""
        return self.dropped + self.at

    def peek(self) -> str:
        """The next character that is no space, '' at the end of the file."""
        while (at := _SPACE.match(self.text, self.at).end()) == len(self.text) and not self.ended:  # type: ignore[union-attr]
            self.more()
        self.at = at
        return self.text[at : at + 1]

    def mark(self) -> str:
        """The next character that is no space, and go past it."""
        mark = self.peek()
        self.at += len(mark)
        return mark

    def item(self) -> str:
        """The text of the value that begins here. What follows may belong to a number, as `e+5` does to `1e+5`."""
        self.peek()
        while True:
            try:
                end = _SCANNER.raw_decode(self.text, self.at)[1]
                if end + 3 <= len(self.text) or self.ended:
                    break
            except (ValueError, RecursionError) as error:
                if self.ended or len(self.text) - self.at > LONGEST:
                    raise ValueError(
                        f"is not JSON: an item that begins at character {self.read:,} is broken"
                    ) from error
            self.more()
        start, self.at = self.at, end
        return self.text[start:end]

    def more(self) -> None:
        """Read as much again as is held, so that a long item is tried few times; what was given is let go."""
        rest = self.text[self.at :]
        block = self.file.read(max(BLOCK, len(rest)))
        self.dropped += self.at
        self.text, self.at, self.ended = rest + block, 0, not block
