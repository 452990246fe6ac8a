"""The tables of docs/wire.md and docs/reading.md, made from the code.

`python -m tests.support.wire_page` writes them into the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rlcall import wire
from rlcall.calls import Call

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "wire.md", DOCS / "reading.md")
CALL = Call("f", {"city": "Paris"})


def page(text: str) -> str:
    """Return a page with its tables made anew, each between `<!-- name: ... -->` and `<!-- end
    of name -->`."""
    for name, table in (("formats", formats()), ("problems", problems())):
        begin = f"<!-- {name}: python -m tests.support.wire_page -->\n"
        end = f"<!-- end of {name} -->\n"
        if begin in text:
            before, _, rest = text.partition(begin)
            text = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return text


def formats() -> str:
    """Return the table of the formats in their order, and below it what they have in common."""
    lines = [
        "| format | models | read and written | read as well | vLLM's parser | syntax from |",
        "|---|---|---|---|---|---|",
    ]
    for format in wire.FORMATS.values():
        call = _code(format.render([CALL]).replace("\n", "↵"))
        vllm = _codes(format.vllm)
        cells = [_code(format.name), format.models, call, format.also_reads, vllm, format.source]
        lines.append(_row(cells))
    formats = wire.FORMATS.items()
    unmarked = [name for name, format in formats if format.bare_opening]
    labelled = [name for name, format in formats if format.labels]
    special = [name for name, format in formats if format.special_tokens]
    lines += [
        "",
        "`↵` is a line break.",
        "",
        f"- Without markers, so that the whole text must be the call, a code fence aside: {_codes(unmarked)}.",
        f"- With labels for calls: {_codes(labelled)}.",
        f"- Written in tokens that are special in these models' vocabularies, which a decoding without special tokens loses: {_codes(special)}.",
    ]
    return "\n".join(lines) + "\n"


def problems() -> str:
    """Return the table of the codes."""
    lines = ["| code | what it means |", "|---|---|"]
    for code, meaning in wire.PROBLEMS.items():
        star = " *" if code in wire.SURPLUS else ""
        lines.append(_row([f"`{code}`{star}", meaning]))
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(_code(text) for text in texts)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
