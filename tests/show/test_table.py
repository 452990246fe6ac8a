"""Tables, figures and model text in Markdown, on a page and on a terminal; hostile text is text."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from rlcall.metrics.intervals import NOTHING, Estimate
from rlcall.show.figures import change, number, p_value, percent
from rlcall.show.table import Cell, Line, Table, escaped
from rlcall.show.visible import visible

HOSTILE = "a*b*`c`|d[e](f)<script>\u202e\x1b[31m"


def printed(table: Table) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    console.print(table.rich())
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_one_table_in_three_forms() -> None:
    lines = [
        Line("sft", [Cell("57.8", "45.6 to 69.1"), Cell("–")], "reference"),
        Line("grpo", [Cell("61.0"), Cell("+3.2", "+1.0 to +5.4", emphasised=True)]),
        Line("never calls", [Cell("20.0"), Cell("–")], "policy"),
    ]
    table = Table("How right", "In %.", ["", "accuracy", "against sft"], lines)
    assert table.markdown() == (
        "### How right\n\nIn %.\n\n"
        "|  | accuracy | against sft |\n| --- | ---: | ---: |\n"
        "| sft (reference) | 57.8 (45.6 to 69.1) | – |\n"
        "| grpo | 61.0 | **+3.2** (+1.0 to +5.4) |\n"
        "| *never calls* | 20.0 | – |\n"
    )
    html = table.html()
    assert (
        '<tr class="reference"><th scope="row">sft <span class="tag">reference</span></th>' in html
    )
    assert "<td>57.8<small>45.6 to 69.1</small></td><td>–</td></tr>" in html
    assert "<td><strong>+3.2</strong><small>+1.0 to +5.4</small></td>" in html
    screen = printed(table)
    assert "How right\nIn %.\n" in screen
    assert "sft (reference)" in screen and "57.8 (45.6 to 69.1)" in screen


def test_hostile_text_is_text_in_all_three() -> None:
    cell = Cell(HOSTILE)
    table = Table(HOSTILE, HOSTILE, [HOSTILE, HOSTILE], [Line(HOSTILE, [cell])])
    words = table.markdown()
    assert words.count(r"a\*b\*\`c\`\|d\[e\](f)&lt;script&gt;⟨U+202E⟩⟨U+001B⟩\[31m") == 6
    assert len(words.splitlines()) == 7
    assert "<script" not in table.html() and table.html().count("&lt;script&gt;⟨U+202E⟩") == 6
    for form in (words, table.html(), printed(table)):
        assert "\u202e" not in form and "\x1b" not in form and "⟨U+202E⟩" in form
    assert "a*b*`c`|d[e](f)<script>" in printed(table), "no markup of the terminal's either"


def test_a_table_without_a_note_has_none() -> None:
    table = Table("Title", "", ["name", "n"], [Line("a", [Cell("1")])])
    assert table.markdown() == "### Title\n\n| name | n |\n| --- | ---: |\n| a | 1 |\n"
    assert "note" not in table.html()


def test_figures() -> None:
    estimate = Estimate(0.578, 0.456, 0.691, 64)
    assert percent(estimate) == Cell("57.8", "45.6 to 69.1")
    assert percent(estimate).without_interval == Cell("57.8")
    assert number(Estimate(0.911, None, None, 3)) == Cell("0.91")
    assert percent(NOTHING) == number(NOTHING) == change(NOTHING) == p_value(None) == Cell("–")
    drop = Estimate(-0.3, -0.42, -0.18, 64)
    assert change(drop) == Cell("−30.0", "−42.0 to −18.0", emphasised=True)
    assert change(drop, p=0.2) == Cell("−30.0", "−42.0 to −18.0"), "McNemar's test must agree"
    assert change(Estimate(0.0001, -0.1, 0.1, 9)).text == "0.0", "zero has no sign"
    shown = [p_value(p).text for p in (0.00001, 0.0042, 0.31)]
    assert shown == ["< 0.0001", "0.0042", "0.31"]


@given(st.text())
def test_what_is_shown_can_be_seen(text: str) -> None:
    shown = visible(text)
    assert all(character.isprintable() or character in "\n\t" for character in shown)
    assert visible(shown) == shown
    assert "\n" not in escaped(text)
