"""docs/twins.md: its examples give what it shows, and its tables have every kind and its reason codes."""

import doctest
import re
from pathlib import Path

from rlcall.tasks.negatives import REASONS
from rlcall.tasks.twins.twins import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "twins.md"


def first_cells():
    return re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_examples_give_what_the_page_shows():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 20 and failed == 0


def test_the_tables_have_every_kind():
    assert first_cells() == [*KINDS, *REASONS]


def test_the_table_of_negatives_has_the_reason_codes():
    for kind, codes in REASONS.items():
        line = next(
            line
            for line in PAGE.read_text(encoding="utf-8").splitlines()
            if line.startswith(f"| `{kind}` |")
        )
        assert re.findall(r"`(\w+)`", line.rsplit(" | ", 1)[1]) == list(codes)
