"""Traces of calls in formats that are not read here: control tokens, tags, and names in their
syntax.

    FOREIGN_MARKERS["Cline"]           # ("<use_mcp_tool>",)

Where no call is due, a call in a format that nobody here reads is a call all the same. So what
gives one away is known for more families of models than can be read. The tokens are those of the
models' chat templates and of public reports of their output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# family -> control tokens and tags that begin or end its calls
FOREIGN_MARKERS: dict[str, tuple[str, ...]] = {
    "DeepSeek R1, distilled": ("<｜tool▁calls｜>", "<｜tool calls begin｜>"),
    "Hunyuan Hy4": ("<tool_calls:", "<tool_call:"),
    "Inkling": ("<|content_invoke_tool_json|>",),
    "Muse Glimmer": ("<atem:function_calls>", "<atem:invoke", "</atem:"),
    "Cline": ("<use_mcp_tool>",),
}  # fmt: skip

# A name in the syntax of a call, with the name in a group of its own.
_NAME = r"[\w.:/-]+"
_FOREIGN_NAMES = re.compile(
    rf"""["'](?:tool|tool_name|action|recipient_name)["']\s*:\s*["'](?P<key>{_NAME})["']"""
    rf"""|<(?:invoke|tool|function)\s+name\s*=\s*["']?(?P<attribute>{_NAME})"""
    rf"""|<tool>\s*(?P<element>{_NAME})\s*</tool>"""
    rf"""|^[ \t]*Action:[ \t]*(?P<react>{_NAME})[ \t]*\n\s*Action[ _]Input:"""
    # Without a limit, a text full of `functions.f:` would be read to its end from each of them.
    r"""|\bfunctions\.(?P<numbered>[\w.:/-]{1,128}):\d""",
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
