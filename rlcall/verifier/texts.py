"""Texts compared as BFCL does, save that the marks that carry meaning count.

same_text("Washington, D.C.", "washington dc")      # True: words
same_text("2023-04-25", "2023-0-425")               # False: a date
same_text("https://a.org/b", "https:a.org b")       # False: an address

BFCL strips spaces and `,./-_*^` from both texts, so all texts of the same letters and digits are
the same to it. Here the marks between each two characters that BFCL keeps are compared as well,
where they do more than join words (docs/rows.md has the rule).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# BFCL's standardisation of strings (standardize_string in its ast_checker)
_STANDARD = str.maketrans({**dict.fromkeys(" ,./-_*^"), "'": '"'})
_KEPT = re.compile(r"[^ ,./\-_*^]")

# What makes a run of characters an address, in which every mark counts: a URL, an e-mail address or
# a handle, a path from its root, an option, an IP address or a version of three numbers.
_ADDRESS = re.compile(r"://|@\w|\\|^(?:\w:|~|\.{1,2})?/\w|^--\w|\d\.\d+\.\d")
_JOINED_NAME = re.compile(r"\w[-_]\w")
_SPLIT_WORDS = re.compile(r"[\W_]+")
_BEGINNINGS = "([{<\"'"
_ENDS_OF_SENTENCES = ".,;:!?)]}>\"'"

_BOUNDARY = str.maketrans(dict.fromkeys(" ,_"))  # these keep two numbers apart, and that is all
_FORMULA = re.compile(r"[+=^*]|\d[A-Za-z](?![A-Za-z])")
_OPENING = frozenset(" ,/*^([{=<>+|:;\"'$€£¥")
_CURRENCIES = frozenset("$€£¥")


def same_text(expected: str, emitted: str) -> bool:
    """Return whether two texts have the same words, numbers, addresses and formulas."""
    if _standardise(expected) != _standardise(emitted):
        return False
    if expected.lower() == emitted.lower():
        return True
    return _marks(expected) == _marks(emitted)


def _standardise(text: str) -> str:
    return text.translate(_STANDARD).lower()


def _marks(text: str) -> list[str]:
    """Return the marks that count before, between and after the characters that BFCL keeps."""
    addresses = [0] * len(text)  # for each character the number of its address, 0 outside of them
    for number, (start, end) in enumerate(_find_addresses(text), 1):
        addresses[start:end] = [number] * (end - start)
    is_formula = _FORMULA.search(text) is not None
    marks = []
    places = [-1, *(match.start() for match in _KEPT.finditer(text)), len(text)]
    for left, right in pairwise(places):
        begin, end = left + 1, right
        before = addresses[left] if left >= 0 else 0
        after = addresses[right] if right < len(text) else 0
        if before and before == after:
            marks.append(text[begin:end])
            continue
        while before and begin < end and addresses[begin] == before:
            begin += 1
        while after and begin < end and addresses[end - 1] == after:
            end -= 1
        between = _between_words(text, begin, end, is_formula)
        is_apart = begin < end and left >= 0 and right < len(text)
        if is_apart and (before or after):
            between = between or " "  # an address does not run into a word
        marks.append(text[left + 1 : begin] + between + text[end:right])
    return marks


def _find_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the addresses of a text begin and end, without the marks that end a sentence."""
    for match in re.finditer(r"\S+", text):
        run, start = match.group(), match.start()
        parts = [run] if "://" in run else run.split(",")
        for part in parts:
            name = part.rstrip(_ENDS_OF_SENTENCES).lstrip(_BEGINNINGS)
            if _is_address(name):
                begin = start + part.index(name)
                yield begin, begin + len(name)
            start += len(part) + 1


def _is_address(run: str) -> bool:
    if _ADDRESS.search(run):
        return True
    if "/" in run:
        steps = run.split("/")
        if _JOINED_NAME.search(run) or any(any(map(str.isalpha, step)) for step in steps[1:-1]):
            return True
    return "." in run and any(_is_in_a_name(*pair) for pair in pairwise(run.split(".")))


def _is_in_a_name(before: str, after: str) -> bool:
    """Return whether the dot between two texts is that of a domain or a file, `a.org`, `main.c`.

    It is not where it is the point of a number, or ends an abbreviation: `D.C.`, `St.Ives`.
    """
    if not (before and after and before[-1].isalnum() and after[0].isalnum()):
        return False
    before, after = _SPLIT_WORDS.split(before)[-1], _SPLIT_WORDS.split(after)[0]
    if before[-1].isdigit() and after[0].isdigit():
        return False
    if after[0].isupper() and after[1:2].islower():
        return False  # a sentence or an initial, with the space left out
    if not before.isalpha() or len(before) > 3:
        return True
    if before[0].isupper() and (after[0].isupper() or after[0].isdigit()):
        return False
    return len(before) > 2 or not (after[0].isdigit() or len(after) == 1)


def _between_words(text: str, start: int, end: int, is_formula: bool) -> str:
    """Return what counts of the marks between two words or numbers."""
    gap = text[start:end].replace("**", "^")
    if not gap:
        return ""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isdigit() and after.isdigit():
        return gap.replace(" ", "") if gap.translate(_BOUNDARY) else " "
    signs = "".join(mark for mark in gap if mark in "/*^")
    if signs == "*" and (before.isdigit() or before == ")") and (after.isalpha() or after == "("):
        signs = ""  # 2*x is 2x
    if is_formula and "-" in gap and _is_operand(text, start - 1, -1) and _is_operand(text, end, 1):
        return signs + ("-." if gap.endswith(".") else "-")
    return signs + _sign_or_point(before + gap, after)


def _is_operand(text: str, place: int, outwards: int) -> bool:
    """Return whether a number, a bracket or a variable of one letter is at a place."""
    if not 0 <= place < len(text):
        return False
    if not text[place].isalpha():
        return text[place].isdigit() or text[place] in "()"
    beyond = place + outwards
    return not (0 <= beyond < len(text) and text[beyond].isalpha())


def _sign_or_point(before: str, after: str) -> str:
    """Return the minus or the point that belongs to what comes after it: `-5`, `.5`, `.env`."""
    if not after.isalnum() and after not in _CURRENCIES:
        return ""
    rest = before.removesuffix(".").removesuffix("-")
    if rest and rest[-1] not in _OPENING:
        return ""
    return before[len(rest) :]
