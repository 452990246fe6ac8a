"""Python calls: a list, one call a line, or calls separated by `;`, with or without a code fence.

    [f(a=1), weather.get(days=[1, 2])]

Keyword arguments only; `f(**{"from": 1})` writes a name that is no Python identifier. A call inside a call,
`f(x=g(y=1).id)`, and a name, `a = g(y=1)` with `f(x=a.id)`, become references. BFCL's prompt asks for the list;
NexusRaven writes `Call: f(a=1); g(b=2)`.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from rlcall.calls import Call, Reference, encode
from rlcall.wire.blocks import settle
from rlcall.wire.bare import bare_problem, unfence
from rlcall.wire.literals import parse_source
from rlcall.wire.parsed import Parse, Unreadable
from rlcall.wire.python_calls import Script, is_label, is_name
from rlcall.wire.rendering import can_render_objects

NAME = "python"
MARKERS: tuple[str, ...] = ()
OPENING = re.compile(
    r"\A(?:```(?:python|py|tool_code)?\s*\n)?(?:Call:)?\s*(?:\[\s*(?:[^\W\d][\w.]*\(|\])|[^\W\d][\w.]*(?:\(|\s*=\s*[^\W\d][\w.]*\())"
)

_COMMENT = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\'|"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|(#)', re.DOTALL
)


def parse(text: str, tools: list[dict[str, Any]]) -> Parse:
    source = unfence(text)
    if not source:
        return Parse(NAME)
    try:
        return settle(NAME, _calls(source.removeprefix("Call:").strip()))
    except Unreadable as error:
        return Parse(NAME, (), bare_problem(text, tools, error, begins=OPENING.match(source) is not None))


def _calls(source: str) -> list[Call]:
    tree = parse_source(source, "exec")
    assert isinstance(tree, ast.Module)
    calls = Script(tree).calls
    if "#" in source and any(match[1] for match in _COMMENT.finditer(source)):
        raise Unreadable("text_around", "a comment beside the calls")
    return calls


def can_render(calls: list[Call]) -> bool:
    return can_render_objects(calls) and all(
        all(map(is_name, call.name.split("."))) and (call.label is None or is_label(call.label)) for call in calls
    )


def render(calls: list[Call]) -> str:
    """A list where nothing has a label, otherwise one call a line with its label as a name."""
    labels = frozenset(call.label for call in calls if call.label is not None)
    if not labels:
        return f"[{', '.join(_show_call(call, labels) for call in calls)}]"
    return "\n".join(f"{call.label} = " * (call.label is not None) + _show_call(call, labels) for call in calls)


def _show_call(call: Call, labels: frozenset[str]) -> str:
    plain = [f"{key}={_show(value, labels)}" for key, value in call.arguments.items() if is_name(key)]
    rest = [f"{key!r}: {_show(value, labels)}" for key, value in call.arguments.items() if not is_name(key)]
    return f"{call.name}({', '.join([*plain, *(['**{' + ', '.join(rest) + '}'] if rest else [])])})"


def _show(value: Any, labels: frozenset[str]) -> str:
    if isinstance(value, Reference):
        return _show_reference(value) if value.label in labels and "*" not in value.path else repr(str(value))
    if isinstance(value, list):
        return f"[{', '.join(_show(item, labels) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_show(item, labels)}' for key, item in value.items())}}}"
    return repr(encode(value))


def _show_reference(reference: Reference) -> str:
    steps = (f".{step}" if isinstance(step, str) and is_name(step) else f"[{step!r}]" for step in reference.path)
    return reference.label + "".join(steps)
