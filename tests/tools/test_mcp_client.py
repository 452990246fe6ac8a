"""`rlcall tools mcp`, against server processes: in order, and wrong in every way."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rlcall.cli import check, tasks, tools
from rlcall.model.load import load_tokenizer
from rlcall.model.signature import signature
from rlcall.tools.clean import clean_tool
from rlcall.tools.mcp_client import list_tools

SUPPORT = Path(__file__).parents[1] / "support"
SHOP = shlex.join([sys.executable, str(SUPPORT / "mcp_shop.py")])


def faulty(mode: str, *words: str) -> str:
    return shlex.join([sys.executable, str(SUPPORT / "mcp_faults.py"), mode, *words])


def test_a_server_in_order_becomes_tools_and_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, rows = tmp_path / "new" / "shop.json", tmp_path / "rows.jsonl"
    assert tools.main(["mcp", SHOP, "--out", str(file)]) == 0
    assert capsys.readouterr().out.startswith("2 of 2 tools, ")
    search, order = [tool["function"] for tool in json.loads(file.read_text("utf-8"))]
    assert search["description"] == "Search the shop."
    assert search["parameters"]["properties"]["query"] == {
        "type": "string",
        "description": "What to look for.",
    }
    assert search["parameters"]["required"] == ["query"]
    assert set(order["returns"]["properties"]) == {"order_id", "total"}
    assert "$ref" not in file.read_text("utf-8")
    assert tasks.main(["--tools", str(file), "--n", "40", "--out", str(rows)]) == 0
    assert check.main([str(rows)]) == 0


def test_cleaned_tools_of_pydantic_are_at_most_half_of_a_prompt() -> None:
    tokenizer = load_tokenizer("smollm2-135m")
    raw = list_tools(SHOP, 60)
    lengths = []
    for shown in (raw, [clean_tool(tool) for tool in raw]):
        text = "\n".join(signature(tool["function"]) for tool in shown)
        lengths.append(len(tokenizer(text, add_special_tokens=False)["input_ids"]))
    assert lengths[1] <= lengths[0] / 2, lengths


def test_raw_tools_are_as_the_server_has_them(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    assert tools.main(["mcp", SHOP, "--out", str(file), "--raw", "--only", "order"]) == 0
    assert json.loads(file.read_text("utf-8")) == [
        tool for tool in list_tools(SHOP, 60) if tool["function"]["name"] == "order"
    ]
    assert '"$defs"' in file.read_text("utf-8")


def test_a_server_behind_an_address() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(SUPPORT / "mcp_shop.py"), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        assert list_tools(f"http://127.0.0.1:{port}/mcp", 60) == list_tools(SHOP, 60)
    finally:
        server.kill()
        server.wait()


def test_lists_of_several_pages_are_read_whole(tmp_path: Path) -> None:
    file, out = tmp_path / "tools.json", tmp_path / "out.json"
    names = [f"tool_{number}" for number in range(117)]
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    file.write_text(json.dumps([{"name": name, "inputSchema": schema} for name in names]), "utf-8")
    assert tools.main(["mcp", faulty("replay", str(file)), "--out", str(out)]) == 0
    assert [tool["function"]["name"] for tool in json.loads(out.read_text("utf-8"))] == names


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (faulty("circle"), "its list of tools does not end"),
        (faulty("many"), "has 10,000 tools, more than 1,000; name those that you want: --only"),
        (faulty("none"), "has no tools"),
        (faulty("wrong"), "gave no list of its tools: "),
        (faulty("refuses"), "gave no list of its tools: log in first"),
        (faulty("dies"), "no database at port 5432"),
        ("no-such-program --stdio", "there is no program 'no-such-program'"),
        ("python 'unclosed", "is no command: "),
        ("", "the command is empty"),
        ("http://127.0.0.1:9/mcp", "gave no list of its tools: "),
    ],
)
def test_a_server_that_goes_wrong_is_one_message_and_no_file(
    source: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tools.json"
    assert tools.main(["mcp", source, "--out", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("rlcall tools: ") and message in error and "Traceback" not in error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", ["hangs", "hangs_later", "endless"])
def test_a_server_has_a_limited_time(
    mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    words = ["--out", str(tmp_path / "tools.json"), "--timeout", "3"]
    assert tools.main(["mcp", faulty(mode), *words]) == 2
    assert time.monotonic() - begun < 60
    assert "gave no whole list of its tools in 3 s (--timeout)" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_some_of_ten_thousand_tools_can_be_taken(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    words = ["--only", "t7", "t9999", "--out", str(file)]
    assert tools.main(["mcp", faulty("many"), *words]) == 0
    assert [tool["function"]["name"] for tool in json.loads(file.read_text("utf-8"))] == [
        "t7",
        "t9999",
    ]


def test_what_a_server_prints_beside_the_protocol_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "tools.json"
    source = tmp_path / "source.json"
    source.write_text('[{"name": "a", "inputSchema": {"type": "object"}}]', "utf-8")
    command = faulty("chatter", str(source))
    assert tools.main(["mcp", command, "--out", str(file)]) == 0


def test_tools_that_cannot_be_used_are_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tools.json"
    assert tools.main(["mcp", faulty("broken"), "--out", str(file)]) == 0
    printed = capsys.readouterr()
    assert "1 of 3 tools" in printed.out
    assert "tool 'bad' is set aside: " in printed.err
    assert "tool 'good' is set aside: another one has the same name" in printed.err


@pytest.mark.parametrize(
    ("words", "seen"), [([], "no key"), (["--env", "SHOP_KEY"], "secret")], ids=["kept", "given"]
)
def test_a_command_sees_only_the_variables_that_it_is_given(
    words: list[str], seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "secret")
    file = tmp_path / "tools.json"
    assert tools.main(["mcp", faulty("environment"), "--out", str(file), *words]) == 0
    assert json.loads(file.read_text("utf-8"))[0]["function"]["description"] == seen


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mcp"], "takes one source, in quotes where it has spaces"),
        (["mcp", "python", "server.py"], "takes one source, in quotes where it has spaces"),
        (["mcp", SHOP, "--env", "RLCALL_NOT_SET"], "the environment has no RLCALL_NOT_SET"),
        (["mcp", SHOP, "--only", "searhc"], "has no tool 'searhc'. It has: order, search"),
        (["json:dumps", "--key-env", "KEY"], "--env and --key-env are for MCP servers"),
    ],
)
def test_mistakes_on_the_command_line(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tools.main([*words, "--out", str(tmp_path / "tools.json")]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert tools.main(["mcp", SHOP, "--out", str(tmp_path / "tools.json")]) == 2
    assert 'pip install "rlcall[tools]"' in capsys.readouterr().err
