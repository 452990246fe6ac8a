"""Replies in words, before a row says that no call was due: nothing in them may be a call.

    call_traces({"role": "assistant", "content": "get_weather: Paris"}, tools)    # True

What the verifier takes for an attempt is one. Data sets write calls in further ways, and a wrong
label costs more than a missing row; so a tool's name in any call punctuation counts here, and so
does the form of a call to a tool that is not even listed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rlcall.wire import attempts_call
from rlcall.wire.reading.parsed import Tools
from rlcall.wire.reading.syntax import tool_names

# Forms of calls that are known whatever is called: ReAct, XML, API-Bank; and an object with both a
# name and arguments.
_FORMS = re.compile(
    r"^[ \t>*]*(?:Action[ _]?Input|API-Request)\s*[:：]"
    r"|</?(?:function_calls?|tool_calls?|tool_use|use_mcp_tool|invoke|tool_code|tool_input)\b",
    re.MULTILINE | re.IGNORECASE,
)
_NAME_KEY = re.compile(
    r"""["'](?:name|tool|tool_name|action|function|api|api_name|recipient_name)["']\s*:"""
)
_ARGUMENTS_KEY = re.compile(
    r"""["'](?:arguments|args|parameters|params|tool_input|action_input|input|kwargs)["']\s*:"""
)
_WITH_ARGUMENTS = re.compile(r"""\((?:\s*\w+\s*[=:]|\s*["'\d{\[]|\s*\))""")
_OPENERS = "@/<[{→⟶"  # one of these before a name makes it a call in some form
_CLOSERS = "{[=<|"  # ... and one of these after it


def call_traces(message: Mapping[str, Any], tools: Tools) -> bool:
    """Return whether an assistant's message without calls may hold one in another form."""
    if attempts_call(message, tools):
        return True
    text = _text(message)
    if _FORMS.search(text) or (_NAME_KEY.search(text) and _ARGUMENTS_KEY.search(text)):
        return True
    names = {name for name in tool_names(tools) if name and name in text}
    return any(_is_called(text, name) for name in names)


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _is_called(text: str, name: str) -> bool:
    """Return whether a name stands in some call's punctuation.

    A name that is no ordinary word, `get_weather`, is called where a line begins with it, too.
    """
    is_plain_word = name.isalpha() and (name.islower() or name.istitle())
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}(?!\w)", text):
        before, after = text[: match.start()], text[match.end() :]
        line = before.rpartition("\n")[2]
        following = after.lstrip("`\"'* \t")
        if following.startswith(tuple(_CLOSERS)) or line.endswith(tuple(_OPENERS)):
            return True
        if after.startswith("(") or _WITH_ARGUMENTS.match(following):
            return True
        begins_line = not line.strip("`*-> \t")
        if following[:1] in (":", "：") and (begins_line or not is_plain_word):
            return True
        if begins_line and not is_plain_word and not _is_sentence(after):
            return True
    return False


def _is_sentence(after: str) -> bool:
    """Return whether a line that begins with a tool's name goes on as a sentence about it."""
    words = after.partition("\n")[0].lstrip("`\"'*").split()
    return len(words) > 2 and words[0].isalpha() and words[0].islower()
