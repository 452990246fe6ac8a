"""Python calls: a list, one call a line, or calls separated by `;`, with or without a code fence.

    [f(a=1), weather.get(days=[1, 2])]

Keyword arguments only; `f(**{"from": 1})` writes a name that is no Python identifier. A call inside a call,
`f(x=g(y=1).id)`, and a name, `a = g(y=1)` with `f(x=a.id)`, become references. BFCL's prompt asks for the list;
NexusRaven writes `Call: f(a=1); g(b=2)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, Reference, encode
from rlcall.wire.bare import Bare
from rlcall.wire.format import Format
from rlcall.wire.literals import parse_source
from rlcall.wire.parsed import Item, Tools, Unreadable
from rlcall.wire.python_calls import Script, is_label, is_name

_CALL = r"[^\W\d][\w.]*\("
_OPENING = re.compile(rf"(?:```\w*\s*)?\s*(?:Call:\s*)?(?:\[\s*(?:{_CALL}|\])|{_CALL}|[^\W\d]\w*[ \t]*=[ \t]*{_CALL})")
_COMMENT = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|(#)', re.DOTALL
)


def _read(text: str, _tools: Tools) -> list[Item]:
    source = text.removeprefix("Call:").strip()
    tree = parse_source(source, "exec")
    assert isinstance(tree, ast.Module)
    calls = Script(tree).calls
    if "#" in source and any(match[1] for match in _COMMENT.finditer(source)):
        raise Unreadable("text_around", "a comment beside the calls")
    return list(calls)


def _render(calls: Sequence[Call]) -> str:
    """A list where nothing has a label, otherwise one call a line with its label as a name."""
    labels = frozenset(call.label for call in calls if call.label is not None and is_label(call.label))
    if not labels:
        return f"[{', '.join(_show_call(call, labels) for call in calls)}]"
    return "\n".join(f"{call.label} = " * (call.label is not None) + _show_call(call, labels) for call in calls)


def _show_call(call: Call, labels: frozenset[str]) -> str:
    plain = [f"{key}={_show(value, labels)}" for key, value in call.arguments.items() if is_name(key)]
    rest = [f"{key!r}: {_show(value, labels)}" for key, value in call.arguments.items() if not is_name(key)]
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
    steps = (f".{step}" if isinstance(step, str) and is_name(step) else f"[{step!r}]" for step in reference.path)
    return reference.label + "".join(steps)


FORMAT = Format("python", _OPENING, Bare("python", _OPENING, _read).parse, _render)
