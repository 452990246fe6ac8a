"""The request of a row as words, and words as hashes: the one normalisation of requests.

    user_request(row).messages          # [["what", "s", "the", "weather"], ["thanks"]]
    letters_hash(["what", "s", "up"])   # the hash of ["whats", "up"] as well
    grams(words)                        # its 8-grams (runs of eight words), as sorted hashes

A request is what the user says. Case, accents, spaces and punctuation make no difference.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import numpy as np
import regex

from rlcall.check.texts import fold
from rlcall.data.rows import Row

Words = list[str]
Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

GRAM_WORDS = 8
# A word is a run of letters and digits; scripts without spaces are read letter by letter.
_WORD = regex.compile(r"\p{Han}|\p{Hiragana}|\p{Katakana}|\p{Thai}|\p{Lao}|\p{Khmer}|[^\W_]+")
# One odd factor for each position in a gram, so that the order of its words counts.
_FACTORS = np.array(
    [pow(0x9E3779B97F4A7C15, power, 2**64) for power in range(1, GRAM_WORDS + 1)], dtype=np.uint64
)


class UserRequest(NamedTuple):
    """The user's request in a row: the words of each message, and of all of them together."""

    messages: list[Words]
    words: Words


def user_request(row: Row) -> UserRequest:
    """Return a row's request; without words where the user says nothing."""
    messages = [words_in(text) for text in row.requests]
    return UserRequest(messages, list(chain.from_iterable(messages)))


def words_in(text: str) -> Words:
    """Return the words of a text, folded."""
    return _WORD.findall(fold(text))


def hash_of(text: str) -> int:
    """Return 64 bits of a text's hash, the same in every process."""
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "little")


_word_hash = lru_cache(maxsize=65536)(hash_of)


def letters_hash(words: Words) -> int:
    """Return the hash of the words' letters and digits, wherever a word ends."""
    return hash_of("".join(words))


def grams(words: Words) -> Hashes:
    """Return the distinct 8-grams of a text as sorted hashes; none where it has fewer words."""
    if len(words) < GRAM_WORDS:
        return np.empty(0, dtype=np.uint64)
    hashes = np.array([_word_hash(word) for word in words], dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(hashes, GRAM_WORDS)
    # A polynomial of the words' hashes modulo 2**64. Their upper bits are mixed into the lower
    # ones first, since a product modulo 2**64 carries information upwards only.
    mixed = (windows ^ (windows >> np.uint64(31))) * _FACTORS
    return np.unique(mixed.sum(axis=1, dtype=np.uint64))
