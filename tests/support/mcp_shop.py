"""An MCP server of a shop: `python mcp_shop.py`, or `python mcp_shop.py PORT` over HTTP."""

from __future__ import annotations

import sys
from typing import Literal

from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel

server = MCPServer("shop")


class Address(BaseModel):
    street: str
    city: str
    country: str | None = None


class Order(BaseModel):
    order_id: int
    total: float


@server.tool()
def search(query: str, limit: int = 5, sort: Literal["price", "name"] | None = None) -> list[str]:
    """Search the shop.

    Args:
        query: What to look for.
        limit: How many at most.
    """
    return [query] * limit if sort is None else []


@server.tool()
def order(item: str, ship_to: Address, bill_to: Address | None = None) -> Order:
    """Order an item."""
    return Order(
        order_id=len(item), total=len(ship_to.street) + len(ship_to.city) + (bill_to is not None)
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run()
