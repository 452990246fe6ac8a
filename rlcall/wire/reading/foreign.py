"""Traces of calls in formats that are not read here: control tokens, tags, and names in their
syntax.

    FOREIGN_MARKERS["Kimi K2"]         # ("<|tool_calls_section_begin|>", ...)

Where no call is due, a call in a format that nobody here reads is a call all the same. So what
gives one away is known for more families of models than can be read. The tokens are those of the
models' chat templates and of public reports of their output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# family -> control tokens and tags that begin or end its calls
FOREIGN_MARKERS: dict[str, tuple[str, ...]] = {
    "gpt-oss (Harmony)": ("<|call|>", "to=functions."),
    "DeepSeek R1": ("<｜tool_calls_begin｜>", "<｜tool_call_begin｜>"),
    "Command A": ("<|START_ACTION|>", "<|END_ACTION|>"),
    "Step-3": ("<steptml:",),
    "GigaChat 3": ("<|function_call|>",),
}  # fmt: skip

# A name in the syntax of a call, with the name in a group of its own.
_NAME = r"[\w.:/-]+"
_FOREIGN_NAMES = re.compile(
    rf"""["'](?:tool|tool_name|action|recipient_name)["']\s*:\s*["'](?P<key>{_NAME})["']"""
    rf"""|<(?:invoke|tool|function)\s+name\s*=\s*["']?(?P<attribute>{_NAME})"""
    rf"""|<tool>\s*(?P<element>{_NAME})\s*</tool>"""
    rf"""|^[ \t]*Action:[ \t]*(?P<react>{_NAME})[ \t]*\n\s*Action[ _]Input:"""
    rf"""|\bfunctions\.(?P<numbered>{_NAME}):\d+""",
    re.MULTILINE,
)
# One of these is in every such call; most texts have none, and are not searched for the pattern.
_HINTS = ("tool", "action", "Action", "recipient_name", "<invoke", "<function", "functions.")
# Objects whose methods are a prompt's tools: `default_api.f(...)` is how Gemini and Gemma write.
NAMESPACES = ("default_api", "api", "functions", "tools")


def foreign_names(text: str) -> Iterator[str]:
    """Yield the names that are called in a syntax that is not read here."""
    if not any(hint in text for hint in _HINTS):
        return
    for match in _FOREIGN_NAMES.finditer(text):
        yield str(match[str(match.lastgroup)])
