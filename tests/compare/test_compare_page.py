"""The page as a reader opens it: nothing leaves it, it fits a phone, and hostile text is text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rlcall.cli.compare import main
from rlcall.compare.markdown import fenced
from rlcall.compare.word_diff import word_diff
from rlcall.data.rows import Row
from tests.compare.test_compare import FORM, ROWS, gold, right_on
from tests.support import headless
from tests.support.compare_runs import grpo_log, planted, sft_log
from tests.support.judged import due, tool

HOSTILE = "</style></pre><script>document.title='owned'</script><img src=x onerror=alert(1)>\u202egpj.exe```\n# a | b"
needs_chromium = pytest.mark.skipif(
    headless.CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    asked = Row(
        [{"role": "user", "content": HOSTILE}],
        [tool("call", who="string")],
        due("call", who=HOSTILE),
        id=HOSTILE,
    )
    rows = [asked, *ROWS]
    sft = planted(
        folder / "sft",
        {"test": (rows, [HOSTILE, *right_on(range(6))])},
        "sft",
        log=sft_log(20, 0.2, 0.6),
    )
    texts = [gold(asked), *right_on(range(4, 9))]
    grpo = planted(folder / "<b>grpo", {"test": (rows, texts)}, "grpo", log=grpo_log(20, 0.6, 0.8))
    assert main([str(sft), str(grpo), "--out", str(folder / "page")]) == 0
    return folder / "page" / "compare.html"


def test_every_plot_is_there(page: Path) -> None:
    curves = {f"{what}-{over}" for what in ("reward", "accuracy") for over in ("steps", "seconds")}
    plots = {file.stem: file.read_bytes() for file in page.parent.glob("*.png")}
    assert set(plots) == curves | {"rules", "formats", "accuracy-test", "errors-test"}
    assert all(content.startswith(b"\x89PNG") and len(content) > 5000 for content in plots.values())
    words = page.with_name("compare.md").read_text(encoding="utf-8")
    assert all(f"]({name}.png)" in words for name in plots)
    assert {file.name for file in page.parent.iterdir()} == {
        "compare.md",
        "compare.html",
        *(f"{one}.png" for one in plots),
    }


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_holds_everything_and_nothing_foreign(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    tags = Tags(text).found
    names = [name for name, _ in tags]
    assert not {"script", "iframe", "object", "embed", "form", "b"} & set(names)
    places = [
        given.get(key) for _, given in tags for key in ("src", "srcset", "href") if key in given
    ]
    assert all(place.startswith(("data:", "#")) for place in places) and not any(
        key.startswith("on") for _, given in tags for key in given
    )
    assert all(
        given["alt"].endswith(".") and len(given["alt"]) > 40
        for name, given in tags
        if name == "img"
    )
    assert (
        names.count("img") == 10 - 2 and names.count("h1") == 1 and ("html", {"lang": "en"}) in tags
    )
    scopes = [given.get("scope") for name, given in tags if name == "th"]
    assert set(scopes) == {"col", "row"}
    assert "default-src 'none'" in text and "url(" not in text and "@import" not in text


def test_hostile_text_is_text(page: Path) -> None:
    text, words = (
        page.read_text(encoding="utf-8"),
        page.with_name("compare.md").read_text(encoding="utf-8"),
    )
    assert "\u202e" not in text + words and "⟨U+202E⟩" in text and "⟨U+202E⟩" in words
    assert text.count("</style>") == 1 and "<script" not in text and "&lt;script&gt;" in text
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", words)
    assert "<script" not in outside and "<img" not in outside and "<b>" not in outside


@needs_chromium
def test_in_a_browser_on_a_phone(page: Path, tmp_path: Path) -> None:
    """With a foreign image put in: its policy keeps that inside, without it the request is
    heard."""
    text = page.read_text(encoding="utf-8").replace("</footer>", headless.FOREIGN + "</footer>")
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    seen, dom = headless.browse(tmp_path / "page.html")
    assert "<h1>" in dom and "foreign.invalid" in dom and seen == []
    (tmp_path / "page.html").write_text(headless.framed(text, 390), encoding="utf-8")
    seen, dom = headless.browse(tmp_path / "page.html")
    assert [line for line in seen if "foreign.invalid" in line], (
        "the listener hears what leaves a page"
    )
    found = headless.measured(dom)
    assert (found["width"], found["page"]) == (390, 390), "nothing is wider than the phone"
    assert len(found["images"]) == 8 and all(
        width > 250 and height > 60 for width, height in found["images"]
    )
    assert all(width > 0 for width in found["loaded"])
    assert len(found["tables"]) >= 6 and all(
        width > 200 and height > 60 for width, height in found["tables"]
    )
    assert (
        all(width <= 390 for width, _ in found["boxes"])
        and max(width for width, _ in found["tables"]) > 390
    )
    assert all(
        words in found["text"] for words in ("How right", "McNemar's p", "⟨U+202E⟩", "<script>")
    )


@needs_chromium
@pytest.mark.slow
def test_in_the_dark(page: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        headless.framed(page.read_text(encoding="utf-8"), 1200), encoding="utf-8"
    )
    found = headless.measured(headless.browse(tmp_path / "page.html", dark=True)[1])
    assert found["dark"] and (found["paper"], found["ink"]) == (
        "rgb(26, 31, 38)",
        "rgb(223, 228, 234)",
    )
    assert found["page"] == found["width"] == 1200


@given(st.text(), st.text())
@example("", "\x85")
@example("a", " " * 9 + "a")
def test_marks_leave_the_text_as_it_is(text: str, other: str) -> None:
    pieces = word_diff(text, other)
    assert "".join(piece.text for piece in pieces if piece.kind != "missing") == text
    assert text.split() != other.split() or {piece.kind for piece in pieces} <= {"same"}


def test_marks_are_where_the_difference_is() -> None:
    pieces = [
        (piece.text, piece.kind)
        for piece in word_diff('f(city="Rome", days=2)', 'f(city="Paris", days=2)')
    ]
    assert pieces == [
        ('f(city="', "same"),
        ("Rome", "surplus"),
        ("Paris", "missing"),
        ('", days=2)', "same"),
    ]
    assert [one.kind for one in word_diff("I am sorry.", FORM.render([]) or "f(a=1)")] == [
        "surplus",
        "missing",
    ]


@given(st.text(alphabet="`a \n~"))
def test_a_code_block_ends_where_it_should(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")
    assert first == last + "text" and last not in inside and "\n".join(inside) == text
