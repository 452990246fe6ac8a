"""Texts of answers changed by kind: what no reader takes for the same, and what every reader does.

list(mutate("2023-04-25"))     # [("date, boundary moved", "2023-0-425"), ("date, marks dropped", ...
list(respell("New York, NY"))  # [("case", "new york, ny"), ("spaces dropped", "NewYork,NY"), ...

A mutation keeps every character but `,./-_*^` and spaces, so BFCL takes all of them for the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

DATE = re.compile(r"\b(\d{2,4})([-/.])(\d{1,2})\2(\d{2,4})\b")
ADDRESS = re.compile(
    r"\bhttps?://\S+|\bwww\.\S+|\b[\w.-]+@[\w-]+\.\w+|(?:^|\s)~?/[\w.-]+(?:/[\w.-]+)+"
)
FILE = re.compile(
    r"\b[\w-]{2,}\.(?:csv|txt|json|pdf|png|jpe?g|py|xlsx?|docx?|mp[34]|html|com|org)\b"
)
NUMBERS = re.compile(r"\d(?:\.\d+){2,}")
DECIMAL = re.compile(r"(\d)\.(\d)")
MINUS = re.compile(r"(?:^|(?<=[\s,(=]))-(?=\d)")
OPERATORS = re.compile(r"(?<=[\dA-Za-z)])\s*(?:\*\*|\^)\s*(?=[\dA-Za-z(])")
MARKS = re.compile(r"[,./\-_*^]")


def mutate(text: str) -> Iterator[tuple[str, str]]:
    """Yield texts of another meaning, each with its kind."""
    for match in DATE.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        year, mark, month, day = match.groups()
        yield (
            "date, boundary moved",
            f"{before}{year}{mark}{month[:-1]}{mark}{month[-1]}{day}{after}",
        )
        yield (
            "date, boundary moved",
            f"{before}{year[:-1]}{mark}{year[-1]}{month}{mark}{day}{after}",
        )
        yield "date, marks dropped", f"{before}{year}{month}{day}{after}"
    for match in ADDRESS.finditer(text):
        yield "address, marks dropped", _without_marks(text, match.span())
        dot = match.group().rfind(".")
        if 0 < dot < len(match.group()) - 1:
            place = match.start() + dot
            yield "address, last dot dropped", text[:place] + text[place + 1 :]
    for match in FILE.finditer(text):
        yield "file or domain, marks dropped", _without_marks(text, match.span())
    for match in NUMBERS.finditer(text):
        yield "IP or version, dots dropped", _without_marks(text, match.span())
        yield "IP or version, dot moved", re.sub(r"(\d)\.(\d)(?=[\d.])", r"\1\2.", text, count=1)
    if DECIMAL.search(text):
        yield "decimal, point dropped", DECIMAL.sub(r"\1\2", text, count=1)
        moved = re.sub(r"(\d)\.(\d)(?=\d)", r"\1\2.", text, count=1)
        if moved != text:
            yield "decimal, point moved", moved
    if MINUS.search(text):
        yield "minus dropped", MINUS.sub("", text, count=1)
    if OPERATORS.search(text):
        yield "operator dropped", OPERATORS.sub("", text, count=1)


def respell(text: str) -> Iterator[tuple[str, str]]:
    """Yield other spellings of the words of a text, each with its kind."""
    if re.search(r"[\d/@\\+=*^-]|\w\.\w", text) or not re.search(r"[^\W\d_]", text):
        return
    yield "case", text.upper()
    if " " in text:
        yield "spaces dropped", text.replace(" ", "")
        yield "hyphens for spaces", re.sub(r"(?<=\w) (?=\w)", "-", text)
        yield "underscores for spaces", re.sub(r"(?<=\w) (?=\w)", "_", text)
    if "," in text:
        yield "commas dropped", text.replace(",", "")
    yield "a full stop added", f"{text}."


def _without_marks(text: str, span: tuple[int, int]) -> str:
    start, end = span
    return text[:start] + MARKS.sub("", text[start:end]) + text[end:]
