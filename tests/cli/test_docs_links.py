"""What the pages for people point at is there: links, headings, files, modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FOLDERS = ("rlcall", "tests", "configs", "launch", "rewards", "docs")
FILE = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./-]*\w/?")
MODULE = re.compile(r"(?<![\w./-])rlcall(?:\.[A-Za-z_]\w*)+")
STEP = re.compile(r"^\d\. `([\w/]+\.py)`, `(\w+)`", re.MULTILINE)
NO_FILES = (
    "rlcall/wire/formats/NAME",  # these are for the page's reader to write
    "rlcall/data/readers/NAME",
    "rewards/my_",
    "rewards/margins",  # a key of TRL's log
)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\s-]", "", LINK.sub(lambda link: link[0][1:], heading).lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def source_of(module: str) -> Path | None:
    path = ROOT / module.replace(".", "/")
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def exists(name: str) -> bool:
    """Return whether `rlcall.a.b` is a module, or a name in the module `rlcall.a`."""
    if source_of(name):
        return True
    module, _, member = name.rpartition(".")
    source = source_of(module)
    if source is None:  # a method, `rlcall.a.Class.method`
        return exists(module)
    return re.search(rf"\b{member}\b", source.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_resolve(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_and_modules_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in FILE.findall(text):
        if name.startswith(NO_FILES):
            continue
        assert (ROOT / name).exists(), name
    for name in MODULE.findall(text):
        assert exists(name), name


def test_the_ways_through_the_code_are_there() -> None:
    steps = STEP.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(steps) == 20
    for path, name in steps:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:def |class )?{name}\b", source, re.MULTILINE), (path, name)
