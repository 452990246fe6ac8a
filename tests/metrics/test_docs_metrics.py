"""The pages on metrics have what the tables have."""

from __future__ import annotations

import pytest

from rlcall.evaluation.tables import LABELS
from rlcall.metrics.baselines import POLICIES, TRIES
from rlcall.metrics.clusters import FEWEST
from rlcall.metrics.diversity import LONGEST, MEASURES, VOCABULARY
from rlcall.metrics.intervals import RESAMPLES
from tests.support.docs import read_pages

PAGE = read_pages("metrics.md", "metrics-samples.md", "intervals.md")
WORDS = {8: "eight", 10: "ten"}


@pytest.mark.parametrize("name", LABELS)
def test_every_rate_is_defined(name: str) -> None:
    assert f"| `{name}` | {LABELS[name]} | " in PAGE


def test_every_policy_and_measure_is_defined() -> None:
    assert all(f"- **{name}**: " in PAGE for name in POLICIES)
    assert all(f"| `{name}` | " in PAGE for name in MEASURES)


def test_the_constants_are_those_of_the_code() -> None:
    text = " ".join(PAGE.split())
    for said in (
        f"{RESAMPLES:,} times",
        f"V is {VOCABULARY:,}",
        f"n from 1 to {LONGEST}",
        f"{WORDS[TRIES]} tries",
    ):
        assert said in text, said
    assert f"Fewer than {WORDS[FEWEST]} clusters" in text
