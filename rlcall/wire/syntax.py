"""What gives a call away in any text: the markers of every format, and a tool's name in the syntax of a call.

marked("... <tool_call> ...")                   -> True
written("I call get_time(zone='UTC') now", ...) -> True where `get_time` is one of the row's tools
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from rlcall.wire.parsed import Tools

MARKERS: dict[str, tuple[str, ...]] = {
    "qwen3_coder": ("<function=", "</function>", "<parameter="),
    "glm45": ("<arg_key>", "<arg_value>"),
    "hermes": ("<tool_call>", "</tool_call>"),
    "llama3": ("<|python_tag|>",),
    "mistral": ("[TOOL_CALLS]", "[ARGS]"),
    "granite20b": ("<function_call>",),
    "granite3": ("<|tool_call|>",),
    "deepseek_v3": (
        "<｜tool▁calls▁begin｜>",
        "<｜tool▁call▁begin｜>",
        "<｜tool▁sep｜>",
        "<｜tool▁call▁end｜>",
        "<｜tool▁calls▁end｜>",
    ),
    "functiongemma": ("<start_function_call>", "<end_function_call>", "<escape>"),
}

MARKER = re.compile("|".join(re.escape(marker) for markers in MARKERS.values() for marker in markers))


def marked(text: str) -> bool:
    """Whether the text holds a marker of any format."""
    return MARKER.search(text) is not None


def written(text: str, tools: Tools, *, prose: bool = False) -> bool:
    """Whether the text holds a marker, or one of the tools' names in any format's call syntax.

    With `prose`, a name before a bracket, `f(`, is let through: that is how a sentence mentions a function.
    """
    return marked(text) or named(text, tools, prose=prose)


def named(text: str, tools: Tools, *, prose: bool = False) -> bool:
    """Whether the text holds one of the tools' names in any format's call syntax."""
    names = tool_names(tools)
    if not any(name in text for name in names):
        return False
    return (_structures(names) if prose else _calls(names)).search(text) is not None


def tool_names(tools: Tools) -> tuple[str, ...]:
    return tuple(_name(tool) for tool in tools)


def _name(tool: Any) -> str:
    function = tool.get("function", tool) if isinstance(tool, dict) else {}
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""


@lru_cache(maxsize=4096)
def _structures(names: tuple[str, ...]) -> re.Pattern[str]:
    """`"name": "f"`, `name\\n{json}`, `call:f{`, `f[ARGS]`."""
    name = _alternatives(names)
    return re.compile(
        rf"""["'](?:name|function)["']\s*:\s*["']{name}["']"""
        rf"""|(?:^|[\n>])[ \t]*{name}[ \t]*\n\s*\{{|\bcall:{name}\{{""",
    )


@lru_cache(maxsize=4096)
def _calls(names: tuple[str, ...]) -> re.Pattern[str]:
    name = _alternatives(names)
    return re.compile(rf"{_structures(names).pattern}|(?<![\w.]){name}\(")


def _alternatives(names: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(re.escape(name) for name in names if name) or '(?!)'})"
