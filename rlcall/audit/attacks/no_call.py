"""Attacks where no call is due: ways to make none, which are right, and ways to make one, which are
not.

"Which day do you mean?" and "no_function" are right; "[f(" and a call to another tool are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rlcall import wire as wires
from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.nothing import BOMB
from rlcall.audit.attacks.perturb import example_call
from rlcall.audit.attacks.surplus import UNKNOWN
from rlcall.calls import Call
from rlcall.data.rows import Row
from rlcall.wire.auto import MARKED
from rlcall.wire.reading.reasoning import REASONING
from rlcall.wire.reading.syntax import marked


def abstaining(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield ""
    yield "I'm sorry, none of my tools can do that."
    yield "[]"
    yield "no_function"
    yield "Which day do you mean?"
    yield {"role": "assistant", "content": "Which day do you mean?"}
    yield "\n".join(f"- {tool['function']['name']} is not what you need." for tool in row.tools)
    yield f"<think>\n{_in_format(_call(row), 'hermes')}\n</think>\nThere is nothing to call."
    if row.tools:
        yield f"Would {_in_format(_call(row), 'python')[1:-1]} help?\n</think>\nNo tool fits."


def call_in_every_format(row: Row, gold: Gold, rng: Random) -> Iterator[str]:
    call = _call(row)
    for form in wires.FORMATS.values() if row.tools else MARKED:
        if form.can_render([call], row.tools):
            yield form.render([call])


def call_in_prose(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for name in ("hermes", "python", "json") if row.tools else ("hermes",):
        yield f"None of this fits, but why not: {_in_format(_call(row), name)} There you are."


def call_before_a_closing_tag(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A call and a tag that would make it reasoning; a call without markers names a tool."""
    for text in call_in_every_format(row, gold, rng):
        if row.tools or marked(text):
            closing = rng.choice(sorted(REASONING.values()))
            yield f"{text}\n{closing}\nWhich day do you mean?"


def broken_call(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    text = _in_format(_call(row), "hermes")
    yield text[: len(text) // 2]
    yield f"<tool_call>\n{{oops\n</tool_call>\n{text}"
    yield "<tool_call>"
    yield "[TOOL_CALLS] [{"
    yield "<tool_call>\n" + "[" * BOMB
    yield '<tool_call>{"name": "", "arguments": {}}</tool_call>'
    if row.tools:
        name = row.tools[0]["function"]["name"]
        yield f"[{name}("
        yield f'{{"name": "{name}", "arguments": '


def call_to_another_tool(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for form in MARKED:
        yield form.render([UNKNOWN])


def _call(row: Row) -> Call:
    return example_call(row.tools[0]) if row.tools else UNKNOWN


def _in_format(call: Call, name: str) -> str:
    return wires.get(name).render([call])
