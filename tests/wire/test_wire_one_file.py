"""A wire format is one file: what its value says must hold, and a copy of the package with one
more file knows it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rlcall
from rlcall import wire
from rlcall.calls import Call

FILE = '''
"""Zed: a call between two zeds, `zz> f {"a": 1} <zz`."""

import re

from rlcall.calls import encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of

OPENING = re.compile("zz>")


def read(text, start, tools):
    name, _, _ = text[start:].partition("{")
    value, end = bounded_json.read(text, start + len(name))
    return call_of({"name": name.strip(), "arguments": value}), end


def write(calls):
    return " ".join(f"zz> {call.name} {bounded_json.dump(encode(call.arguments))} <zz" for call in calls)


FORMAT = Format(
    name="zed",
    order=45,
    opening=OPENING,
    markers=("zz>", "<zz"),
    turn_ends=("<zzz>",),
    read=Blocks(OPENING, "<zz", read).read,
    write=write,
    labels=False,
    models="Zed 1",
    source="this test",
    vllm=("zed",),
)
'''
PROBE = """
import json
from rlcall import wire
from rlcall.calls import Call
from rlcall.wire.reading.gathered import turn_ends
from tests.support import wire_page

calls = [Call("f", {"a": 1}), Call("g")]
text = wire.get("zed").render(calls)
parsed = wire.parse(f"I call both. {text}<zzz>", [])
print(json.dumps({
    "text": text,
    "place": wire.NAMES.index("zed"),
    "read": [parsed.wire, parsed.calls == tuple(calls), [problem.code for problem in parsed.problems]],
    "strict": wire.parse(text, [], "zed").problems == (),
    "can": wire.get("zed").can_render(calls),
    "noticed": [wire.attempts_call(words, []) for words in ("see zz> there", "see zz there")],
    "elsewhere": [problem.code for problem in wire.parse(text, [], "hermes").problems],
    "ends": "<zzz>" in turn_ends(),
    "table": [line for line in wire_page.formats().splitlines() if "zed" in line],
}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with one more file in it."""
    folder = tmp_path_factory.mktemp("copy")
    package = Path(rlcall.__file__).parent
    shutil.copytree(package, folder / "rlcall", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("configs", "rewards"):
        shutil.copytree(package.parent / name, folder / name)
    support = folder / "tests" / "support"
    support.mkdir(parents=True)
    shutil.copy(package.parent / "tests" / "support" / "wire_page.py", support)
    (folder / "rlcall" / "wire" / "formats" / "zed.py").write_text(FILE)
    return folder


def test_a_format_is_read_written_noticed_and_listed_for_one_file(copy: Path) -> None:
    output = subprocess.check_output([sys.executable, "-c", PROBE], cwd=copy, text=True)
    found = json.loads(output)
    assert found.pop("place") == wire.NAMES.index("hermes")
    table = found.pop("table")
    assert table == ['| `zed` | Zed 1 | `zz> f {"city": "Paris"} <zz` |  | `zed` | this test |']
    assert found == {
        "text": 'zz> f {"a": 1} <zz zz> g {} <zz',
        "read": ["zed", True, ["text_before"]],
        "strict": True,
        "can": True,
        "noticed": [True, False],
        "elsewhere": ["unreadable"],
        "ends": True,
    }


def test_the_command_line_knows_it(copy: Path) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    answer = {"calls": [{"name": "f", "arguments": {"a": 1}}]}
    row = {"messages": [{"role": "user", "content": "?"}], "tools": [tool], "answer": answer}
    line = json.dumps({**row, "completion": 'zz> f {"a": 1} <zz'})
    (copy / "rows.jsonl").write_text(line + "\n")
    for name in ("zed", "auto"):
        command = [sys.executable, "-m", "rlcall", "verify", "rows.jsonl", "--wire", name]
        verdict = json.loads(subprocess.check_output(command, cwd=copy, text=True))
        assert (verdict["wire"], verdict["correct"], verdict["reward"]) == ("zed", True, 1.0)


def test_no_two_formats_have_one_name_or_one_place() -> None:
    files = list((Path(wire.__file__).parent / "formats").glob("[a-z]*.py"))
    assert len(wire.FORMATS) == len(files)
    assert len({format.order for format in wire.FORMATS.values()}) == len(files)


@pytest.mark.parametrize("format", wire.FORMATS.values(), ids=wire.NAMES)
def test_what_a_format_says_of_itself_holds(format: wire.Format) -> None:
    assert format.name.isidentifier()
    assert format.models and format.source
    assert format.opening or format.bare_opening
    assert bool(format.opening) == bool(format.markers)
    assert all(marker == marker.strip() for marker in format.markers)  # texts are stripped
    assert (format.order > 500) == (format.opening is None)
    for opening in (format.opening, format.bare_opening):  # joined to one pattern without its flags
        assert opening is None or opening.flags == re.UNICODE
    text = format.render([Call("f", {"a": "b", "c": 1}, "var1")]).strip()
    assert all(token in text or token in format.markers for token in format.special_tokens)
    begins = [opening for opening in (format.opening, format.bare_opening) if opening]
    assert any(opening.match(text) for opening in begins)


@pytest.mark.parametrize("name", [name for name in wire.NAMES if wire.get(name).markers])
def test_a_call_begins_at_a_marker(name: str) -> None:
    format = wire.get(name)
    text = format.render([Call("f", {"a": 1})]).strip()
    if match := format.opening.search(text) if format.opening else None:
        assert text.startswith(format.markers, match.start())
