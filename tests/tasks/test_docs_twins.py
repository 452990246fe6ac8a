"""docs/twins.md and negatives.md: their examples are true, and their tables have every kind."""

import doctest
import re

from rlcall.tasks.negatives import REASONS
from rlcall.tasks.twins.twins import KINDS
from tests.support.docs import read_pages

PAGES = ("twins.md", "negatives.md")


def first_cells():
    return re.findall(r"^\| `(\w+)` \|", read_pages(*PAGES), re.MULTILINE)


def test_the_examples_give_what_the_pages_show(tmp_path):
    page = tmp_path / "pages.md"
    page.write_text(read_pages(*PAGES), encoding="utf-8")
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried > 20 and failed == 0


def test_the_tables_have_every_kind():
    assert first_cells() == [*KINDS, *REASONS]


def test_the_table_of_negatives_has_the_reason_codes():
    for kind, codes in REASONS.items():
        line = next(
            line for line in read_pages(*PAGES).splitlines() if line.startswith(f"| `{kind}` |")
        )
        assert re.findall(r"`(\w+)`", line.rsplit(" | ", 1)[1]) == list(codes)
