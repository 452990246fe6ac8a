"""Nulls that mean nothing: Arrow fills up objects with them, some data sets write what is left out.

in_arguments(tool, {"city": "Paris", "unit": None}, notes)   # {"city": "Paris"}
in_tools([{"name": "f", "enum": None}], notes)               # [{"name": "f"}]
"""

from __future__ import annotations

from typing import Any

from rlcall.calls import Path
from rlcall.verifier.schema import Tool

LEFT_OUT = "nulls for optional parameters were read as left out"
IN_TOOLS = "nulls inside tools, with which Arrow fills up objects, were read as left out"


def in_arguments(tool: Tool, arguments: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Return the arguments without the nulls that their tool does not take; each leaves a note."""
    cleaned: dict[str, Any] = _without_nulls(tool, arguments, (), notes)
    return cleaned


def _without_nulls(tool: Tool, value: Any, path: Path, notes: list[str]) -> Any:
    if isinstance(value, list):
        return [
            _without_nulls(tool, item, (*path, index), notes) for index, item in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    members = {}
    for key, item in value.items():
        if item is None and not _takes_null(tool, (*path, key)):
            notes.append(LEFT_OUT)
        else:
            members[key] = _without_nulls(tool, item, (*path, key), notes)
    return members


def _takes_null(tool: Tool, path: Path) -> bool:
    types = tool.types(path)
    return tool.declares(path) and (not types or "null" in types)


def in_tools(value: Any, notes: list[str]) -> Any:
    """Return tools without their null members; a null default stays if the parameter takes null."""
    if isinstance(value, list):
        return [in_tools(item, notes) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for key, item in value.items():
        if item is None and not (key == "default" and _is_nullable(value.get("type"))):
            notes.append(IN_TOOLS)
        else:
            members[key] = item if key == "enum" else in_tools(item, notes)
    return members


def _is_nullable(types: Any) -> bool:
    return types is None or types == "null" or (isinstance(types, list) and "null" in types)
