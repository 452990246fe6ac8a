"""The items of a JSON list in a file, one after the other, so that a long list takes little memory.

    list(items(io.StringIO('[{"a": 1}, {"a": 2}]')))     # ['{"a": 1}', '{"a": 2}']

An item is its text, not yet read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TextIO

BLOCK = 1 << 16  # characters read at a time
LONGEST = 1 << 26
"""Characters of one item. A longer one is taken for a quote or a bracket that never closes."""

_SCANNER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


def items(file: TextIO) -> Iterator[str]:
    """Yield the text of each item.

    Raises ValueError, worded as the end of a sentence, where the list is broken or cut off.
    """
    text = _Text(file)
    if text.next_mark() != "[":
        raise ValueError("is not a list of records")
    if text.peek() == "]":
        text.next_mark()
    else:
        yield text.item()
        while (mark := text.next_mark()) == ",":
            yield text.item()
        if not mark:
            raise ValueError(f"is not JSON: the list is cut off (character {text.position:,})")
        if mark != "]":
            problem = f"{mark!r} is where a comma should be"
            raise ValueError(f"is not JSON: {problem} (character {text.position:,})")
    if text.peek():
        problem = "more follows the end of the list"
        raise ValueError(f"is not JSON: {problem} (character {text.position:,})")


class _Text:
    """A file's text: the part that has been read and not yet been consumed."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._ended = False
        self._dropped = 0

    @property
    def position(self) -> int:
        """The characters consumed so far."""
        return self._dropped + self._at

    def peek(self) -> str:
        """Return the next character that is no space, "" at the end of the file."""
        while True:
            match = _SPACE.match(self._text, self._at)
            assert match is not None  # it matches the empty string
            if match.end() < len(self._text) or self._ended:
                self._at = match.end()
                return self._text[self._at : self._at + 1]
            self._read_more()

    def next_mark(self) -> str:
        """Return the next character that is no space, and go past it."""
        mark = self.peek()
        self._at += len(mark)
        return mark

    def item(self) -> str:
        """Return the text of the value that begins here, and go past it."""
        self.peek()
        while True:
            try:
                end = _SCANNER.raw_decode(self._text, self._at)[1]
                # What follows may belong to a number, as `e+5` does to `1e+5`.
                if end + 3 <= len(self._text) or self._ended:
                    break
            except (ValueError, RecursionError) as error:
                if self._ended or len(self._text) - self._at > LONGEST:
                    problem = f"an item that begins at character {self.position:,} is broken"
                    raise ValueError(f"is not JSON: {problem}") from error
            self._read_more()
        start, self._at = self._at, end
        return self._text[start:end]

    def _read_more(self) -> None:
        """Read as much again as is held, so that a long item is tried few times."""
        rest = self._text[self._at :]
        block = self._file.read(max(BLOCK, len(rest)))
        self._dropped += self._at
        self._text, self._at, self._ended = rest + block, 0, not block
