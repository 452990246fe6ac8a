"""Python calls: a list, one call a line, or calls separated by `;`, with or without a code fence.

    [f(a=1), weather.get(days=[1, 2])]

Keyword arguments only; `f(**{"from": 1})` writes a name that is no Python identifier. A tool's name that is none,
`get-time(zone="UTC")`, is read where the row has such a tool. A call inside a call, `f(x=g(y=1).id)`, and a name,
`a = g(y=1)` with `f(x=a.id)`, become references. BFCL's prompt asks for the list; NexusRaven writes
`Call: f(a=1); g(b=2)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, Reference, encode
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.literals import parse_source
from rlcall.wire.reading.parsed import Item, Tools, Unreadable
from rlcall.wire.reading.python_calls import Script, is_label, is_name
from rlcall.wire.reading.strict_json import MAX_CHARS
from rlcall.wire.reading.syntax import tool_names

_CALL = r"[^\W\d][\w.-]*\("
_OPENING = re.compile(
    rf"(?:```\w*\s*)?\s*(?:Call:\s*)?(?:\[\s*(?:{_CALL}|\])|{_CALL}|[^\W\d]\w*[ \t]*=[ \t]*{_CALL})"
)
_STRING = (
    r'"""(?:[^\\]|\\.)*?"""|'
    r"'''(?:[^\\]|\\.)*?'''|"
    r'"(?:[^"\\\n]|\\.)*+"|'
    r"'(?:[^'\\\n]|\\.)*+'"
)
_ALIAS = "\ua7ff"  # a letter that nobody writes; a source that has it gets no aliases
_COMMENT = re.compile(rf"{_STRING}|(#)", re.DOTALL)


def _read(text: str, tools: Tools) -> list[Item]:
    source, names = _identifiers(text.removeprefix("Call:").strip(), tools)
    tree = parse_source(source, "exec")
    assert isinstance(tree, ast.Module)
    calls = Script(tree, names).calls
    if "#" in source and any(match[1] for match in _COMMENT.finditer(source)):
        raise Unreadable("text_around", "a comment beside the calls")
    return list(calls)


def _identifiers(source: str, tools: Tools) -> tuple[str, dict[str, str]]:
    """The source with an identifier for each tool's name that Python does not read as one, and what they stand for."""
    odd = [name for name in tool_names(tools) if name and name in source and not _is_dotted(name)]
    if not odd or _ALIAS in source or len(source) > MAX_CHARS:
        return source, {}
    names = {f"{_ALIAS}{place}": name for place, name in enumerate(odd)}
    aliases = {name: alias for alias, name in names.items()}
    longest_first = "|".join(map(re.escape, sorted(odd, key=len, reverse=True)))
    pattern = re.compile(rf"{_STRING}|(?<![\w.-])({longest_first})(?=\()", re.DOTALL)
    return pattern.sub(lambda match: aliases[match[1]] if match[1] else match[0], source), names


def _is_dotted(name: str) -> bool:
    return all(map(is_name, name.split(".")))


def _render(calls: Sequence[Call]) -> str:
    """A list where nothing has a label, otherwise one call a line with its label as a name."""
    labels = frozenset(
        call.label for call in calls if call.label is not None and is_label(call.label)
    )
    if not labels:
        return f"[{', '.join(_show_call(call, labels) for call in calls)}]"
    return "\n".join(
        f"{call.label} = " * (call.label is not None) + _show_call(call, labels) for call in calls
    )


def _show_call(call: Call, labels: frozenset[str]) -> str:
    plain = [
        f"{key}={_show(value, labels)}" for key, value in call.arguments.items() if is_name(key)
    ]
    rest = [
        f"{key!r}: {_show(value, labels)}"
        for key, value in call.arguments.items()
        if not is_name(key)
    ]
    return f"{call.name}({', '.join([*plain, *(['**{' + ', '.join(rest) + '}'] if rest else [])])})"


def _show(value: Any, labels: frozenset[str]) -> str:
    if isinstance(value, Reference) and value.label in labels and "*" not in value.path:
        return _show_reference(value)
    if isinstance(value, list):
        return f"[{', '.join(_show(item, labels) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_show(item, labels)}' for key, item in value.items())}}}"
    return repr(encode(value))


def _show_reference(reference: Reference) -> str:
    steps = (
        f".{step}" if isinstance(step, str) and is_name(step) else f"[{step!r}]"
        for step in reference.path
    )
    return reference.label + "".join(steps)


FORMAT = Format("python", _OPENING, Bare("python", _OPENING, _read).parse, _render)
