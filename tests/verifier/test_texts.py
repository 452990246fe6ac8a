"""`compare: text`: other spellings of words are the same, other numbers and addresses are not."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcall.verifier.texts import same_text
from rlcall.verify import verify
from tests.bench.bench_text import count
from tests.support.bfcl_completions import needs_completions
from tests.support.text_mutations import mutate, respell

SAME = [
    ("New York", "new-york"), ("New York", "NewYork"), ("Lyon, France", "lyon france"), ("Lyon,France", "Lyon, France"),
    ("Washington, D.C.", "washington dc"), ("L.A Lakers", "L.A. Lakers"), ("U.S.A.", "USA"), ("Ph.D.", "phd"),
    ("St. Ives", "St.Ives"), ("J.K. Rowling", "JK Rowling"), ("J.K.Rowling", "J. K. Rowling"), ("Mr. Smith", "Mr Smith"),
    ("Acme Inc.", "acme inc"), ("wait...", "wait"), ("Roe v. Wade", "Roev.Wade"), ("No. 5", "no 5"), ("No.5", "No 5"),
    ("total_points", "total points"), ("five-star hotel", "five star hotel"), ("5-star hotel", "5 star hotel"),
    ("COVID-19", "covid 19"), ("state-of-the-art", "state of the art"), ("T-shirt", "t shirt"), ("C++ full-stack", "C++ full stack"),
    ("June 18, 2022", "June 18 2022"), ("June 3rd, 2022", "june 3rd 2022"), ("1, 2, 3", "1,2,3"), ("3, 4", "3 4"),
    ("5 km", "5km"), ("120 km/h", "120km/h"), ("10:00 - 12:00", "10:00-12:00"), ("47.3, -8.5", "47.3,-8.5"),
    ("Visit example.com.", "visit example.com"), ("see a.org, b.org", "see a.org b.org"), ("it's", 'it"s'),
    ("2x**2 + 3x - 1", "2*x^2+3*x-1"), ("x**3", "x^3"), ("exp(-x**2)", "exp(-x^2)"), ("2(x + 1)", "2*(x+1)"),
    ("Paris - London", "Paris, London"), ("3.5-inch disk", "3.5 inch disk"), ("", "."),
]  # fmt: skip
OTHER = [
    # dates and times
    ("2023-04-25", "2023-0-425"), ("2023-04-25", "20230425"), ("2023-04-25", "2023/04/25"), ("25.04.2023", "2.504.2023"),
    ("2023-04-25T10:00", "2023-04-2T510:00"), ("10.30", "1030"), ("04/25/2023", "042/5/2023"), ("2001-01", "200-101"),
    # numbers
    ("47.3769", "473769"), ("47.3769", "4.73769"), ("47.3, -8.5", "47.3, 8.5"), ("-5", "5"), (".5", "5"), ("-.5", "5"),
    ("minus -5 degrees", "minus 5 degrees"), ("$-5", "$5"), ("-$5", "$5"), ("1,5", "15"), ("1.5", "1,5"), ("1/2", "12"),
    ("10 20", "1020"), ("1-2", "12"), ("555-0123", "5550123"), ("555-0123", "555-012-3"),
    # IP addresses and versions
    ("192.0.2.10", "19.202.10"), ("192.0.2.10", "192.0.21.0"), ("10.0.0.1/24", "10.0.0.124"), ("1.2.3", "12.3"),
    ("v1.2.3", "v123"), ("1.0.0-beta", "1.0.0beta"),
    # URLs, e-mail, domains
    ("https://a.org/b", "https:aorgb"), ("https://a.org/b", "https://a.orgb"), ("https://a.org/b/", "https://a.org/b"),
    ("https://a.org/b_c", "https://a.org/bc"), ("http://a/x", "http://a /x"), ("example.com", "examplecom"), ("x.com", "xcom"),
    ("my-site.org", "mysite.org"), ("ann.lee@x.org", "annlee@x.org"), ("ann_lee@x.org", "annlee@x.org"), ("ann@x.org", "ann@xorg"),
    ("@ann_lee", "@annlee"), ("mailto:a.b@c.org", "mailto:ab@c.org"),
    # paths and files
    ("/etc/hosts", "etc/hosts"), ("/etc/hosts", "/etchosts"), ("src/main", "srcmain"), ("data/my_file.csv", "data/myfile.csv"),
    ("main.py", "mainpy"), ("a.py", "apy"), (".env", "env"), ("~/.bashrc", "~/bashrc"), ("C:\\a_b", "C:\\ab"), ("log.1", "log1"),
    ("my file.txt", "myfile.txt"), ("file-1.txt", "file1.txt"), ("*.txt", ".txt"), ("--dry-run", "dry run"), ("ls -l", "ls l"),
    # formulas
    ("3x**2", "3x2"), ("exp(-x**2)", "exp(x2)"), ("exp(-x)", "exp(x)"), ("4x - 5", "4x 5"), ("x*y", "xy"), ("x/y", "xy"),
    ("2^3", "23"), ("5*3", "53"), ("y = x - z", "y = x z"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "other"), SAME)
def test_words_may_be_spelt_in_other_ways(text: str, other: str) -> None:
    assert same_text(text, other) and same_text(other, text)


@pytest.mark.parametrize(("text", "other"), OTHER)
def test_numbers_addresses_and_formulas_keep_their_marks(text: str, other: str) -> None:
    assert not same_text(text, other) and not same_text(other, text)
    assert same_text(text, text.upper())


@pytest.mark.parametrize(("text", "other"), OTHER)
def test_so_they_do_inside_a_sentence(text: str, other: str) -> None:
    assert not same_text(f"Take ({text}), please.", f"take ({other}) please")


@pytest.mark.parametrize(
    ("compare", "day", "is_right"),
    [
        ("text", "2023-04-25", True),
        ("text", "2023-0-425", False),
        ("exact", "2023-0-425", False),
    ],
)
def test_a_verdict_says_so(compare: str, day: str, is_right: bool) -> None:
    properties = {"day": {"type": "string"}, "city": {"type": "string"}}
    tools = [{"function": {"name": "book", "parameters": {"properties": properties}}}]
    due = {"name": "book", "arguments": {"day": "2023-04-25", "city": "Lyon"}}
    call = {"name": "book", "arguments": {"day": day, "city": "lyon" if is_right else "Lyon"}}
    answer = {"calls": [due], "compare": compare}
    verdict = verify(f"<tool_call>{json.dumps(call)}</tool_call>", json.dumps(tools), answer)
    assert verdict.correct is is_right
    assert [error.code for error in verdict.errors] == [] if is_right else ["wrong_value"]


marked = st.lists(st.sampled_from([*" ,./-_*^:@()=+", "a", "B", "7", "12", "org", "é", "İ"]), max_size=12).map("".join)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(marked, marked)
def test_the_comparison_is_symmetric_and_never_laxer_than_bfcls(text: str, other: str) -> None:
    assert same_text(text, text)
    assert same_text(text, other) is same_text(other, text)
    if same_text(text, other):
        assert _letters(text) == _letters(other)


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter not in " ,./-_*^").lower()


@pytest.mark.parametrize(
    "unit", ["a/", "/a", "a-", "a_b/", "1.", "a.", "a,", " a", "-", "@a", "a*"]
)
def test_long_texts_take_time_in_proportion(unit: str) -> None:
    text = unit * 20_000
    start = time.process_time()
    same_text(text, f" {text}")
    assert time.process_time() - start < 2


@needs_completions
def test_no_text_of_another_meaning_is_right() -> None:
    counts = count(mutate)
    assert sum(tried for _, tried in counts.values()) > 500
    assert {kind: accepted for kind, (accepted, _) in counts.items() if accepted} == {}


@needs_completions
def test_words_in_another_spelling_are_right_where_no_enum_forbids_it() -> None:
    for kind, (accepted, tried) in count(respell).items():
        assert accepted / tried > 0.85, kind
