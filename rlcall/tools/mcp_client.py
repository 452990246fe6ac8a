"""The tools of an MCP server: a command that speaks over its standard streams, or an address.

    list_tools("python shop_server.py", seconds=30)
    list_tools("http://localhost:8000/mcp", seconds=30, key="...")

The server gets `seconds` in all, however it behaves: silent, or with a list that never ends.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rlcall.tools.mistake import ToolSourceError, needs_extra

MOST = 100_000  # tools that a list may have; a longer one is taken for one that does not end
TAIL = 5  # lines of what a failed server wrote to its standard error


def list_tools(
    server: str,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    key: str | None = None,
) -> list[dict[str, Any]]:
    """Return the tools of a server in OpenAI's form. ToolSourceError.

    A command gets `environment` beside HOME, PATH and their like; an address gets `key`, as a
    bearer token.
    """
    try:
        import mcp  # noqa: F401
    except ImportError:
        raise needs_extra("the package mcp") from None
    is_address = server.startswith(("http://", "https://"))
    words = [] if is_address else _words(server)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        try:
            listing = _list(server, words, environment or {}, key, log)
            return asyncio.run(asyncio.wait_for(listing, seconds))
        except TimeoutError:
            reason = f"gave no whole list of its tools in {seconds:g} s (--timeout)"
        except ToolSourceError:
            raise
        except Exception as error:  # a group, of whatever the transport, the parser or HTTP raise
            reason = f"gave no list of its tools: {_leaf(error)}"
        raise ToolSourceError(f"{server}: {reason}{_said(log)}")


def _words(command: str) -> list[str]:
    """Return a command's words, the first of which can be run."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ToolSourceError(f"{command}: is no command: {error}") from None
    if not words:
        raise ToolSourceError("the command is empty; write one, or an address: http://...")
    if shutil.which(words[0]) is None:
        raise ToolSourceError(
            f"{command}: there is no program {words[0]!r}. Paths count from {os.getcwd()}."
        )
    return words


async def _list(
    server: str, words: Sequence[str], environment: Mapping[str, str], key: str | None, log: TextIO
) -> list[dict[str, Any]]:
    """Ask for all pages of the list."""
    from mcp import Client, StdioServerParameters, stdio_client
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    transport: Any
    if words:
        parameters = StdioServerParameters(
            command=words[0], args=list(words[1:]), env=dict(environment)
        )
        transport = stdio_client(parameters, errlog=log)
    else:
        headers = {"Authorization": f"Bearer {key}"} if key else None
        transport = streamable_http_client(
            server, http_client=create_mcp_http_client(headers=headers)
        )
    tools: list[dict[str, Any]] = []
    cursors: set[str] = set()
    async with Client(transport) as client:
        page = await client.list_tools()
        while True:
            tools += [_definition(tool) for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                return tools
            if cursor in cursors or len(tools) > MOST:
                raise ToolSourceError(f"{server}: its list of tools does not end")
            cursors.add(cursor)
            page = await client.list_tools(cursor=cursor)


def _definition(tool: Any) -> dict[str, Any]:
    """Return a tool in OpenAI's form: its name, description and schemas."""
    function = {"name": tool.name}
    if description := tool.description or tool.title:
        function["description"] = description
    function["parameters"] = tool.input_schema
    if tool.output_schema:
        function["returns"] = tool.output_schema
    return {"type": "function", "function": function}


def _leaf(error: BaseException) -> str:
    """Return the first cause in a group of exceptions, in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]


def _said(log: TextIO) -> str:
    """Return the last lines of what a server wrote to its standard error."""
    log.seek(0)
    lines = [line.strip() for line in log.read()[-4000:].splitlines() if line.strip()]
    return "".join(f"\n  {line[:200]}" for line in lines[-TAIL:])
