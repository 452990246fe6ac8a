"""`rlcall tools`: make a file of tools from an MCP server, Python functions or an OpenAPI file.

    $ rlcall tools mcp "python shop_server.py" --out shop.json
    $ rlcall tools mcp http://localhost:8000/mcp --out shop.json
    $ rlcall tools shop:search shop:order --out shop.json
    $ rlcall tools openapi petstore.yaml --out pets.json

The file goes into `rlcall tasks --tools` and into rows. Exit status: 0, or 2 where a source gives
no tools. docs/tools.md describes what is read and what is cleaned.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rlcall.cli.console import report_mistake
from rlcall.cli.options import CommandParser, add_out, positive_integer
from rlcall.data.tool_forms import ToolFormError, read_tools
from rlcall.errors import ConfigError, UserError
from rlcall.files.whole import write_whole
from rlcall.show.visible import visible
from rlcall.tools.clean import clean_tool
from rlcall.tools.functions import describe
from rlcall.tools.mcp_client import list_tools
from rlcall.tools.mistake import ToolSourceError
from rlcall.tools.openapi import read_openapi
from rlcall.tools.places import is_json
from rlcall.verifier.schema import SchemaError, check_tool, compile_tool

MOST = 1000  # tools that a file may have without `--only`: no prompt shows as many
TIMEOUT = 60  # seconds

Tool = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the tools and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        raw = _chosen(_read(arguments), arguments)
        tools = list(_usable(raw))
        if not tools:
            raise ToolSourceError(f"{' '.join(arguments.source)}: no tool can be used")
        cleaned = tools if arguments.raw else [clean_tool(tool) for tool in tools]
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(arguments.out, json.dumps(cleaned, indent=1, ensure_ascii=False) + "\n")
    except (UserError, OSError) as error:
        return report_mistake("tools", error)
    before, after = _length(tools), _length(cleaned)
    lengths = f"{after:,} characters" if arguments.raw else f"{before:,} -> {after:,} characters"
    print(f"{len(cleaned):,} of {len(raw):,} tools, {lengths}: {arguments.out}")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of `rlcall tools`."""
    command = CommandParser("tools", "Make a file of tools from where they live.")
    add = command.add_argument
    add(
        "source",
        nargs="+",
        metavar="SOURCE",
        help='mcp "COMMAND" or mcp URL; openapi FILE; or module:function ..., path/to/file.py:f, '
        "or a module for all of its public functions",
    )
    add_out(command, "where to write them, a JSON list in OpenAI's form", required=True)
    add("--only", nargs="+", metavar="NAME", help="take only these tools")
    add("--raw", action="store_true", help="leave schemas and descriptions as they are")
    add(
        "--timeout",
        type=positive_integer,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"how long a server or an import may take (default: {TIMEOUT})",
    )
    add(
        "--env",
        nargs="+",
        default=[],
        metavar="VARIABLE",
        help="environment variables that an MCP command gets, beside HOME, PATH and their like",
    )
    add(
        "--key-env",
        metavar="VARIABLE",
        help="environment variable that holds the bearer token of an MCP address",
    )
    return command


def _read(arguments: argparse.Namespace) -> list[Tool]:
    """Return the source's tools in OpenAI's form, as they are."""
    form, *rest = arguments.source
    if form not in ("mcp", "openapi"):
        if arguments.env or arguments.key_env:
            raise ConfigError("--env and --key-env are for MCP servers")
        return describe(arguments.source, arguments.timeout)
    if len(rest) != 1:
        example = 'mcp "python server.py"' if form == "mcp" else "openapi petstore.yaml"
        raise ConfigError(f"`{form}` takes one source, in quotes where it has spaces: {example}")
    if form == "openapi":
        return read_openapi(Path(rest[0]))
    environment = {name: _variable(name) for name in arguments.env}
    key = _variable(arguments.key_env) if arguments.key_env else None
    return list_tools(rest[0], arguments.timeout, environment, key)


def _variable(name: str) -> str:
    if name not in os.environ:
        raise ConfigError(f"the environment has no {name}; export it first")
    return os.environ[name]


def _chosen(tools: list[Tool], arguments: argparse.Namespace) -> list[Tool]:
    """Return the tools that were asked for."""
    source = " ".join(arguments.source)
    if arguments.only:
        names = {tool["function"]["name"] for tool in tools}
        missing = [name for name in arguments.only if name not in names]
        if missing:
            has = ", ".join(sorted(names))[:300]
            raise ToolSourceError(f"{source}: has no tool {missing[0]!r}. It has: {has}")
        tools = [tool for tool in tools if tool["function"]["name"] in arguments.only]
    if not tools:
        raise ToolSourceError(f"{source}: has no tools")
    if len(tools) > MOST:
        raise ToolSourceError(
            f"{source}: has {len(tools):,} tools, more than {MOST:,}; "
            "name those that you want: --only NAME ..."
        )
    return tools


def _usable(tools: list[Tool]) -> Iterator[Tool]:
    """Yield the tools whose schemas the verifier can use, and say of each other one why not."""
    names: set[str] = set()
    for tool in tools:
        name = tool["function"]["name"]
        try:
            if name in names:
                raise SchemaError(f"tool {name!r}: another one has the same name")
            if not is_json(tool):
                raise SchemaError("it holds what JSON has not, such as NaN or a date: quote it")
            (read,) = read_tools([tool], [])
            check_tool(compile_tool(json.dumps(read)))
        except (SchemaError, ToolFormError, RecursionError) as error:
            reason = str(error).removeprefix(f"tool {name!r}: ") or "nested too deeply"
            note = visible(f"tool {name!r} is set aside: {reason}")
            print(f"rlcall tools: {note}", file=sys.stderr)
            continue
        names.add(name)
        yield read


def _length(tools: list[Tool]) -> int:
    return sum(len(json.dumps(tool, ensure_ascii=False)) for tool in tools)
