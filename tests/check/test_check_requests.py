"""Requests that come again: what the hashes say, held against sets of words; and against the
phone's rows."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.check.finding import Location
from rlcall.check.request_index import RequestIndex
from rlcall.check.requests import GRAM_WORDS, grams, hash_of, user_request
from rlcall.data.rows import Row

WORDS = st.lists(st.sampled_from("abc"), max_size=14)
TEXTS = st.lists(WORDS, min_size=1, max_size=8)


def sets_of(words: list[str]) -> set[tuple[str, ...]]:
    return {
        tuple(words[start : start + GRAM_WORDS]) for start in range(len(words) - GRAM_WORDS + 1)
    }


def filled(requests: RequestIndex, texts: list[list[str]]) -> list[int | None]:
    return [requests.add(words, Location("f", line, None)) for line, words in enumerate(texts, 1)]


@given(WORDS)
def test_grams_are_the_runs_of_eight_words(words: list[str]) -> None:
    assert len(grams(words)) == len(sets_of(words))


@given(WORDS, WORDS)
def test_the_order_of_words_counts(one: list[str], other: list[str]) -> None:
    assert len(set(grams(one)) & set(grams(other))) == len(sets_of(one) & sets_of(other))


@given(TEXTS)
def test_equal_requests_are_found(texts: list[list[str]]) -> None:
    firsts = [texts.index(words) for words in texts]
    expected = [None if first == number else first for number, first in enumerate(firsts)]
    assert filled(RequestIndex(), texts) == expected


@settings(max_examples=200)
@given(TEXTS)
def test_overlaps_are_what_they_say(texts: list[list[str]]) -> None:
    requests = RequestIndex()
    again = filled(requests, texts)
    found = dict(requests.near_repeats())
    own = list(map(sets_of, texts))
    sharing = {
        n
        for n, _ in enumerate(texts)
        if again[n] is None and any(own[n] & own[other] for other in range(n))
    }
    assert found.keys() == sharing
    for number, (other, share, jaccard) in found.items():
        shared = own[number] & own[other]
        assert other < number and share == len(shared) / min(len(own[number]), len(own[other]))
        assert jaccard == len(shared) / len(own[number] | own[other])


@given(TEXTS, WORDS)
def test_evaluation_rows_are_found(texts: list[list[str]], words: list[str]) -> None:
    evaluation = RequestIndex()
    filled(evaluation, texts)
    assert evaluation.find_equal(words) == (texts.index(words) if words in texts else None)
    own = sets_of(words)
    likeness = evaluation.find_likest(words)
    assert (likeness is not None) == any(own & sets_of(text) for text in texts)
    if likeness:
        assert likeness.containment == len(own & sets_of(texts[likeness.other])) / min(
            len(own), len(sets_of(texts[likeness.other]))
        )


def test_the_words_are_the_users_whatever_their_spelling() -> None:
    def asked(*messages: tuple[str, str]) -> list[str]:
        row = Row([{"role": role, "content": text} for role, text in messages], [], None)
        return user_request(row).words

    assert asked(("user", "Café, s'il-vous-plaît!")) == asked(
        ("system", "Be kind."), ("user", "CAFE s il vous plait")
    )
    assert asked(("user", "天气怎么样 today")) == [*"天气怎么样", "today"]
    assert asked(("assistant", "Hello")) == []


def test_hashes_are_the_same_in_every_process() -> None:
    code = "from rlcall.check.requests import grams, hash_of; print(hash_of('a b'), grams(list('abcdefgh'))[0])"
    said = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert said == [str(hash_of("a b")), str(grams(list("abcdefgh"))[0])]
