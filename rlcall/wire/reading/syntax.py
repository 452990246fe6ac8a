"""Traces of a call in any text: a marker, or a tool's name in the syntax of a call.

marked("... <tool_call> ...")                   -> True
written("I call get_time(zone='UTC') now", ...) -> True where `get_time` is one of the row's tools
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.wire.reading.foreign import NAMESPACES, foreign_names
from rlcall.wire.reading.gathered import marker
from rlcall.wire.reading.parsed import Tools

# `"name": "f"` and `call:f{`. Patterns with the tools' own names in them would be compiled anew for
# every row.
_NAMED = re.compile(
    r"""["'](?:name|function)["']\s*:\s*(?:"([^"\n]*)"|'([^'\n]*)')|\bcall:([^{}\n]+)\{"""
)
_BEFORE_OBJECT = re.compile(r"\S[ \t]*+\n\s*+\{")


def marked(text: str) -> bool:
    """Return whether the text holds a marker of any format."""
    return marker().search(text) is not None


def written(text: str, tools: Tools, *, prose: bool = False) -> bool:
    """Return whether the text holds a marker, or a tool's name in any format's call syntax.

    With `prose`, a name before a bracket, `f(`, is let through: that is how a sentence mentions a
    function.
    """
    return marked(text) or named(text, tools, prose=prose)


def named(text: str, tools: Tools, *, prose: bool = False) -> bool:
    """Return whether the text holds one of the tools' names in any format's call syntax."""
    names = {name for name in tool_names(tools) if name and name in text}
    if not names:
        return False
    if not prose and any(_called(text, name) for name in names):
        return True
    for match in _NAMED.finditer(text):
        if match[match.lastindex or 0] in names:
            return True
    if not names.isdisjoint(foreign_names(text)):
        return True
    return _on_a_line(text, names)


def tool_names(tools: Tools) -> list[str]:
    """Return the tools' names, "" for one without."""
    return [_name(tool) for tool in tools]


def _called(text: str, name: str) -> bool:
    """Return whether `name(` is in the text, and not at the end of a longer name.

    `api.name(` is a call where the object is one that prompts give the tools as.
    """
    at = text.find(f"{name}(")
    while at > 0 and not _begins_call(text, at):
        at = text.find(f"{name}(", at + 1)
    return at >= 0


def _begins_call(text: str, at: int) -> bool:
    """Return whether a name at this place begins there, and is called, not defined."""
    before = text[at - 1]
    if before == "." and text.endswith(NAMESPACES, 0, at - 1):
        return True
    if before.isalnum() or before in "_.":
        return False
    return not text.endswith("def ", 0, at)


def _on_a_line(text: str, names: set[str]) -> bool:
    """Return whether a name has a line for itself, or its end after a tag, before an object."""
    for match in _BEFORE_OBJECT.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        start = max(start, text.rfind(">", start, match.start()) + 1)
        if text[start : match.start() + 1].strip() in names:
            return True
    return False


def _name(tool: Any) -> str:
    function = tool.get("function", tool) if isinstance(tool, dict) else {}
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""
