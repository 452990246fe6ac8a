"""An MCP server that goes wrong in one way: `python mcp_faults.py MODE`.

It speaks the protocol by hand, one JSON object a line, since a library would not say such things.
`replay FILE` is a server in order: it lists the tools of a file, 30 a page.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

PAGE = 30


def listing(mode: str, cursor: str | None) -> dict[str, Any]:
    """Return one page of the list of tools."""
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    start = int(cursor or 0)
    if mode == "endless":
        return {
            "tools": [{"name": f"t{start}", "inputSchema": schema}],
            "nextCursor": str(start + 1),
        }
    if mode == "circle":
        return {"tools": [{"name": f"t{start}", "inputSchema": schema}], "nextCursor": "1"}
    if mode == "many":
        return {
            "tools": [{"name": f"t{number}", "inputSchema": schema} for number in range(10_000)]
        }
    if mode == "none":
        return {"tools": []}
    if mode == "wrong":
        return {"tools": "search"}
    if mode == "broken":
        bad = {
            "name": "bad",
            "inputSchema": {"type": "object", "properties": {"a": {"pattern": "("}}},
        }
        return {
            "tools": [
                bad,
                {"name": "good", "inputSchema": schema},
                {"name": "good", "inputSchema": schema},
            ]
        }
    if mode == "environment":
        import os

        text = os.environ.get("SHOP_KEY", "no key")
        return {"tools": [{"name": "key", "description": text, "inputSchema": schema}]}
    with open(sys.argv[2], encoding="utf-8") as file:
        tools = json.load(file)
    page = {"tools": tools[start : start + PAGE]}
    if start + PAGE < len(tools):
        page["nextCursor"] = str(start + PAGE)
    return page


def answer(mode: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request."""
    method, parameters = request["method"], request.get("params") or {}
    if method == "initialize":
        version = parameters.get("protocolVersion", "2025-06-18")
        about = {"name": mode, "version": "1"}
        result: dict[str, Any] = {
            "protocolVersion": version,
            "capabilities": {"tools": {}},
            "serverInfo": about,
        }
        return {"result": result}
    if method == "tools/list" and mode == "refuses":
        return {"error": {"code": -32000, "message": "log in first"}}
    if method == "tools/list":
        return {"result": listing(mode, parameters.get("cursor"))}
    return {"error": {"code": -32601, "message": "no such method"}}


def main(mode: str) -> None:
    """Serve until the input ends."""
    if mode == "dies":
        sys.exit("no database at port 5432")
    if mode == "chatter":
        print("Welcome to the server!", flush=True)
        print("{broken", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        if mode == "hangs" or (mode == "hangs_later" and request["method"] == "tools/list"):
            time.sleep(600)
        reply = {"jsonrpc": "2.0", "id": request["id"], **answer(mode, request)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
